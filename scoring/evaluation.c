#include "scoring/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct names {
    char **items;
    size_t count, capacity;
    enum status status;
};

static void add_name(void *context, const char *name)
{
    struct names *names = context;
    if (names->count == names->capacity) {
        size_t capacity = names->capacity ? names->capacity * 2 : 64;
        char **grown = reallocarray(names->items, capacity, sizeof *grown);
        if (!grown) {
            names->status = STATUS_NO_MEMORY;
            return;
        }
        names->items = grown;
        names->capacity = capacity;
    }
    char *copy = strdup(name);
    if (copy)
        names->items[names->count++] = copy;
    else
        names->status = STATUS_NO_MEMORY;
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each once. */
static void settle_names(struct names *names)
{
    size_t kept = 0;
    if (names->count)
        qsort(names->items, names->count, sizeof *names->items, name_compare);
    for (size_t i = 0; i < names->count; i++)
        if (kept && strcmp(names->items[kept - 1], names->items[i]) == 0)
            free(names->items[i]);
        else
            names->items[kept++] = names->items[i];
    names->count = kept;
}

enum status evaluation_name_organization(const char *id, struct organization *organization_out)
{
    *organization_out = (struct organization){.informatization = NAN, .id = strdup(id), .name = strdup(id)};
    ranges_init(&organization_out->ranges);
    ranges_init(&organization_out->fragile);
    return organization_out->id && organization_out->name ? STATUS_OK : STATUS_NO_MEMORY;
}

struct describing {
    struct evaluation *evaluation;
    enum status status;
};

static int id_compare(const void *id, const void *organization)
{
    return strcmp(id, ((const struct organization *)organization)->id);
}

static void describe(void *context, const struct organization *from)
{
    struct describing *describing = context;
    struct evaluation *evaluation = describing->evaluation;
    struct organization *named =
        bsearch(from->id, evaluation->named, evaluation->count, sizeof *named, id_compare);
    if (named && describing->status == STATUS_OK)
        describing->status = organization_describe(named, from);
}

/* By what the store was told of them: by imports, the oldest first, then by the scan, the last word counting. */
static enum status describe_organizations(struct evaluation *evaluation)
{
    struct describing describing = {evaluation, STATUS_OK};
    const struct evidence *evidence = &evaluation->evidence;
    enum status status = STATUS_OK;
    for (size_t i = evidence->imports_count; i > 0 && status == STATUS_OK; i--)
        status =
            store_each_organization(evidence->store, &evidence->imports[i - 1].run, describe, &describing);
    if (evidence->scan && status == STATUS_OK)
        status = store_each_organization(evidence->store, evidence->scan, describe, &describing);
    return status == STATUS_OK ? describing.status : status;
}

/* Organizations that no scope describes: those that the run names and those of which imports cover something. */
static enum status name_organizations(struct evaluation *evaluation)
{
    struct names names = {0};
    const struct evidence *evidence = &evaluation->evidence;
    enum status status =
        evidence->scan ? store_each_named(evidence->store, evidence->scan, add_name, &names) : STATUS_OK;
    if (status == STATUS_OK && evidence->imports_count)
        status = store_each_covered_organization(evidence->store, add_name, &names);
    if (status == STATUS_OK)
        status = names.status;
    settle_names(&names);
    evaluation->named = calloc(names.count + 1, sizeof *evaluation->named);
    if (!evaluation->named)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < names.count; i++) {
        if (status == STATUS_OK)
            status = evaluation_name_organization(names.items[i], &evaluation->named[i]);
        free(names.items[i]);
    }
    free(names.items);
    evaluation->count = evaluation->named ? names.count : 0;
    return status;
}

struct filling {
    struct evaluation *evaluation;
    const struct catalogue *catalogue;
    struct index *index;
    size_t assessed;
    bool *used; /* per import */
    struct evidence_import *last;
    enum status status;
};

/* An import is used for the organization of this filling. */
static void use(struct filling *filling, struct evidence_import *from)
{
    if (from && from != filling->last)
        from->organizations += !filling->used[from - filling->evaluation->evidence.imports];
    if (from)
        filling->used[from - filling->evaluation->evidence.imports] = true;
    filling->last = from;
}

static void add_assessed(void *context, struct evidence_import *from, const char *item)
{
    struct filling *filling = context;
    size_t number = catalogue_item(filling->catalogue, item);
    if (number == SIZE_MAX)
        return; /* of another catalogue */
    index_assess(filling->index, number);
    filling->assessed++;
    use(filling, from);
}

static void add_finding(void *context, struct evidence_import *from, const struct finding *finding)
{
    struct filling *filling = context;
    enum status status = index_add(filling->index, finding);
    if (status == STATUS_MISMATCH)
        return; /* of another catalogue */
    filling->evaluation->findings++;
    use(filling, from);
    if (from)
        from->findings++;
    if (filling->status == STATUS_OK)
        filling->status = status;
}

static enum status fill_index(const char *organization, struct filling *filling)
{
    struct evidence *evidence = &filling->evaluation->evidence;
    filling->used = calloc(evidence->imports_count + 1, sizeof *filling->used);
    enum status status = filling->used ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = evidence_each_assessed(evidence, organization, add_assessed, filling);
    if (status == STATUS_OK)
        status = evidence_each_finding(evidence, organization, add_finding, filling);
    free(filling->used);
    return status == STATUS_OK ? filling->status : status;
}

