#ifndef TESTS_BENCH_NATION_H
#define TESTS_BENCH_NATION_H

#include "scoring/index.h"

/* Findings of many organizations, made from a seed: the same in every run. Sizes are skewed (the largest
   organizations have some fifty times what the median has), items are those of the built-in catalogue, some
   far more common than others, a third of the findings report again what another one did, with other values.
   Nothing here is measured on hospitals. */
struct nation {
    const struct catalogue *catalogue;
    uint64_t seed;
    size_t organizations;
    uint64_t findings; /* of all of them, about */
    double sizes_sum;  /* of all organizations' relative sizes */
};

/* One organization's, good until the next. */
struct nation_findings {
    char organization[16]; /* "h00017" */
    struct finding *items; /* their texts are borrowed */
    size_t count, capacity;
};

void nation_init(struct nation *nation, const struct catalogue *catalogue, uint64_t seed,
                 size_t organizations, uint64_t findings);
/* Those of the organization with this number, in no order of theirs. False when memory is out. */
bool nation_make(const struct nation *nation, size_t number, struct nation_findings *findings);

#endif
