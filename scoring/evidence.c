#include "scoring/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/index.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* One item of one organization that an import covers. */
struct covering {
    size_t import; /* its place among the imports: the newer, the lower */
    size_t item;
    int64_t from_ms, until_ms;
    bool whole;
    bool in_force;
    bool judged;   /* concluded from open ports */
    bool replaced; /* by the scan, wherever that could tell */
};

struct imports {
    struct evidence *evidence;
    enum status status;
};

/* Keeps what a report tells of it. */
static void add_import(void *context, const struct store_run *run)
{
    struct imports *imports = context;
    struct evidence *evidence = imports->evidence;
    struct evidence_import *grown =
        reallocarray(evidence->imports, evidence->imports_count + 1, sizeof *grown);
    if (grown)
        evidence->imports = grown;
    struct store_run copy = {.number = run->number,
                             .kind = run->kind,
                             .from_ms = run->from_ms,
                             .until_ms = run->until_ms,
                             .started_ms = run->started_ms,
                             .ended_ms = run->ended_ms,
                             .complete = run->complete};
    memcpy(copy.id, run->id, sizeof copy.id);
    memcpy(copy.scope, run->scope, sizeof copy.scope);
    memcpy(copy.file_hash, run->file_hash, sizeof copy.file_hash);
    const char *const texts[] = {run->format,        run->file,   run->vantage,
                                 run->authorization, run->engine, run->catalogue};
    char **const places[] = {&copy.format,        &copy.file,   &copy.vantage,
                             &copy.authorization, &copy.engine, &copy.catalogue};
    bool complete = grown != NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places && complete; i++)
        complete = (*places[i] = strdup(texts[i] ? texts[i] : "")) != NULL;
    if (complete)
        grown[evidence->imports_count++] = (struct evidence_import){.run = copy};
    else
        store_run_deinit(&copy);
    if (!complete)
        imports->status = STATUS_NO_MEMORY;
}

enum status evidence_init(struct evidence *evidence, struct store *store, const struct store_run *scan,
                          const struct catalogue *catalogue, int64_t moment_ms)
{
    struct imports imports = {evidence, STATUS_OK};
    *evidence =
        (struct evidence){.store = store, .scan = scan, .catalogue = catalogue, .moment_ms = moment_ms};
    if (moment_ms == 0)
        return STATUS_OK;
    enum status status = store_each_import(store, add_import, &imports);
    return status == STATUS_OK ? imports.status : status;
}

void evidence_deinit(struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->imports_count; i++)
        store_run_deinit(&evidence->imports[i].run);
    free(evidence->imports);
    free(evidence->coverings);
    free(evidence->organization);
    memset(evidence, 0, sizeof *evidence);
}

/* The first moment of an item's window; the beginning of time where it has none. */
static int64_t window_start(const struct evidence *evidence, size_t item)
{
    int days = evidence->catalogue->items[item].window_days;
    return days ? evidence->moment_ms - days * DAY_MS + 1 : INT64_MIN;
}

static size_t find_import(const struct evidence *evidence, int64_t number)
{
    for (size_t i = 0; i < evidence->imports_count; i++)
        if (evidence->imports[i].run.number == number)
            return i;
    return SIZE_MAX;
}

static void add_covering(void *context, const struct store_covered *covered)
{
    struct imports *imports = context;
    struct evidence *evidence = imports->evidence;
    size_t item = catalogue_item(evidence->catalogue, covered->item);
    size_t import = find_import(evidence, covered->run);
    if (item == SIZE_MAX || import == SIZE_MAX || covered->from_ms > evidence->moment_ms ||
        covered->until_ms < window_start(evidence, item))
        return;
    struct covering *grown = reallocarray(evidence->coverings, evidence->coverings_count + 1, sizeof *grown);
    if (!grown) {
        imports->status = STATUS_NO_MEMORY;
        return;
    }
    evidence->coverings = grown;
    grown[evidence->coverings_count++] = (struct covering){.import = import,
                                                           .item = item,
                                                           .from_ms = covered->from_ms,
                                                           .until_ms = covered->until_ms,
                                                           .whole = covered->whole,
                                                           .in_force = true,
                                                           .judged = covered->judged};
}

static int compare_coverings(const void *a, const void *b)
{
    const struct covering *one = a, *other = b;
    if (one->item != other->item)
        return one->item < other->item ? -1 : 1;
    return one->import < other->import ? -1 : one->import > other->import;
}

