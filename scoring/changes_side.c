#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/assessment.h"
#include "scoring/changes_parts.h"
#include "scoring/evidence.h"

static enum status copy_run(struct store_run *to, const struct store_run *from)
{
    const char *const texts[] = {from->format, from->file,   from->authorization, from->vantage,
                                 from->ports,  from->engine, from->catalogue,     from->scope_text};
    *to = *from;
    char **const places[] = {&to->format, &to->file,   &to->authorization, &to->vantage,
                             &to->ports,  &to->engine, &to->catalogue,     &to->scope_text};
    bool complete = true;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *places[i] = texts[i] ? strdup(texts[i]) : NULL;
        complete &= *places[i] || !texts[i];
    }
    return complete ? STATUS_OK : STATUS_NO_MEMORY;
}

/* A scope file that this program can no longer read is as good as none. */
static enum status read_kept(struct side *side)
{
    struct complaints complaints;
    const char *text = side->run.scope_text;
    if (!text)
        return STATUS_OK;
    complaints_init(&complaints, "");
    enum status status = scope_parse(&side->kept, text, strlen(text), &complaints);
    complaints_deinit(&complaints);
    side->have_kept = status == STATUS_OK;
    return status == STATUS_WRONG_FILE ? STATUS_OK : status;
}

static enum status read_ports(struct side *side)
{
    const char *why = NULL;
    size_t at = 0;
    enum status status = ports_parse(&side->ports, side->run.ports ? side->run.ports : "", &why, &at);
    return status == STATUS_WRONG_FILE ? STATUS_OK : status;
}

enum status side_init(struct side *side, struct store *store, const struct store_run *run,
                      const struct changes_options *options, const struct side_names *names)
{
    *side = (struct side){.store = store, .catalogue = options->catalogue, .names = names};
    enum status status = copy_run(&side->run, run);
    if (status == STATUS_OK)
        status = read_ports(side);
    if (status == STATUS_OK)
        status = read_kept(side);
    if (options->scope && strcmp(options->scope->hash, run->scope) == 0)
        side->asked = options->scope;
    else if (side->have_kept)
        side->asked = &side->kept;
    side->organizations = calloc(names->count + 1, sizeof *side->organizations);
    for (size_t i = 0; side->organizations && i < names->count; i++)
        side->organizations[i].stored = -1;
    return side->organizations ? status : STATUS_NO_MEMORY;
}

void side_deinit(struct side *side)
{
    for (size_t i = 0; side->organizations && i < side->names->count; i++) {
        struct side_organization *organization = &side->organizations[i];
        index_free(&organization->index);
        scorecard_deinit(&organization->card);
        free(organization->occurrences);
        free(organization->covered);
    }
    for (size_t i = 0; i < side->endpoints_count; i++) {
        free(side->endpoints[i].product);
        free(side->endpoints[i].version);
    }
    free(side->organizations);
    free(side->endpoints);
    free(side->hosts);
    ports_deinit(&side->ports);
    if (side->have_kept)
        scope_deinit(&side->kept);
    store_run_deinit(&side->run);
    *side = (struct side){0};
}

struct judging {
    struct side *side;
    size_t last; /* that was asked for: rows come by organization */
    enum status status;
};

static size_t place_of_id(struct judging *judging, const char *id)
{
    const struct side_names *names = judging->side->names;
    if (judging->last < names->count && strcmp(names->items[judging->last].id, id) == 0)
        return judging->last;
    size_t place = side_names_find(names, id);
    if (place != SIZE_MAX)
        judging->last = place;
    return place;
}

static void name(void *context, const char *id)
{
    struct judging *judging = context;
    size_t place = place_of_id(judging, id);
    if (place != SIZE_MAX)
        judging->side->organizations[place].known = true;
}

/* Room for one more in an array that grows by doubling. */
static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    size_t more = *capacity ? *capacity * 2 : 256;
    void *grown = reallocarray(items, more, size);
    if (grown)
        *capacity = more;
    return grown;
}

