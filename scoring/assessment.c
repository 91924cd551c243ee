#include "scoring/assessment.h"

#include <stdlib.h>
#include <string.h>

/* What is known of one organization while the run is gone through. */
struct tally {
    char *id;
    uint64_t addresses; /* that may be asked; without a scope the most that a port was asked at */
    bool counted;       /* the run says how often each port was asked */
    bool *determined;   /* per item: decided somewhere */
    bool *undetermined; /* per item: looked at and left open somewhere */
    bool *asked;        /* per item: one of its ports was asked everywhere */
};

struct assessment {
    struct store *store;
    const struct store_run *run;
    const struct catalogue *catalogue;
    const struct scope *scope;
    const struct assessment_sink *sink; /* NULL: the store */
    struct tally *tallies;
    size_t count;
    size_t last; /* that was asked for: rows come by organization */
    enum status status;
};

static void keep(struct assessment *assessment, enum status status)
{
    if (assessment->status == STATUS_OK)
        assessment->status = status;
}

static void tally_deinit(struct tally *tally)
{
    free(tally->id);
    free(tally->determined);
    free(tally->undetermined);
    free(tally->asked);
}

static enum status tally_init(struct tally *tally, const char *id, size_t items)
{
    *tally = (struct tally){.id = strdup(id)};
    tally->determined = calloc(items + 1, 1);
    tally->undetermined = calloc(items + 1, 1);
    tally->asked = calloc(items + 1, 1);
    return tally->id && tally->determined && tally->undetermined && tally->asked ? STATUS_OK
                                                                                 : STATUS_NO_MEMORY;
}

/* The tally of an organization; without a scope each gets one when it is first named. */
static struct tally *tally_of(struct assessment *assessment, const char *organization)
{
    size_t last = assessment->last;
    if (last < assessment->count && strcmp(assessment->tallies[last].id, organization) == 0)
        return &assessment->tallies[last];
    for (size_t i = 0; i < assessment->count; i++)
        if (strcmp(assessment->tallies[i].id, organization) == 0)
            return &assessment->tallies[assessment->last = i];
    if (assessment->scope)
        return NULL;
    struct tally *grown = realloc(assessment->tallies, (assessment->count + 1) * sizeof *grown);
    if (!grown) {
        keep(assessment, STATUS_NO_MEMORY);
        return NULL;
    }
    assessment->tallies = grown;
    keep(assessment,
         tally_init(&grown[assessment->count++], organization, assessment->catalogue->items_count));
    return assessment->status == STATUS_OK ? &grown[assessment->count - 1] : NULL;
}

static enum status count_addresses(const struct scope *scope, const struct organization *organization,
                                   uint64_t *count_out)
{
    struct ranges ranges;
    enum status status = ranges_copy(&ranges, &organization->ranges);
    if (status == STATUS_OK)
        status = ranges_subtract(&ranges, &scope->exclude);
    *count_out = ranges_size(&ranges);
    ranges_deinit(&ranges);
    return status;
}

static enum status tally_scope(struct assessment *assessment)
{
    const struct scope *scope = assessment->scope;
    if (!scope)
        return STATUS_OK;
    assessment->tallies = calloc(scope->organizations_count + 1, sizeof *assessment->tallies);
    if (!assessment->tallies)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < scope->organizations_count && status == STATUS_OK; i++) {
        struct tally *tally = &assessment->tallies[assessment->count++];
        status = tally_init(tally, scope->organizations[i].id, assessment->catalogue->items_count);
        if (status == STATUS_OK)
            status = count_addresses(scope, &scope->organizations[i], &tally->addresses);
    }
    return status;
}

/* An open port of unknown service may be what the item looks for. Our own probes say of each fact that it was
   not determined; another source is silent there, so that with it every question that stays open at one of the
   item's ports counts. */
static void leave_open(struct assessment *assessment, struct tally *tally,
                       const struct observation *observation)
{
    for (size_t i = 0; i < assessment->catalogue->items_count; i++) {
        const struct item *item = &assessment->catalogue->items[i];
        if (!item->when ||
            !ports_contain(&item->ports, observation->port.number, observation->port.transport))
            continue;
        if (strcmp(observation->service, "unknown") == 0 ||
            condition_judge(item->when, observation) == VERDICT_UNDETERMINED)
            tally->undetermined[i] = true;
    }
}

static enum status keep_finding(const struct assessment *assessment, const struct finding *finding)
{
    return assessment->sink ? assessment->sink->found(assessment->sink->context, finding)
                            : store_finding(assessment->store, assessment->run, finding);
}

