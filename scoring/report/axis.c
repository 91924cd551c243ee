#include "scoring/report/axis.h"

#include <math.h>
#include <stdlib.h>

double axis_place(const struct axis *axis, double value)
{
    double part = (value - axis->low) / (axis->high - axis->low);
    double place = 100 * (part > 0 ? part < 1 ? part : 1 : 0); /* NAN: 0 */
    return axis->upward ? 100 - place : place;
}

/* The round number at or above. */
static double step_of(double rough)
{
    static const double steps[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(rough)));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i] * power >= rough * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

size_t axis_ticks(const struct axis *axis, size_t wanted, double ticks_out[AXIS_TICKS_MAX])
{
    double step = step_of((axis->high - axis->low) / (double)(wanted < 2 ? 2 : wanted));
    double first = ceil(axis->low / step - 1e-9);
    size_t count = 0;
    while (count < AXIS_TICKS_MAX && (first + (double)count) * step <= axis->high + step * 1e-9) {
        ticks_out[count] = (first + (double)count) * step;
        count++;
    }
    return count;
}

struct axis axis_from_zero(double most)
{
    if (!(most > 0))
        return (struct axis){.low = 0, .high = 1};
    double step = step_of(most / 4);
    return (struct axis){.low = 0, .high = ceil(most / step - 1e-9) * step};
}

struct axis axis_around(double least, double most)
{
    if (!(most > least)) {
        least -= 0.5;
        most = least + 1;
    }
    double step = step_of((most - least) / 4);
    return (struct axis){.low = floor(least / step + 1e-9) * step, .high = ceil(most / step - 1e-9) * step};
}

static int label_compare(const void *a, const void *b)
{
    const struct label *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

void labels_spread(struct label *labels, size_t count, double gap, double most)
{
    if (count)
        qsort(labels, count, sizeof *labels, label_compare);
    for (size_t i = 0; i < count; i++) {
        double least = i ? labels[i - 1].placed + gap : 0;
        labels[i].placed = labels[i].at > least ? labels[i].at : least;
    }
    for (size_t i = count; i > 0; i--) {
        double limit = i == count ? most : labels[i].placed - gap;
        if (labels[i - 1].placed > limit)
            labels[i - 1].placed = limit;
    }
}