static bool replaces(const struct evidence *evidence, const struct covering *one,
                     const struct covering *other)
{
    if (!one->whole ||
        strcmp(evidence->imports[one->import].run.format, evidence->imports[other->import].run.format) != 0)
        return false;
    if (evidence->catalogue->items[one->item].window_days)
        return one->import < other->import && one->from_ms <= other->from_ms &&
               one->until_ms >= other->until_ms;
    return one->until_ms != other->until_ms ? one->until_ms > other->until_ms : one->import < other->import;
}

/* Of the coverings of one item. */
static void settle(const struct evidence *evidence, struct covering *coverings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count && coverings[i].in_force; j++)
            if (i != j && replaces(evidence, &coverings[j], &coverings[i]))
                coverings[i].in_force = false;
}

struct scanned {
    const struct catalogue *catalogue;
    bool *items;
};

static void note_scanned(void *context, const char *item)
{
    const struct scanned *scanned = context;
    size_t number = catalogue_item(scanned->catalogue, item);
    if (number != SIZE_MAX)
        scanned->items[number] = true;
}

static bool same_vantage(const struct store_run *a, const struct store_run *b)
{
    return strcmp(a->vantage ? a->vantage : "", b->vantage ? b->vantage : "") == 0;
}

/* Open ports that somebody saw before the scan looked there itself. */
static bool is_older(const struct evidence *evidence, const struct covering *covering)
{
    return covering->judged && evidence->catalogue->items[covering->item].window_days == 0 &&
           covering->until_ms < evidence->scan->started_ms &&
           same_vantage(&evidence->imports[covering->import].run, evidence->scan);
}

static enum status settle_with_scan(struct evidence *evidence, const char *organization)
{
    struct scanned scanned = {evidence->catalogue, NULL};
    enum status status = STATUS_OK;
    for (size_t i = 0; evidence->scan && i < evidence->coverings_count && status == STATUS_OK; i++) {
        struct covering *covering = &evidence->coverings[i];
        if (!is_older(evidence, covering))
            continue;
        if (!scanned.items) {
            scanned.items = calloc(evidence->catalogue->items_count + 1, sizeof *scanned.items);
            status = scanned.items ? store_each_assessed(evidence->store, evidence->scan, organization,
                                                         note_scanned, &scanned)
                                   : STATUS_NO_MEMORY;
        }
        covering->replaced = status == STATUS_OK && scanned.items[covering->item];
    }
    free(scanned.items);
    return status;
}

/* Finds out which imports speak of what for the organization; what was found out last is kept. */
static enum status prepare(struct evidence *evidence, const char *organization)
{
    if (evidence->organization && strcmp(evidence->organization, organization) == 0)
        return STATUS_OK;
    struct imports imports = {evidence, STATUS_OK};
    free(evidence->organization);
    evidence->coverings_count = 0;
    evidence->organization = NULL;
    enum status status = STATUS_OK;
    if (evidence->imports_count)
        status = store_each_covered(evidence->store, organization, add_covering, &imports);
    if (status == STATUS_OK)
        status = imports.status;
    if (status != STATUS_OK)
        return status;
    struct covering *coverings = evidence->coverings;
    size_t count = evidence->coverings_count, kept = 0;
    if (count)
        qsort(coverings, count, sizeof *coverings, compare_coverings);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && coverings[next].item == coverings[i].item;)
            next++;
        settle(evidence, coverings + i, next - i);
    }
    for (size_t i = 0; i < count; i++)
        if (coverings[i].in_force)
            coverings[kept++] = coverings[i];
    evidence->coverings_count = kept;
    status = settle_with_scan(evidence, organization);
    if (status != STATUS_OK)
        return status;
    evidence->organization = strdup(organization);
    return evidence->organization ? STATUS_OK : STATUS_NO_MEMORY;
}

static bool speaks(const struct evidence *evidence, size_t import)
{
    for (size_t i = 0; i < evidence->coverings_count; i++)
        if (evidence->coverings[i].import == import && !evidence->coverings[i].replaced)
            return true;
    return false;
}

/* The same, or it did until the scan looked. */
static bool covers(const struct evidence *evidence, size_t import)
{
    for (size_t i = 0; i < evidence->coverings_count; i++)
        if (evidence->coverings[i].import == import)
            return true;
    return false;
}

enum status evidence_speaks(struct evidence *evidence, const struct evidence_import *from,
                            const char *organization, bool *speaks_out)
{
    enum status status = prepare(evidence, organization);
    *speaks_out = status == STATUS_OK && speaks(evidence, (size_t)(from - evidence->imports));
    return status;
}

struct assessed_call {
    void (*each)(void *context, struct evidence_import *from, const char *item);
    void *context;
};

static void pass_assessed(void *context, const char *item)
{
    const struct assessed_call *call = context;
    call->each(call->context, NULL, item);
}

