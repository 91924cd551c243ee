#ifndef SCORING_DEADLINE_H
#define SCORING_DEADLINE_H

#include "scoring/finding.h"

/* By when a finding is to be mended: a file of rules over whether such a thing is known to be exploited, whether it
   is exposed, whether exploiting it can be automated, and what it gives away. scoring/data/deadlines.json is compiled
   in, and says what of it is CISA's (BOD 26-04, table 1) and what is ours. */

enum deadline_impact { IMPACT_PARTIAL, IMPACT_TOTAL, IMPACT_BY_SEVERITY };

/* What it asks of a finding, or takes as it comes. */
enum deadline_asked { ASKED_NO, ASKED_YES, ASKED_ANY };

/* The first rule that fits decides; together they fit everything. */
struct deadline_rule {
    enum deadline_asked exploited, exposed, automatable;
    enum deadline_asked total; /* the impact */
    int days;                  /* 0: at the next upgrade */
    bool examine;              /* look for signs that it was used already */
    struct words words;
};

/* What is known of an item of a catalogue. */
struct deadline_item {
    char *id;
    bool exploited, automatable;
    enum deadline_impact impact;
    int days; /* whatever the rules say; -1: by the rules */
    bool examine;
    struct words reason;
};

struct deadlines {
    char *name;
    struct words source;
    double exposed_from; /* an exposure weight from which a finding is exposed (model.md §3) */
    int total_from;      /* the severity from which the impact of an item that says nothing is total */
    struct deadline_rule *rules;
    size_t rules_count;
    struct deadline_item *items; /* sorted by id */
    size_t items_count;
};

/* A file's path; NULL: the one that is compiled in. STATUS_WRONG_FILE: the complaints say what and where, and it is
   left empty, as after every failure. */
MUST_USE enum status deadlines_load(struct deadlines *deadlines, const char *path,
                                    struct complaints *complaints);
MUST_USE enum status deadlines_parse(struct deadlines *deadlines, const char *text, size_t size,
                                     struct complaints *complaints);
void deadlines_deinit(struct deadlines *deadlines);

/* Texts are borrowed from the deadlines. */
struct deadline {
    int days; /* 0: at the next upgrade */
    bool examine;
    const char *rule_en, *rule_zh;
    const char *reason_en,
        *reason_zh; /* why the item counts as exploited or automatable; "" where it does not */
    int due_day;    /* YYYYMMDD; 0: none, or it is not known since when the finding is there */
    bool overdue;   /* today is after that day */
};

/* `exposure` is the finding's weight where it names none, first_ms when it was first seen (0: not known), whose UTC
   day is counted from. */
struct deadline deadline_of(const struct deadlines *deadlines, const struct catalogue *catalogue, size_t item,
                            const struct finding *finding, double exposure, int64_t first_ms, int today);

#endif