static bool copy_text(const char *text, char **copy_out)
{
    *copy_out = text[0] ? strdup(text) : NULL;
    return *copy_out || !text[0];
}

static enum status see(void *context, const char *id, const struct observation *observation)
{
    struct judging *judging = context;
    struct side *side = judging->side;
    size_t place = place_of_id(judging, id);
    if (place == SIZE_MAX || observation->state != ENDPOINT_OPEN)
        return STATUS_OK;
    struct side_endpoint *grown =
        grow(side->endpoints, side->endpoints_count, &side->endpoints_capacity, sizeof *grown);
    if (!grown)
        return STATUS_NO_MEMORY;
    side->endpoints = grown;
    struct side_endpoint *endpoint = &grown[side->endpoints_count++];
    *endpoint = (struct side_endpoint){.organization = place,
                                       .address = observation->address,
                                       .port = observation->port,
                                       .tls = observation->tls,
                                       .service = observation->service};
    bool copied = copy_text(observation->product, &endpoint->product);
    return copy_text(observation->version, &endpoint->version) && copied ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status take_finding(void *context, const struct finding *finding)
{
    struct judging *judging = context;
    size_t place = place_of_id(judging, finding->organization);
    enum status status =
        place == SIZE_MAX ? STATUS_OK : index_add(judging->side->organizations[place].index, finding);
    return status == STATUS_MISMATCH ? STATUS_OK : status; /* of another catalogue */
}

static enum status take_assessed(void *context, const char *id, const char *item)
{
    struct judging *judging = context;
    size_t place = place_of_id(judging, id);
    if (place != SIZE_MAX)
        index_assess(judging->side->organizations[place].index,
                     catalogue_item(judging->side->catalogue, item));
    return STATUS_OK;
}

/* What the scan was told and did not conclude itself; it is made of records then. */
static void take_told(void *context, const struct finding *finding)
{
    struct judging *judging = context;
    if (!finding->judged && judging->status == STATUS_OK)
        judging->status = take_finding(judging, finding);
}

static enum status judge_scan(struct side *side)
{
    struct judging judging = {.side = side};
    const struct assessment_sink sink = {&judging, take_finding, take_assessed, see};
    enum status status = store_each_named(side->store, &side->run, name, &judging);
    if (status == STATUS_OK)
        status = assessment_tell(side->store, &side->run, side->asked, side->catalogue, &sink);
    if (status == STATUS_OK)
        status = store_each_finding(side->store, &side->run, NULL, take_told, &judging);
    return status == STATUS_OK ? judging.status : status;
}

static void add_host(void *context, const char *id, struct address address, bool open)
{
    struct judging *judging = context;
    struct side *side = judging->side;
    size_t place = place_of_id(judging, id);
    (void)open;
    if (place == SIZE_MAX || judging->status != STATUS_OK)
        return;
    struct side_host *grown = grow(side->hosts, side->hosts_count, &side->hosts_capacity, sizeof *grown);
    if (!grown) {
        judging->status = STATUS_NO_MEMORY;
        return;
    }
    side->hosts = grown;
    grown[side->hosts_count++] = (struct side_host){.organization = place, .address = address};
}

static void take_control(void *context, const char *id, struct address address, enum host_control control)
{
    struct judging *judging = context;
    size_t place = place_of_id(judging, id);
    const struct side_host *host = place == SIZE_MAX ? NULL : side_host(judging->side, place, address);
    if (host)
        judging->side->hosts[host - judging->side->hosts].everywhere = control == CONTROL_ANSWERED;
}

static enum status read_hosts(struct side *side)
{
    struct judging judging = {.side = side};
    enum status status = store_each_host(side->store, &side->run, NULL, add_host, &judging);
    if (status == STATUS_OK)
        status = judging.status;
    if (status == STATUS_OK)
        status = store_each_control(side->store, &side->run, take_control, &judging);
    return status;
}

struct beside {
    struct side *side;
    struct side_organization *organization;
    enum status status;
};

static void take_covered(void *context, struct evidence_import *from, const char *item)
{
    struct beside *beside = context;
    size_t number = catalogue_item(beside->side->catalogue, item);
    if (!from || number == SIZE_MAX)
        return;
    beside->organization->covered[number] = true;
    index_assess(beside->organization->index, number);
}

static void take_imported(void *context, struct evidence_import *from, const struct finding *finding)
{
    struct beside *beside = context;
    enum status status = from ? index_add(beside->organization->index, finding) : STATUS_OK;
    if (beside->status == STATUS_OK && status != STATUS_MISMATCH)
        beside->status = status;
}

/* The scan's own findings are judged anew elsewhere. */
static enum status no_findings(void *context, const char *organization,
                               void (*each)(void *each_context, const struct finding *finding),
                               void *each_context)
{
    (void)context, (void)organization, (void)each, (void)each_context;
    return STATUS_OK;
}

static enum status add_imports(struct side *side, int64_t moment_ms)
{
    const struct evidence_source none = {NULL, no_findings};
    struct evidence evidence;
    enum status status = evidence_init(&evidence, side->store, &side->run, side->catalogue, moment_ms);
    evidence.source = &none;
    for (size_t i = 0; i < side->names->count && evidence.imports_count && status == STATUS_OK; i++) {
        struct beside beside = {side, &side->organizations[i], STATUS_OK};
        const char *id = side->names->items[i].id;
        status = evidence_each_assessed(&evidence, id, take_covered, &beside);
        if (status == STATUS_OK)
            status = evidence_each_finding(&evidence, id, take_imported, &beside);
        if (status == STATUS_OK)
            status = beside.status;
    }
    evidence_deinit(&evidence);
    return status;
}

static enum status begin(struct side *side, const struct side_options *options)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < side->names->count && status == STATUS_OK; i++) {
        const struct organization *named = &side->names->items[i];
        const struct organization *owned =
            options->owners ? scope_organization(options->owners, named->id) : NULL;
        const struct index_options index_options = {
            .exposure = options->exposure,
            .informatization = owned ? owned->informatization : named->informatization,
            .organization = owned ? owned : named,
            .scope = options->scope,
            .today = options->today,
            .without_fixes = true,
        };
        struct side_organization *organization = &side->organizations[i];
        organization->covered = calloc(side->catalogue->items_count + 1, sizeof *organization->covered);
        status = organization->covered ? index_new(side->catalogue, &index_options, &organization->index)
                                       : STATUS_NO_MEMORY;
    }
    return status;
}

static enum status score(struct side *side)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < side->names->count && status == STATUS_OK; i++) {
        struct side_organization *organization = &side->organizations[i];
        status = index_score(organization->index, &organization->card);
        if (status == STATUS_OK)
            status = index_occurrences(organization->index, &organization->occurrences,
                                       &organization->occurrences_count);
    }
    return status;
}

static void take_stored(void *context, const char *id, const struct store_scorecard *scorecard,
                        const char *record)
{
    struct judging *judging = context;
    size_t place = place_of_id(judging, id);
    (void)record;
    if (place != SIZE_MAX && scorecard->assessed)
        judging->side->organizations[place].stored = scorecard->index;
}

enum status side_judge(struct side *side, const struct side_options *options)
{
    struct judging judging = {.side = side};
    enum status status = begin(side, options);
    if (status == STATUS_OK)
        status = judge_scan(side);
    if (status == STATUS_OK)
        status = add_imports(side, options->moment_ms);
    if (status == STATUS_OK)
        status = read_hosts(side);
    if (status == STATUS_OK)
        status = score(side);
    if (status == STATUS_OK)
        status = store_each_scorecard(side->store, &side->run, take_stored, &judging);
    return status;
}
