#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"
#include "scanner/commands/intake.h"
#include "scoring/evidence.h"

/* What a run has seen, on its way into the store in memory. */
struct copy {
    struct intake *intake;
    struct store *from;
    struct store_run *to;
    enum status status;
};

static void keep(struct copy *copy, enum status status)
{
    if (copy->status == STATUS_OK)
        copy->status = status;
}

static void copy_observation(void *context, const char *organization, const struct observation *observation)
{
    struct copy *copy = context;
    copy->intake->observations += copy->to->kind == RUN_SCAN;
    keep(copy, store_observation(copy->intake->store, copy->to, organization, observation));
}

static void copy_host(void *context, const char *organization, struct address address, bool open)
{
    struct copy *copy = context;
    keep(copy, store_host(copy->intake->store, copy->to, organization, address, open));
}

static void copy_count(void *context, const struct store_count *count)
{
    struct copy *copy = context;
    keep(copy, store_add_count(copy->intake->store, copy->to, count));
}

static void copy_control(void *context, const char *organization, struct address address,
                         enum host_control control)
{
    struct copy *copy = context;
    keep(copy, store_set_control(copy->intake->store, copy->to, organization, address, control));
}

static void copy_organization(void *context, const struct organization *organization)
{
    struct copy *copy = context;
    keep(copy, store_organization(copy->intake->store, copy->to, organization));
}

static enum status copy_pace(struct copy *copy, const struct store_run *run)
{
    struct store_pace pace;
    enum status status = store_find_pace(copy->from, run, &pace);
    if (status != STATUS_OK)
        return status == STATUS_MISMATCH ? STATUS_OK : status;
    status = store_set_pace(copy->intake->store, copy->to, &pace);
    store_pace_deinit(&pace);
    return status;
}

static enum status copy_seen(struct copy *copy, const struct store_run *run)
{
    enum status status = store_each_observation(copy->from, run, NULL, copy_observation, copy);
    if (status == STATUS_OK)
        status = store_each_host(copy->from, run, NULL, copy_host, copy);
    if (status == STATUS_OK)
        status = store_each_count(copy->from, run, NULL, copy_count, copy);
    if (status == STATUS_OK)
        status = store_each_control(copy->from, run, copy_control, copy);
    if (status == STATUS_OK)
        status = store_each_organization(copy->from, run, copy_organization, copy);
    if (status == STATUS_OK)
        status = copy_pace(copy, run);
    return status == STATUS_OK ? copy->status : status;
}

/* A copy in place of what is there; NULL stays NULL. */
static enum status take_text(const char *text, char **place)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return STATUS_NO_MEMORY;
    free(*place);
    *place = copy;
    return STATUS_OK;
}

/* Alone, the run goes on under its own id. */
static enum status take_id(struct intake *intake, const struct store_run *run)
{
    if (intake->scanned || intake->observations || intake->findings || intake->assessed)
        return STATUS_OK;
    memcpy(intake->run.id, run->id, sizeof intake->run.id);
    return store_begin(intake->store, &intake->run);
}

static enum status take_run(struct intake *intake, const struct store_run *run)
{
    struct store_run *to = &intake->run;
    const char *texts[] = {run->authorization, run->vantage, run->ports, run->engine, run->catalogue};
    char **places[] = {&to->authorization, &to->vantage, &to->ports, &to->engine, &to->catalogue};
    enum status status = take_text(run->scope_text, &to->scope_text);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == STATUS_OK; i++)
        status = take_text(texts[i] ? texts[i] : "", places[i]);
    if (status == STATUS_OK)
        status = take_id(intake, run);
    if (status != STATUS_OK)
        return status;
    intake->scanned = true;
    memcpy(to->scope, run->scope, sizeof to->scope);
    to->started_ms = run->started_ms;
    to->ended_ms = run->ended_ms;
    to->complete = run->complete;
    to->probes_sent = run->probes_sent;
    to->addresses = run->addresses;
    return STATUS_OK;
}

/* What an import was told is taken as it is; what was concluded from its observations is made anew. */
static void copy_finding(void *context, const struct finding *finding)
{
    struct copy *copy = context;
    if (!finding->judged)
        keep(copy, store_finding(copy->intake->store, copy->to, finding));
}

/* An import that told all it knows, and of which nothing is in force, need not be taken along; one that was
   judged is judged anew, and may say something else then. */
struct weighing {
    struct store *from;
    struct evidence *imports;
    bool *covers; /* per import: it covers something */
    bool *needed;
    enum status status;
};

static void weigh_covered(void *context, const struct store_covered *covered)
{
    struct weighing *weighing = context;
    for (size_t i = 0; i < weighing->imports->imports_count; i++)
        if (weighing->imports->imports[i].run.number == covered->run) {
            weighing->covers[i] = true;
            weighing->needed[i] |= covered->judged;
        }
}

static void weigh_organization(void *context, const char *organization)
{
    struct weighing *weighing = context;
    enum status status = store_each_covered(weighing->from, organization, weigh_covered, weighing);
    for (size_t i = 0; i < weighing->imports->imports_count && status == STATUS_OK; i++) {
        bool speaks = false;
        status = evidence_speaks(weighing->imports, &weighing->imports->imports[i], organization, &speaks);
        weighing->needed[i] |= speaks;
    }
    if (weighing->status == STATUS_OK)
        weighing->status = status;
}