enum status evidence_each_assessed(struct evidence *evidence, const char *organization,
                                   void (*each)(void *context, struct evidence_import *from,
                                                const char *item),
                                   void *context)
{
    struct assessed_call call = {each, context};
    enum status status = prepare(evidence, organization);
    if (status == STATUS_OK && evidence->scan)
        status = store_each_assessed(evidence->store, evidence->scan, organization, pass_assessed, &call);
    for (size_t i = 0; i < evidence->coverings_count && status == STATUS_OK; i++) {
        const struct covering *covering = &evidence->coverings[i];
        if (covering->whole && !covering->replaced)
            each(context, &evidence->imports[covering->import],
                 evidence->catalogue->items[covering->item].id);
    }
    return status;
}

struct finding_call {
    struct evidence *evidence;
    struct evidence_import *from;
    double exposure;
    void (*each)(void *context, struct evidence_import *from, const struct finding *finding);
    void *context;
    enum status status;
};

struct unknown {
    struct port port;
    bool found;
};

static void note_unknown(void *context, const char *organization, const struct observation *observation)
{
    struct unknown *unknown = context;
    (void)organization;
    unknown->found |= observation->port.number == unknown->port.number &&
                      observation->port.transport == unknown->port.transport &&
                      strcmp(observation->service, "unknown") == 0;
}

/* The scan found it open there, and could not say what it is. */
static bool left_open(struct finding_call *call, const struct finding *finding)
{
    struct unknown unknown = {finding->port, false};
    if (!finding->has_address)
        return false;
    enum status status =
        store_each_observation_at(call->evidence->store, call->evidence->scan, finding->organization,
                                  finding->address, note_unknown, &unknown);
    if (call->status == STATUS_OK)
        call->status = status;
    return unknown.found;
}

static bool in_force(struct finding_call *call, const struct finding *finding)
{
    const struct evidence *evidence = call->evidence;
    size_t item = catalogue_item(evidence->catalogue, finding->item);
    for (size_t i = 0; i < evidence->coverings_count; i++) {
        const struct covering *covering = &evidence->coverings[i];
        if (covering->item != item || &evidence->imports[covering->import] != call->from)
            continue;
        if (covering->replaced && !left_open(call, finding))
            return false;
        int64_t time_ms = finding->time_ms ? finding->time_ms : covering->until_ms;
        return evidence->catalogue->items[item].window_days == 0 ||
               (time_ms >= window_start(evidence, item) && time_ms <= evidence->moment_ms);
    }
    return false;
}

static void pass_finding(void *context, const struct finding *finding)
{
    struct finding_call *call = context;
    if (!call->from) {
        call->each(call->context, NULL, finding);
        return;
    }
    if (!in_force(call, finding))
        return;
    struct finding exposed = *finding;
    if (isnan(exposed.exposure))
        exposed.exposure = call->exposure;
    call->each(call->context, call->from, &exposed);
}

enum status evidence_each_finding(struct evidence *evidence, const char *organization,
                                  void (*each)(void *context, struct evidence_import *from,
                                               const struct finding *finding),
                                  void *context)
{
    struct finding_call call = {evidence, NULL, (double)NAN, each, context, STATUS_OK};
    enum status status = prepare(evidence, organization);
    if (status == STATUS_OK && evidence->source)
        status = evidence->source->each_finding(evidence->source->context, organization, pass_finding, &call);
    else if (status == STATUS_OK && evidence->scan)
        status = store_each_finding(evidence->store, evidence->scan, organization, pass_finding, &call);
    for (size_t i = 0; i < evidence->imports_count && status == STATUS_OK; i++) {
        enum vantage vantage = VANTAGE_INTERNET;
        if (!covers(evidence, i))
            continue;
        call.from = &evidence->imports[i];
        (void)vantage_parse(call.from->run.vantage, &vantage);
        call.exposure = vantage_exposure(vantage);
        status = store_each_finding(evidence->store, &call.from->run, organization, pass_finding, &call);
    }
    return status == STATUS_OK ? call.status : status;
}

enum status evidence_each_observation(struct evidence *evidence, const char *organization,
                                      void (*each)(void *context, const char *organization,
                                                   const struct observation *observation),
                                      void *context)
{
    enum status status = prepare(evidence, organization);
    for (size_t i = evidence->imports_count; i > 0 && status == STATUS_OK; i--)
        if (speaks(evidence, i - 1))
            status = store_each_observation(evidence->store, &evidence->imports[i - 1].run, organization,
                                            each, context);
    if (status == STATUS_OK && evidence->scan)
        status = store_each_observation(evidence->store, evidence->scan, organization, each, context);
    return status;
}