static void count_asked(void *context, const struct store_count *count)
{
    uint64_t *most = context, sum = 0;
    for (size_t i = 0; i < sizeof count->ends / sizeof count->ends[0]; i++)
        sum += count->ends[i];
    if (sum > *most)
        *most = sum;
}

static void count_synthetic(void *context, const struct store_count *count)
{
    uint64_t *synthetic = context;
    *synthetic += count->ends[ENDPOINT_SYNTHETIC];
}

static enum status count_distrusted(struct store *store, const struct store_run *run,
                                    struct report_organization *row)
{
    const char *id = row->organization->id;
    enum status status = store_each_count(store, run, id, count_synthetic, &row->synthetic);
    if (status == STATUS_OK)
        status = store_count_control(store, run, id, CONTROL_ANSWERED, &row->synthetic_hosts);
    if (status == STATUS_OK)
        status = store_count_control(store, run, id, CONTROL_NONE, &row->undetermined_hosts);
    return status;
}

static enum status count_coverage(struct store *store, const struct store_run *run,
                                  struct report_organization *row)
{
    if (!run)
        return STATUS_OK;
    enum status status = store_each_count(store, run, row->organization->id, count_asked, &row->asked);
    if (status == STATUS_OK)
        status = store_count_hosts(store, run, row->organization->id, &row->answered, &row->open_hosts);
    if (status == STATUS_OK)
        status = count_distrusted(store, run, row);
    row->authorized = ranges_size(&row->organization->ranges);
    /* Records alone do not say what was asked. */
    row->counts_known = row->organization->ranges.count > 0 && run->engine && run->engine[0];
    return status;
}

struct index_options evaluation_index_options(const struct evaluation_options *options,
                                              const struct organization *organization)
{
    return (struct index_options){
        .exposure = options->exposure,
        .literal = options->literal,
        .informatization = organization->informatization,
        .organization = organization,
        .scope = options->scope,
        .today = options->today,
        .fixes_max = 10,
        .without_occurrences = options->without_occurrences,
    };
}

static enum status evaluate(const struct evaluation_options *options, const struct organization *organization,
                            struct evaluation *evaluation, size_t place)
{
    const struct index_options index_options = evaluation_index_options(options, organization);
    struct index **index = &evaluation->indices[options->without_occurrences ? 0 : place];
    struct report_organization *row = &evaluation->organizations[place];
    *row = (struct report_organization){.organization = organization,
                                        .scorecard = &evaluation->scorecards[place]};
    enum status status =
        *index ? index_reset(*index, &index_options) : index_new(options->catalogue, &index_options, index);
    struct filling filling = {.evaluation = evaluation, .catalogue = options->catalogue, .index = *index};
    if (status == STATUS_OK)
        status = fill_index(organization->id, &filling);
    if (filling.assessed)
        evaluation->assessed_by_findings_only = false;
    if (status == STATUS_OK)
        status = index_score(*index, &evaluation->scorecards[place]);
    if (status == STATUS_OK)
        status = count_coverage(evaluation->evidence.store, evaluation->evidence.scan, row);
    return status;
}

static enum status reserve(struct evaluation *evaluation)
{
    evaluation->organizations = calloc(evaluation->count + 1, sizeof *evaluation->organizations);
    evaluation->scorecards = calloc(evaluation->count + 1, sizeof *evaluation->scorecards);
    evaluation->indices = calloc(evaluation->count + 1, sizeof(struct index *));
    return evaluation->organizations && evaluation->scorecards && evaluation->indices ? STATUS_OK
                                                                                      : STATUS_NO_MEMORY;
}

enum status evaluation_make(struct store *store, const struct store_run *run,
                            const struct evaluation_options *options, struct evaluation *evaluation)
{
    memset(evaluation, 0, sizeof *evaluation);
    evaluation->assessed_by_findings_only = true;
    enum status status =
        evidence_init(&evaluation->evidence, store, run, options->catalogue, options->moment_ms);
    if (options->scope)
        evaluation->count = options->scope->organizations_count;
    else if (status == STATUS_OK)
        status = name_organizations(evaluation);
    if (status == STATUS_OK && !options->scope)
        status = describe_organizations(evaluation);
    if (status == STATUS_OK)
        status = reserve(evaluation);
    size_t kept = 0, all = evaluation->count;
    for (size_t i = 0; i < all && status == STATUS_OK; i++) {
        const struct organization *organization =
            options->scope ? &options->scope->organizations[i] : &evaluation->named[i];
        if (!options->only || strcmp(options->only, organization->id) == 0)
            status = evaluate(options, organization, evaluation, kept++);
    }
    evaluation->count = status == STATUS_OK ? kept : all;
    return status;
}

void evaluation_deinit(struct evaluation *evaluation)
{
    for (size_t i = 0; i < evaluation->count; i++) {
        if (evaluation->scorecards)
            scorecard_deinit(&evaluation->scorecards[i]);
        if (evaluation->indices)
            index_free(&evaluation->indices[i]);
    }
    for (struct organization *named = evaluation->named; named && named->id; named++)
        organization_deinit(named);
    evidence_deinit(&evaluation->evidence);
    free(evaluation->named);
    free(evaluation->organizations);
    free(evaluation->scorecards);
    free(evaluation->indices);
}