static void judge(void *context, const char *organization, const struct observation *observation)
{
    struct assessment *assessment = context;
    struct tally *tally = tally_of(assessment, organization);
    struct judgement judgement;
    if (!tally || assessment->status != STATUS_OK)
        return;
    if (assessment->sink && assessment->sink->seen)
        keep(assessment, assessment->sink->seen(assessment->sink->context, organization, observation));
    if (assessment->status == STATUS_OK)
        keep(assessment, judgement_make(assessment->catalogue, observation, &judgement));
    if (assessment->status != STATUS_OK)
        return;
    for (size_t i = 0; i < judgement.items; i++) {
        tally->undetermined[i] = tally->undetermined[i] || judgement.undetermined[i];
        tally->determined[i] = tally->determined[i] || (judgement.asked[i] && !judgement.undetermined[i]);
    }
    for (size_t i = 0; i < judgement.count; i++) {
        free(judgement.findings[i].organization);
        judgement.findings[i].organization = strdup(organization);
        keep(assessment, judgement.findings[i].organization ? keep_finding(assessment, &judgement.findings[i])
                                                            : STATUS_NO_MEMORY);
    }
    judgement_deinit(&judgement);
    if (strcmp(observation->service, "unknown") == 0 || assessment->run->kind == RUN_IMPORT)
        leave_open(assessment, tally, observation);
}

static uint64_t sum_of(const struct store_count *count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof count->ends / sizeof count->ends[0]; i++)
        sum += count->ends[i];
    return sum;
}

static void count_most(void *context, const struct store_count *count)
{
    struct assessment *assessment = context;
    struct tally *tally = tally_of(assessment, count->organization);
    if (!tally)
        return;
    tally->counted = true;
    if (!assessment->scope && sum_of(count) > tally->addresses)
        tally->addresses = sum_of(count);
}

static void count_asked(void *context, const struct store_count *count)
{
    struct assessment *assessment = context;
    struct tally *tally = tally_of(assessment, count->organization);
    uint64_t asked = sum_of(count);
    if (!tally || asked < tally->addresses || asked == 0)
        return;
    for (size_t i = 0; i < assessment->catalogue->items_count; i++) {
        const struct ports *ports = &assessment->catalogue->items[i].ports;
        /* An item without ports is looked for wherever something answers. */
        if (ports->count == 0 || ports_contain(ports, count->port.number, count->port.transport))
            tally->asked[i] = true;
    }
}

/* What an import assesses, it covers for its own time. */
static enum status keep_assessed(const struct assessment *assessment, const char *organization,
                                 const char *item)
{
    const struct store_run *run = assessment->run;
    if (assessment->sink)
        return assessment->sink->assessed(assessment->sink->context, organization, item);
    if (run->kind == RUN_SCAN)
        return store_assessed(assessment->store, run, organization, item);
    const struct store_covered covered = {
        .item = item, .from_ms = run->from_ms, .until_ms = run->until_ms, .whole = true, .judged = true};
    return store_covers(assessment->store, run, organization, &covered);
}

static void conclude(struct assessment *assessment, const struct tally *tally)
{
    for (size_t i = 0; i < assessment->catalogue->items_count; i++) {
        const struct item *item = &assessment->catalogue->items[i];
        /* Bare observations of ours are of all that was asked; another source may have told of a few. */
        bool bare = assessment->run->kind == RUN_SCAN && tally->determined[i];
        bool looked = tally->counted ? tally->asked[i] : bare;
        bool left_open = tally->undetermined[i] && !tally->determined[i];
        if (item->when && looked && !left_open)
            keep(assessment, keep_assessed(assessment, tally->id, item->id));
    }
}

static void find(struct assessment *assessment)
{
    keep(assessment, tally_scope(assessment));
    if (assessment->status == STATUS_OK)
        keep(assessment, store_each_observation(assessment->store, assessment->run, NULL, judge, assessment));
}

static enum status release(struct assessment *assessment)
{
    for (size_t i = 0; i < assessment->count; i++)
        tally_deinit(&assessment->tallies[i]);
    free(assessment->tallies);
    return assessment->status;
}

static enum status end(struct assessment *assessment)
{
    if (assessment->status == STATUS_OK)
        keep(assessment, store_commit(assessment->store));
    return release(assessment);
}

enum status assessment_find(struct store *store, const struct store_run *run,
                            const struct catalogue *catalogue)
{
    struct assessment assessment = {.store = store, .run = run, .catalogue = catalogue};
    find(&assessment);
    return end(&assessment);
}

static void conclude_all(struct assessment *assessment)
{
    const struct store_run *run = assessment->run;
    if (assessment->status == STATUS_OK)
        keep(assessment, store_each_count(assessment->store, run, NULL, count_most, assessment));
    if (assessment->status == STATUS_OK)
        keep(assessment, store_each_count(assessment->store, run, NULL, count_asked, assessment));
    for (size_t i = 0; i < assessment->count && assessment->status == STATUS_OK; i++)
        conclude(assessment, &assessment->tallies[i]);
}

enum status assessment_make(struct store *store, const struct store_run *run, const struct scope *scope,
                            const struct catalogue *catalogue)
{
    struct assessment assessment = {.store = store, .run = run, .catalogue = catalogue, .scope = scope};
    find(&assessment);
    conclude_all(&assessment);
    if (assessment.status == STATUS_OK && run->kind == RUN_IMPORT)
        keep(&assessment, store_cover_findings(store, run));
    return end(&assessment);
}

enum status assessment_tell(struct store *store, const struct store_run *run, const struct scope *scope,
                            const struct catalogue *catalogue, const struct assessment_sink *sink)
{
    struct assessment assessment = {
        .store = store, .run = run, .catalogue = catalogue, .scope = scope, .sink = sink};
    find(&assessment);
    conclude_all(&assessment);
    return release(&assessment);
}
