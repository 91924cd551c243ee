#ifndef SCORING_FEEDS_STIX_ID_H
#define SCORING_FEEDS_STIX_ID_H

#include <stdbool.h>
#include <stdint.h>

/* An identifier "indicator--9f3c…" (STIX 2.1 §2.9): its UUID and a hash of its type. */
struct stix_id {
    uint64_t high, low;
    uint32_t type;
};
#define STIX_ID_TEXT_MAX 64
bool stix_id_parse(const char *text, struct stix_id *id_out);
int stix_id_compare(const void *a, const void *b);

#endif
