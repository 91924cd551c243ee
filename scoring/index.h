#ifndef SCORING_INDEX_H
#define SCORING_INDEX_H

#include "scoring/finding.h"
#include "targets/scope.h"

/* loss → dimension → domain → score → index, model.md §3–§5, for one organization: findings are added one at
   a time in any order or in parts, and the result has the same bits (§8). Memory goes by its distinct
   occurrences; without_occurrences they are about 120 bytes each. */

enum band { BAND_POOR, BAND_FAIR, BAND_GOOD, BAND_EXCELLENT };
enum band band_of(int index);
const char *band_name(enum band band, enum language language); /* "good", "良好" */
const char *band_word(enum band band);                         /* for records: "good" */

struct index_options {
    double exposure;                         /* of a finding that names none: vantage_exposure */
    bool literal;                            /* make score and index_exact the literal ones */
    double informatization;                  /* NAN: f_ref */
    const struct organization *organization; /* assets; may be NULL */
    const struct scope *scope;               /* accepted risks; may be NULL */
    int today;                               /* YYYYMMDD, for accepted risks */
    size_t fixes_max;                        /* how many fixes get a set proposed; 0: 10 */
    bool without_occurrences;                /* the scorecard lists none, and no finding is kept */
    bool without_fixes;                      /* the scorecard proposes none */
};

double vantage_exposure(enum vantage vantage); /* 1.0, 0.6, 0.3 */

struct index; /* one organization's */

MUST_USE enum status index_new(const struct catalogue *catalogue, const struct index_options *options,
                               struct index **index_out);
void index_free(struct index **index);
/* Begins anew with another organization, in the same memory. What scorecards point to is gone. */
MUST_USE enum status index_reset(struct index *index, const struct index_options *options);
/* Was looked at, and counts as absent unless found. */
void index_assess(struct index *index, size_t item);
/* The finding's item must be known, its values possible: confidence and asset 0 to 5, exposure NAN or 0 to 1
   (STATUS_MISMATCH). Two reports on the same occurrence: the graver counts. */
MUST_USE enum status index_add(struct index *index, const struct finding *finding);

struct score_dimension {
    double score; /* NAN when it does not count: not assessed, and not literal */
    bool assessed;
};
struct score_item {
    size_t item;
    uint64_t count;    /* occurrences in force */
    uint64_t accepted; /* occurrences left out because their risk is accepted */
    double loss;       /* alpha · Bbase_Loss */
    double gain;       /* index without the item minus index_exact */
};
/* One occurrence, with the index that its absence alone would bring. */
struct score_occurrence {
    size_t item;
    const struct finding *finding; /* a copy of the index's; until more is added, or it is reset */
    double weight;                 /* b_e */
    double gain;                   /* of one, where the finding's count says that there are more */
};
/* The next best fix given those before it. */
struct score_fix {
    size_t item;
    double index_after;
    double gain; /* over the index before it */
};

struct scorecard {
    bool assessed; /* false: nothing at all was assessed, no index */
    int index;
    double index_exact;
    double score;
    enum band band;
    enum band gate;   /* the highest that may be shown; excellent: nothing gates */
    size_t *gated_by; /* items */
    size_t gated_by_count;
    double bounds[2];
    double literal;
    uint64_t
        marked; /* occurrences that are false positives by the scope, and are left out altogether; of an index without
                        occurrences, findings */
    double without_acceptance; /* index_exact with accepted risks counted; equal where none is in force */
    size_t items_assessed, dimensions_assessed, domains_assessed;
    struct score_dimension *domains;
    struct score_dimension *dimensions;
    bool *item_assessed;
    struct score_item *items; /* those found, ordered by gain, ties by severity, risk, asset, count, id */
    size_t items_count;
    struct score_occurrence *occurrences; /* ordered by gain, then item, then place */
    size_t occurrences_count;
    struct score_fix *fixes;
    size_t fixes_count;
};

/* How one occurrence stands. */
enum occurrence_state { OCCURRENCE_IN_FORCE, OCCURRENCE_ACCEPTED, OCCURRENCE_MARKED };
struct index_occurrence {
    size_t item;
    enum occurrence_state state;
    const struct finding *finding;    /* as score_occurrence has it */
    const struct accepted_risk *risk; /* by which it is accepted or marked; NULL where it is in force */
    double gain;                      /* as score_occurrence has it; 0 where it is not in force */
};
/* All of them, by item and place. Of an index that keeps findings; the caller frees *list_out. */
MUST_USE enum status index_occurrences(struct index *index, struct index_occurrence **list_out,
                                       size_t *count_out);
/* The order of that list between two of them, which may be of two indices: 0 when they are the same item at the same
   place. What has no place is the same as whatever else of its item has none. */
int index_occurrence_compare(const struct catalogue *catalogue, const struct index_occurrence *a,
                             const struct index_occurrence *b);
/* The index that there would be with one finding more, for each of these alone: a true re-evaluation. One that would
   be accepted or marked changes nothing, unless it is to count all the same. */
MUST_USE enum status index_with(struct index *index, const struct finding *const *findings, size_t count,
                                bool all_the_same, double *indices_out);

MUST_USE enum status index_score(struct index *index, struct scorecard *scorecard_out);
void scorecard_deinit(struct scorecard *scorecard);
/* Occurrences that are left out because their risk is accepted. */
uint64_t scorecard_accepted(const struct scorecard *scorecard);

/* The single formulas, for tests and explanations. */
int index_round(double index); /* the published whole number, half up (model.md §1) */
double index_frequency(const struct catalogue *catalogue, double threshold, uint64_t count);
double index_g(const struct g *g, double score, double informatization);

#endif
