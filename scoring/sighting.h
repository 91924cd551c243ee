#ifndef SCORING_SIGHTING_H
#define SCORING_SIGHTING_H

#include "scoring/index.h"

/* A finding as the index takes it: what it leaves out filled in (contract.md, "what it leaves out takes the
   catalogue's values"), and its weight. */
struct sighting {
    double weight; /* b_e */
    double exposure;
    uint8_t asset, confidence;
    bool gates;              /* by its own values (model.md §4, "Gate") */
    bool accepted;           /* its risk is accepted today */
    bool marked;             /* the scope says today that it is none; goes before `accepted` */
    struct finding *finding; /* who keeps sightings may keep a copy here; NULL: not kept */
};

/* By what the findings of one organization are weighed. Borrows catalogue and options. */
struct weighing {
    const struct catalogue *catalogue;
    const struct index_options *options;
    const struct accepted_risk **risks; /* those of the scope that may hold for it today */
    size_t risks_count;
    const struct accepted_risk **marks; /* of false positives, likewise */
    size_t marks_count;
};

MUST_USE enum status weighing_init(struct weighing *weighing, const struct catalogue *catalogue,
                                   const struct index_options *options);
void weighing_deinit(struct weighing *weighing);

/* The entry by which a finding's risk is accepted, or by which it is a false positive; NULL: none. */
const struct accepted_risk *weighing_risk(const struct weighing *weighing, const struct finding *finding);
const struct accepted_risk *weighing_mark(const struct weighing *weighing, const struct finding *finding);

/* Could an item have these values? Confidence and asset 0 to 5, exposure NAN or 0 to 1. */
bool sighting_possible(const struct finding *finding);
struct sighting sighting_of(const struct weighing *weighing, size_t item, const struct finding *finding);
/* The graver first; 0: equally grave. */
int sighting_compare(const struct sighting *a, const struct sighting *b);
/* What is left to tell two equally grave findings apart, so that which of them speaks for an occurrence does
   not hang on their order; 0 only for what nothing tells apart. */
int sighting_content_compare(const struct finding *a, const struct finding *b);

#endif
