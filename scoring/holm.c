#include "scoring/holm.h"

#include <math.h>
#include <stdlib.h>

static int value_compare(const void *a, const void *b)
{
    double left = **(const double *const *)a, right = **(const double *const *)b;
    return (left > right) - (left < right);
}

enum status holm_adjust(const double *values, size_t count, double *adjusted_out)
{
    const double **order = calloc(count + 1, sizeof *order);
    if (!order)
        return STATUS_NO_MEMORY;
    size_t tests = 0;
    for (size_t i = 0; i < count; i++) {
        adjusted_out[i] = values[i];
        if (!isnan(values[i]))
            order[tests++] = &values[i];
    }
    qsort(order, tests, sizeof *order, value_compare);
    double largest = 0;
    for (size_t i = 0; i < tests; i++) {
        largest = fmax(largest, fmin(1, *order[i] * (double)(tests - i)));
        adjusted_out[order[i] - values] = largest;
    }
    free(order);
    return STATUS_OK;
}
