#ifndef TESTS_SCORING_SAMPLE_H
#define TESTS_SCORING_SAMPLE_H

#include "scoring/index.h"

/* Numbers that are the same in every run, so that a failure comes back. */
struct chance {
    uint64_t state;
};

uint64_t chance_below(struct chance *chance, uint64_t count);
bool chance_of(struct chance *chance, uint64_t one_in);

/* A random catalogue of some domains, dimensions and items, random findings of one organization in it with
   all units, repeated places, values of their own and counts, and what was assessed besides. */
struct sample {
    struct catalogue catalogue;
    struct finding *findings;
    size_t findings_count;
    bool *assessed; /* per item */
    struct index_options options;
};

void sample_init(struct sample *sample, struct chance *chance);
void sample_deinit(struct sample *sample);
/* Parses a catalogue that must be right. */
void sample_catalogue(struct catalogue *catalogue, const char *text);
/* The index of the findings in the order that `order` gives (NULL: as they are), scored again in between
   where `parts` is set. Frees nothing of the sample. */
void sample_score(const struct sample *sample, const size_t *order, bool parts, struct index **index_out,
                  struct scorecard *scorecard_out);
/* One finding at an endpoint, everything else left to catalogue and scope; to be freed with finding_deinit.
 */
struct finding sample_finding(const char *item, uint32_t address, uint16_t port);

#endif
