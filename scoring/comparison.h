#ifndef SCORING_COMPARISON_H
#define SCORING_COMPARISON_H

#include "scoring/census.h"

/* What a store knows of some organizations against a baseline (model.md §6). Every test is exact, and p-values
   of what is looked at together are corrected together (Holm): the exposures counted by one denominator, the
   bands. */

#define COMPARISON_LEVEL  0.05
#define COMPARISON_COUNTS 20 /* with fewer hosts (or organizations) only the counts are told */

enum comparison_word {
    WORD_ABOVE,
    WORD_BELOW,
    WORD_INDISTINCT, /* not distinguishable */
    WORD_COUNTS,     /* only counts: `why` tells why there is no word */
};

/* Why there is no word, or a more careful one. */
enum comparison_why {
    WHY_NONE,
    WHY_FEW,       /* fewer than COMPARISON_COUNTS */
    WHY_NOT_ASKED, /* the ports were asked nowhere */
    WHY_PARTLY,    /* not all of them everywhere: below would not be safe to say */
    WHY_CERTAIN,   /* the baseline's figure is 0 or 1: no test */
    WHY_BOUND,     /* the baseline gives a bound only */
    WHY_UNCOUNTED, /* the denominator is not known here */
    WHY_TOO_MANY,  /* more than BINOMIAL_MOST */
};

/* A figure of the baseline and what was counted beside it. */
struct comparison_share {
    const struct figure *figure;
    const char *part;             /* of the figure: the band; NULL: the whole figure */
    size_t exposure;              /* SIZE_MAX: none, a band */
    enum denominator denominator; /* by which it is counted here */
    bool unlike;                  /* the figure's own is another, and known: forced */
    struct proportion proportion;
    double interval[2];                 /* Wilson's, of the proportion */
    double baseline;                    /* the figure's share */
    double baseline_interval[2];        /* Wilson's; NAN where its counts are not known */
    double lift, lift_interval[2];      /* proportion / baseline, Clopper and Pearson */
    double p_more, p_two_sided, p_holm; /* NAN: no test */
    size_t family;                      /* over how many tests Holm corrected */
    double zero_from;                   /* where the count is 0: so many would exclude the figure */
    enum comparison_word word;
    enum comparison_why why;
};

/* The figure of a mean, which stands beside the mean of the indices. */
struct comparison_mean {
    const struct figure *figure; /* NULL: the baseline has none */
    enum comparison_word word;
    enum comparison_why why;
};

struct comparison_options {
    const struct catalogue *catalogue;
    const struct census_options *subject; /* what the census was made by */
    enum denominator
        denominator; /* by which hosts are counted; DENOMINATOR_UNKNOWN: as each figure has it, and
                                     hosts with an open port where that is not known */
    bool force;      /* compare unlike denominators all the same */
};

struct comparison {
    const struct baseline *baseline;
    const struct exposures *exposures;
    const struct census *census;
    const struct catalogue *catalogue;
    const struct census_options *subject;
    struct comparison_share *shares; /* figures with ports, in the baseline's order */
    size_t shares_count;
    struct comparison_share *bands; /* four for each figure of bands; none for a single organization */
    size_t bands_count;
    struct comparison_mean mean;
    struct census_indices indices;
    bool calibrated; /* that g, or how the indices were made, is the baseline's */
};

/* The first figure whose denominator is known and another than this, where the baseline has no like one of the
   same ports; NULL for none. Comparing with it is what `force` is for. */
const struct figure *comparison_unlike(const struct baseline *baseline, enum denominator denominator);
/* Borrows all of them. STATUS_MISMATCH: comparison_unlike has one, and it was not forced. */
MUST_USE enum status comparison_make(const struct baseline *baseline, const struct exposures *exposures,
                                     const struct census *census, const struct comparison_options *options,
                                     struct comparison *comparison_out);
void comparison_deinit(struct comparison *comparison);
/* Are there enough to tell more than the counts: a share, its interval, a lift? */
bool comparison_tells(struct proportion proportion);
/* "above", "高于"; the records' words are those in English. */
const char *comparison_word_name(enum comparison_word word, enum language language);
/* A clause; "" for WHY_NONE. */
const char *comparison_why_name(enum comparison_why why, enum language language);

#endif
