#ifndef SCORING_BASELINE_H
#define SCORING_BASELINE_H

#include <stdio.h>

#include "scoring/catalogue.h"
#include "targets/scope.h"

/* A baseline (model.md §6, §7): what others have seen, figure by figure, to be compared with. A JSON file:
   { "auscult_baseline": 1, "name": "cn-2018-08", "date": "2018-08", "population": {"zh", "en"},
     "source": {"zh", "en"}, "vantage": "internet", "catalogue": "…", "g": "…",
     "figures": [ { "id": "open-3306", "zh": "…", "en": "…", "population": {…}, "note": {…}, "ports": "3306",
                    "denominator": "unknown", "share": 0.0343, "bound": "about", "count": 3, "of": 87 } ] }
   A figure has one value: a "share", of which "count" and "of" are told where they are known (then they are
   its value), a "mean" index, the shares per band as "bands", or a "number". "vantage" says from where its
   hosts were seen, "catalogue" and "g" by what its indices were made, where that is known. */

/* What a share is a share of. The first three count addresses, and are kept apart. */
enum denominator {
    DENOMINATOR_ADDRESS,      /* addresses that were authorized */
    DENOMINATOR_ANSWERED,     /* addresses that answered at all */
    DENOMINATOR_HOST,         /* hosts with at least one open port */
    DENOMINATOR_ORGANIZATION, /* organizations */
    DENOMINATOR_OTHER,        /* what no scan counts: computers, apps, attacks */
    DENOMINATOR_UNKNOWN,      /* the source does not say */
};
const char *denominator_word(enum denominator denominator); /* as in the file: "answered" */
const char *denominator_name(enum denominator denominator, enum language language);

enum figure_kind { FIGURE_SHARE, FIGURE_MEAN, FIGURE_BANDS, FIGURE_NUMBER };
/* How near the value is to what the source found. */
enum figure_bound { BOUND_EXACT, BOUND_ABOUT, BOUND_ABOVE, BOUND_BELOW };

struct figure {
    char *id;
    struct words name;
    struct words population; /* empty: the baseline's */
    struct words note;       /* may be empty */
    enum figure_kind kind;
    enum figure_bound bound;
    enum denominator denominator;
    struct ports ports; /* a share of those with any of these open; count 0: of something else */
    double value;       /* the share (0 to 1), mean index or number; NAN for bands */
    double bands[4];    /* by enum band */
    uint64_t count, of; /* of 0: not known */
    bool count_known;
    double interval[2]; /* of a mean, 95 %; NAN where it is not known */
};

struct baseline {
    char *name;
    char *date; /* "2018", "2018-08" or "2018-08-31" */
    struct words population;
    struct words source;
    bool vantage_known;
    enum vantage vantage;
    char *catalogue; /* may be NULL */
    char *g;         /* g_label of what its indices were made by; may be NULL */
    struct figure *figures;
    size_t figures_count;
};

#define BASELINE_DEFAULT     "cn-2018-08"
#define BASELINE_FIGURES_MAX 2000

/* The built-in of that name or the file at that path. STATUS_WRONG_FILE with complaints; the baseline is empty
   then, as after every failure. */
MUST_USE enum status baseline_load(struct baseline *baseline, const char *source,
                                   struct complaints *complaints);
MUST_USE enum status baseline_parse(struct baseline *baseline, const char *text, size_t size,
                                    struct complaints *complaints);
void baseline_deinit(struct baseline *baseline);
/* The names of the built-in ones, one after the other; NULL at their end. */
const char *baseline_built_in(size_t place);
/* Writes it as a file that baseline_load reads. */
MUST_USE enum status baseline_write(const struct baseline *baseline, FILE *stream);
const struct words *figure_population(const struct figure *figure, const struct baseline *baseline);
const char *figure_bound_word(enum figure_bound bound); /* as in the file; "" where it is exact */

#endif
