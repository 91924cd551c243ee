#ifndef SCANNER_COMMANDS_OPTION_H
#define SCANNER_COMMANDS_OPTION_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "scoring/report/report.h"

/* Reading option values. Each says on standard error which option is wrong and what would be right, and then
 * returns false. */
bool option_rate(const char *option, const char *text, double *rate_out); /* "1000", "20k", "1.5M", > 0 */
bool option_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *number_out);
/* "CONNECT[,PORT[,HOST]]" in seconds; what is left out stays. */
bool option_timeouts(const char *option, const char *text, unsigned *connect_ms, unsigned *port_ms,
                     unsigned *host_ms);
bool option_shard(const char *option, const char *text, uint32_t *shard_out,
                  uint32_t *shards_out); /* "2/8" */
bool option_language(const char *option, const char *text, enum language *language_out);
bool option_vantage(const char *option, const char *text, enum vantage *vantage_out);
bool option_ports(const char *option, const char *text, struct ports *ports_out);

/* How a command reads its options: `take` gets each but --help, and says what is wrong before it returns
   false. */
struct options {
    const char *command;
    const char *letters; /* as getopt_long wants them, with ":" first */
    const struct option *known;
    const char *help; /* "{forms}" in it stands for the names of report_forms, wrapped where it stands */
    bool (*take)(void *settings, int option, char *value);
};
/* -1: go on, optind being the first argument that is no option; otherwise the exit code. */
int options_read(const struct options *options, void *settings, int argc, char **argv);

/* What getopt_long could not use: says so. */
void option_unknown(const char *command, char **argv, int place, int character);
/* zh when the user's locale begins with it, else en. */
enum language option_language_default(void);

#define OPTION_SOURCES_MAX 16
/* Keeps one more of a repeatable option's values, borrowed; false when there are OPTION_SOURCES_MAX already. */
bool option_source(const char *value, const char **sources, size_t *count);
/* What --fail-on names. */
struct fail_on {
    bool new_findings; /* new or back against the scan before */
    bool gate;         /* a gate is in force for an organization */
};
bool option_fail_on(const char *option, const char *text, struct fail_on *fail_on);
#define OPTION_OUTPUTS_MAX 8

/* -o FORM[=FILE], repeatable. */
struct output {
    const struct report_form *form;
    const char *path; /* NULL or "-": standard output */
};
struct outputs {
    struct output items[OPTION_OUTPUTS_MAX];
    size_t count;
};
/* `text` is kept and changed. */
bool option_output(const char *option, char *text, struct outputs *outputs);
/* The same for a command that has other forms than a run's report. */
bool option_output_of(const char *option, char *text, const struct report_form *const *forms,
                      struct outputs *outputs);
/* The form for when none was named: table on a terminal, jsonl elsewhere. */
void outputs_default(struct outputs *outputs);
void outputs_default_of(struct outputs *outputs, const struct report_form *const *forms);
/* Can they be written without addresses (report/withheld.h)? False: one has nothing else to say, and that was said. */
bool outputs_withhold(const struct outputs *outputs);
/* Writes every form; a file is written beside its place and then moved there, so that it is never half. */
enum status outputs_write(const struct outputs *outputs, struct report *report);

#endif
