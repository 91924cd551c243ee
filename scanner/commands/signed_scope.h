#ifndef SCANNER_COMMANDS_SIGNED_SCOPE_H
#define SCANNER_COMMANDS_SIGNED_SCOPE_H

#include "scanner/commands/option.h"
#include "targets/scope.h"
#include "targets/signature.h"

/* Scopes that only count when an owner has signed them (targets/signature.h). */

#define SIGNED_SUFFIX  ".sig"
#define SIGNED_WHY_MAX 512

/* The file that makes this so for everybody on a machine: the absolute paths of public keys, one a line, # before a
   remark. Where it is not there nothing is required by it; one that can't be read, or names no key, refuses every
   scope. Its place is fixed when the program is built (cmake -DAUSCULT_REQUIRE_SIGNATURE=PATH) and nothing in the
   environment or on the command line changes it. It keeps users of this program from scanning by mistake or on their
   own what was not signed; somebody who may bring along another program does not need this one. */
extern const char *const signed_scope_required;

/* What reading came to. */
struct signed_scope {
    char key_id[HASH_TEXT_MAX]; /* who signed; "": no signature was required */
    char hash[HASH_TEXT_MAX];   /* of the file's bytes; "": it could not be read */
    char why[SIGNED_WHY_MAX];   /* it was refused; "": it was not */
};

/* Reads a scope file once: what is checked against its signature is what is parsed. Keys are those of
   --require-signature; a machine's file requires one of its own keys as well, so that the option can only narrow
   that. -1: the scope is read and the caller's to deinit; otherwise the exit code, said on standard error: 3 when a
   signature is required and missing, foreign or of other bytes. */
int signed_scope_read(struct scope *scope, const char *path, const char *required, const char *const *keys,
                      size_t keys_count, struct signed_scope *result);

/* Why the signature beside the scope file is none of its bytes by one of the keys, a sentence without its end; true when
   it is one. */
bool signed_scope_check(const char *path, const char *text, size_t size, const struct signing_key *keys,
                        size_t keys_count, struct signature *signature_out, char why[SIGNED_WHY_MAX]);

#endif
