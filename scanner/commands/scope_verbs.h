#ifndef SCANNER_COMMANDS_SCOPE_VERBS_H
#define SCANNER_COMMANDS_SCOPE_VERBS_H

/* What `auscult scope` can do besides check and show; argv[0] is the verb. Each returns the exit code. */
int scope_init(int argc, char **argv);
int scope_from(int argc, char **argv);
int scope_keygen(int argc, char **argv);
int scope_sign(int argc, char **argv);
int scope_verify(int argc, char **argv);

#endif
