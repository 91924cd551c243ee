#include "scoring/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/student.h"

#define CONFIDENCE 0.95

static const char *const keys[] = {"province", "level"};

/* What an organization has to do with a group's key; NULL when it has none. */
static const char *value_of(const struct report_organization *organization, const char *key)
{
    return strcmp(key, "all") == 0 ? "all" : organization_tag(organization->organization, key);
}

static bool belongs(const struct report_organization *organization, const struct cohort *cohort)
{
    const char *value = value_of(organization, cohort->key);
    return organization->scorecard->assessed && value && strcmp(value, cohort->value) == 0;
}

/* In the order of the organizations, twice over: the mean first, so that the spread loses no digits. */
static void measure(struct cohort *cohort, const struct report_organization *organizations, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        if (belongs(&organizations[i], cohort)) {
            cohort->organizations++;
            cohort->bands[organizations[i].scorecard->band]++;
            sum += organizations[i].scorecard->index_exact;
        }
    double n = (double)cohort->organizations;
    cohort->mean = sum / n;
    cohort->interval[0] = cohort->interval[1] = (double)NAN;
    if (cohort->organizations < 2)
        return;
    for (size_t i = 0; i < count; i++)
        if (belongs(&organizations[i], cohort))
            squares += pow(organizations[i].scorecard->index_exact - cohort->mean, 2);
    double reach = student_quantile((1 + CONFIDENCE) / 2, n - 1) * sqrt(squares / (n - 1) / n);
    cohort->interval[0] = fmax(0, cohort->mean - reach);
    cohort->interval[1] = fmin(1000, cohort->mean + reach);
}

static bool known(const struct cohorts *cohorts, const char *key, const char *value)
{
    for (size_t i = 0; i < cohorts->count; i++)
        if (strcmp(cohorts->items[i].key, key) == 0 && strcmp(cohorts->items[i].value, value) == 0)
            return true;
    return false;
}

static void gather(struct cohorts *cohorts, const struct report_organization *organizations, size_t count,
                   const char *key)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(&organizations[i], key);
        if (!organizations[i].scorecard->assessed || !value || known(cohorts, key, value))
            continue;
        cohorts->items[cohorts->count++] = (struct cohort){.key = key, .value = value};
    }
}

static int value_compare(const void *a, const void *b)
{
    return strcmp(((const struct cohort *)a)->value, ((const struct cohort *)b)->value);
}

enum status cohorts_make(const struct report_organization *organizations, size_t count,
                         struct cohorts *cohorts_out)
{
    size_t most = (sizeof keys / sizeof keys[0]) * count + 1;
    *cohorts_out = (struct cohorts){calloc(most, sizeof(struct cohort)), 0};
    if (!cohorts_out->items)
        return STATUS_NO_MEMORY;
    gather(cohorts_out, organizations, count, "all");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t first = cohorts_out->count;
        gather(cohorts_out, organizations, count, keys[i]);
        qsort(cohorts_out->items + first, cohorts_out->count - first, sizeof(struct cohort), value_compare);
    }
    for (size_t i = 0; i < cohorts_out->count; i++)
        measure(&cohorts_out->items[i], organizations, count);
    return STATUS_OK;
}

void cohorts_deinit(struct cohorts *cohorts)
{
    free(cohorts->items);
    *cohorts = (struct cohorts){0};
}