static enum status weigh(struct store *from, struct evidence *imports, bool *needed)
{
    struct weighing weighing = {.from = from, .imports = imports, .needed = needed};
    weighing.covers = calloc(imports->imports_count + 1, sizeof *weighing.covers);
    if (!weighing.covers)
        return STATUS_NO_MEMORY;
    enum status status = store_each_covered_organization(from, weigh_organization, &weighing);
    for (size_t i = 0; i < imports->imports_count; i++)
        needed[i] |= !weighing.covers[i];
    free(weighing.covers);
    return status == STATUS_OK ? weighing.status : status;
}

struct cover {
    struct intake *intake;
    struct store *from;
    const struct evidence *imports; /* begun in the new store */
    const int64_t *numbers;         /* of the imports, in the store that they come from */
    const char *organization;
    enum status status;
};

static void copy_covered(void *context, const struct store_covered *covered)
{
    struct cover *cover = context;
    const struct evidence *imports = cover->imports;
    size_t i = 0;
    while (i < imports->imports_count && cover->numbers[i] != covered->run)
        i++;
    if (i < imports->imports_count && covered->whole && !covered->judged && cover->status == STATUS_OK)
        cover->status =
            store_covers(cover->intake->store, &imports->imports[i].run, cover->organization, covered);
}

static void copy_covered_of(void *context, const char *organization)
{
    struct cover *cover = context;
    cover->organization = organization;
    enum status status = store_each_covered(cover->from, organization, copy_covered, cover);
    if (cover->status == STATUS_OK)
        cover->status = status;
}

static enum status copy_import(struct intake *intake, struct store *from, struct store_run *run)
{
    struct copy copy = {.intake = intake, .from = from, .to = run};
    enum status status = store_begin(intake->store, run);
    if (status == STATUS_OK)
        status = copy_seen(&copy, run);
    if (status == STATUS_OK)
        status = store_each_finding(from, run, NULL, copy_finding, &copy);
    return status == STATUS_OK ? copy.status : status;
}

/* In the order in which they were made. */
static enum status copy_imports(struct intake *intake, struct store *from, struct evidence *imports,
                                const bool *needed, int64_t *numbers)
{
    struct cover cover = {intake, from, imports, numbers, NULL, STATUS_OK};
    enum status status = STATUS_OK;
    for (size_t i = imports->imports_count; i > 0 && status == STATUS_OK; i--) {
        struct store_run *run = &imports->imports[i - 1].run;
        if (!needed[i - 1])
            continue;
        numbers[i - 1] = run->number;
        status = copy_import(intake, from, run);
    }
    if (status == STATUS_OK && imports->imports_count)
        status = store_each_covered_organization(from, copy_covered_of, &cover);
    return status == STATUS_OK ? cover.status : status;
}

static enum status take_imports(struct intake *intake, struct store *from, const struct catalogue *catalogue,
                                bool *any_out)
{
    struct evidence imports;
    enum status status = evidence_init(&imports, from, NULL, catalogue, intake->moment_ms);
    int64_t *numbers = calloc(imports.imports_count + 1, sizeof *numbers); /* 0: not taken along */
    bool *needed = calloc(imports.imports_count + 1, sizeof *needed);
    if (status == STATUS_OK && (!numbers || !needed))
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = weigh(from, &imports, needed);
    if (status == STATUS_OK)
        status = copy_imports(intake, from, &imports, needed, numbers);
    *any_out = imports.imports_count > 0;
    /* Where there is no scan, the newest import says whose everything is. */
    if (status == STATUS_OK && *any_out && !intake->scanned)
        status = take_text(imports.imports[0].run.scope_text, &intake->run.scope_text);
    free(numbers);
    free(needed);
    evidence_deinit(&imports);
    return status;
}

/* What is asked of a scan that is not the newest is asked of its own time. */
static enum status find_moment(struct intake *intake, struct store *from, const struct store_run *run)
{
    struct store_run newest;
    enum status status = store_find_run(from, NULL, false, &newest);
    if (status != STATUS_OK)
        return status;
    if (newest.number != run->number)
        intake->moment_ms = run->ended_ms ? run->ended_ms : run->started_ms;
    store_run_deinit(&newest);
    return STATUS_OK;
}

static enum status take_scan(struct intake *intake, struct store *from, const struct store_run *run)
{
    struct copy copy = {.intake = intake, .from = from, .to = &intake->run};
    enum status status = take_run(intake, run);
    if (status == STATUS_OK)
        status = copy_seen(&copy, run);
    return status == STATUS_OK ? find_moment(intake, from, run) : status;
}

enum status intake_store(struct intake *intake, const char *path, const char *id,
                         const struct catalogue *catalogue)
{
    struct store *from = NULL;
    struct store_run run = {0};
    bool imports = false;
    enum status status = store_open(path, false, &from);
    if (status == STATUS_OK)
        status = store_find_run(from, id, false, &run);
    bool none = status == STATUS_MISMATCH && !id;
    if (status == STATUS_OK)
        status = take_scan(intake, from, &run);
    if (status == STATUS_OK || none)
        status = take_imports(intake, from, catalogue, &imports);
    if (status == STATUS_OK && none && !imports)
        status = STATUS_MISMATCH;
    if (status == STATUS_STORE)
        fprintf(stderr, "auscult: %s: %s\n", path, from ? store_message(from) : "it cannot be opened");
    if (status == STATUS_MISMATCH)
        fprintf(stderr, "auscult: %s: it holds no %s\n", path, id ? "such run" : "run");
    store_run_deinit(&run);
    store_close(&from);
    return status;
}
