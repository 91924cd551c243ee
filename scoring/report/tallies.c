#include "scoring/report/tallies.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/report/answers.h"

uint64_t tally_severity(const struct catalogue *catalogue, const struct scorecard *scorecard, int severity)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++)
        if (severity == 0 || catalogue->items[scorecard->items[i].item].severity == severity)
            count += scorecard->items[i].count;
    return count;
}

static int service_compare(const void *a, const void *b)
{
    return strcmp(((const struct service_ports *)a)->service, ((const struct service_ports *)b)->service);
}

enum status service_tally_make(const struct report *report, const char *organization,
                               struct service_tally *tally)
{
    struct answers answers;
    *tally = (struct service_tally){0};
    enum status status = answers_collect(report, organization, &answers);
    if (status != STATUS_OK)
        return status;
    size_t kept = 0;
    tally->items = calloc(answers.count + 1, sizeof *tally->items);
    for (size_t i = 0; tally->items && i < answers.count; i++)
        tally->items[i] = (struct service_ports){answers.items[i].service, 1};
    if (tally->items)
        qsort(tally->items, answers.count, sizeof *tally->items, service_compare);
    for (size_t i = 0; tally->items && i < answers.count; i++)
        if (kept && service_compare(&tally->items[kept - 1], &tally->items[i]) == 0)
            tally->items[kept - 1].ports++;
        else
            tally->items[kept++] = tally->items[i];
    tally->count = kept;
    answers_deinit(&answers);
    return tally->items ? STATUS_OK : STATUS_NO_MEMORY;
}

void service_tally_deinit(struct service_tally *tally)
{
    free(tally->items);
    *tally = (struct service_tally){0};
}
