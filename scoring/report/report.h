#ifndef SCORING_REPORT_REPORT_H
#define SCORING_REPORT_REPORT_H

#include <stdio.h>

#include "scoring/evidence.h"
#include "scoring/index.h"

struct changes;
struct deadline;
struct cohort_view;
struct comparison;
struct deadlines;

/* What may be shown of one organization. Borrowed. */
struct report_organization {
    const struct organization *organization; /* id and name; tags may be missing when there is no scope */
    const struct scorecard *scorecard;
    uint64_t authorized, asked, answered, open_hosts;
    bool counts_known; /* those four are known */
    /* Hosts that answer everywhere, their ports that count for it as synthetic; and hosts that look like it at which
       the authorization allowed no control port, so that their ports count as open. */
    uint64_t synthetic_hosts, synthetic, undetermined_hosts;
};

/* Everything that a form may show of one run and of the imports that are in force beside it. Borrowed. */
struct report {
    const struct catalogue *catalogue;
    const struct store_run *run;   /* NULL: scored from records alone */
    const struct store_pace *pace; /* how it asked; NULL: not known */
    const char *scope_reference;   /* may be NULL */
    const struct scope *scope;     /* for the accepted risks in words; may be NULL */
    int today;                     /* YYYYMMDD, by which they are in force */
    const struct report_organization *organizations;
    size_t organizations_count;
    const struct namings *namings; /* what the scope's names were resolved to; NULL: none */
    struct evidence *evidence;     /* for observations and findings; NULL: none */
    enum language language;
    bool terminal; /* colours and the width of a terminal may be used */
    unsigned width;
    bool assessed_by_findings_only; /* nothing said what was looked at (contract.md): the form says so */
    uint64_t open_endpoints, synthetic_endpoints;
    uint64_t findings;
    double seconds;
    bool complete;
    bool without_addresses;            /* what says where was taken out (withheld.h) */
    const struct changes *changes;     /* against an earlier run (changes.h); NULL: there is none */
    const struct deadlines *deadlines; /* deadline.h; NULL: none are given */
    const struct comparison
        *comparison; /* with a baseline (comparison.h), of these organizations; NULL: none */
    const struct cohort_view *cohorts; /* for those of cohort_forms.h alone */
};

struct cohorts;
/* Its organizations taken together by every key that they carry; those without an index are left out. */
MUST_USE enum status report_cohorts(const struct report *report, struct cohorts *cohorts_out);

/* Since when an occurrence is there: by the changes, else by the run alone; 0: nobody knows. */
int64_t report_first_ms(const struct report *report, const char *organization, size_t item,
                        const struct finding *finding);
/* By when it is to be mended; days -1 where the report has no deadlines. */
struct deadline report_deadline(const struct report *report, const char *organization, size_t item,
                                const struct finding *finding);

/* One form, one file. */
struct report_form {
    const char *name; /* "table", "json", "jsonl" */
    bool occurrences; /* shows those of the scorecards */
    enum status (*write)(const struct report *report, FILE *stream);
    bool doors;    /* has nothing to say without addresses */
    bool compares; /* shows the report's comparison, too */
    bool changes;  /* shows what changed since an earlier run */
    bool printed;  /* writes HTML for a browser to print */
};
extern const struct report_form *const report_forms[]; /* ended by NULL */
const struct report_form *report_form_named(const char *name);

#endif
