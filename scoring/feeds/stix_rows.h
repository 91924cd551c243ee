#ifndef SCORING_FEEDS_STIX_ROWS_H
#define SCORING_FEEDS_STIX_ROWS_H

#include <stddef.h>

#include "scoring/feeds/stix_id.h"
#include "targets/status.h"

/* Rows of one size that each begin with a struct stix_id, gathered and then found by it. */
struct stix_rows {
    void *rows;
    size_t count, capacity;
};

#define STIX_ROWS_MAX 1000000u

/* A copy behind those that are there. STATUS_LIMIT at the cap. */
MUST_USE enum status stix_rows_add(struct stix_rows *rows, const void *row, size_t size);
void stix_rows_deinit(struct stix_rows *rows);
void stix_rows_sort(struct stix_rows *rows, size_t size);
/* The first row of that id in sorted rows; NULL when there is none. The others follow it, up to *end_out. */
const void *stix_rows_find(const struct stix_rows *rows, size_t size, const struct stix_id *id,
                           const void **end_out);

#endif
