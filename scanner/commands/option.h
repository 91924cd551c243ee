#ifndef SCANNER_COMMANDS_OPTION_H
#define SCANNER_COMMANDS_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "scoring/report/report.h"

/* Reading option values. Each says on standard error which option ("--rate") is wrong and what would be right, and
   then returns false. These have the form that struct option_row (options.h) wants: `text` is kept and may be changed,
   `place` is what their comment says. */
bool option_flag(const char *option, char *text, void *place);     /* bool: true; there is no text */
bool option_text(const char *option, char *text, void *place);     /* const char *: the text */
bool option_source(const char *option, char *text, void *place);   /* struct sources: one more */
bool option_rate(const char *option, char *text, void *place);     /* double: "1000", "20k", "1.5M", > 0 */
bool option_language(const char *option, char *text, void *place); /* enum language */
bool option_vantage(const char *option, char *text, void *place);  /* enum vantage */
bool option_ports(const char *option, char *text, void *place);    /* struct ports */
bool option_fail_on(const char *option, char *text, void *place);  /* struct fail_on: one more */
bool option_output(const char *option, char *text,
                   void *place); /* struct outputs: -o FORM[=FILE], one more */

bool option_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *number_out);
/* "CONNECT[,PORT[,HOST]]" in seconds; what is left out stays. */
bool option_timeouts(const char *option, const char *text, unsigned *connect_ms, unsigned *port_ms,
                     unsigned *host_ms);
bool option_shard(const char *option, const char *text, uint32_t *shard_out,
                  uint32_t *shards_out); /* "2/8" */

/* zh when the user's locale begins with it, else en. */
enum language option_language_default(void);

#define OPTION_SOURCES_MAX 16
/* A repeatable option's values, borrowed. */
struct sources {
    const char *items[OPTION_SOURCES_MAX];
    size_t count;
};
/* What --fail-on names. */
struct fail_on {
    bool new_findings; /* new or back against the scan before */
    bool gate;         /* a gate is in force for an organization */
};
#define OPTION_OUTPUTS_MAX 8

struct output {
    const struct report_form *form;
    const char *path; /* NULL or "-": standard output */
};
struct outputs {
    const struct report_form *const *forms; /* those that there are, up to NULL */
    struct output items[OPTION_OUTPUTS_MAX];
    size_t count;
};
/* The form for when none was named: table on a terminal, jsonl elsewhere. */
void outputs_default(struct outputs *outputs);
/* Can they be written without addresses (report/withheld.h)? False: one has nothing else to say, and that was said. */
bool outputs_withhold(const struct outputs *outputs);
/* Writes every form; a file is written beside its place and then moved there, so that it is never half. */
enum status outputs_write(const struct outputs *outputs, struct report *report);

#endif
