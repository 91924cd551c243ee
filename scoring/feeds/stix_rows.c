#include "scoring/feeds/stix_rows.h"

#include <stdlib.h>
#include <string.h>

enum status stix_rows_add(struct stix_rows *rows, const void *row, size_t size)
{
    if (rows->count == STIX_ROWS_MAX)
        return STATUS_LIMIT;
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 64;
        void *grown = reallocarray(rows->rows, capacity, size);
        if (!grown)
            return STATUS_NO_MEMORY;
        rows->rows = grown;
        rows->capacity = capacity;
    }
    memcpy((char *)rows->rows + rows->count++ * size, row, size);
    return STATUS_OK;
}

void stix_rows_deinit(struct stix_rows *rows)
{
    free(rows->rows);
    *rows = (struct stix_rows){0};
}

void stix_rows_sort(struct stix_rows *rows, size_t size)
{
    if (rows->count > 1)
        qsort(rows->rows, rows->count, size, stix_id_compare);
}

const void *stix_rows_find(const struct stix_rows *rows, size_t size, const struct stix_id *id,
                           const void **end_out)
{
    const char *all = rows->rows;
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stix_id_compare(all + middle * size, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < rows->count && stix_id_compare(all + end * size, id) == 0)
        end++;
    *end_out = rows->count ? all + end * size : NULL;
    return low < end ? all + low * size : NULL;
}
