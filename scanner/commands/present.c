#include "scanner/commands/present.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scanner/commands/command.h"
#include "scoring/assessment.h"
#include "scoring/evaluation.h"
#include "scoring/report/against.h"
#include "scoring/report/records.h"
#include "scoring/report/withheld.h"
#include "targets/calendar.h"

int present_today(void)
{
    time_t now = time(NULL);
    struct tm day;
    localtime_r(&now, &day);
    return (day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday;
}

int present_status(enum status status, const char *doing, const struct store *store)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_DONE;
    case STATUS_NO_MEMORY:
        fprintf(stderr, "auscult: %s: out of memory\n", doing);
        return EXIT_FAILED;
    case STATUS_SYSTEM:
        fprintf(stderr, "auscult: %s: %s\n", doing, strerror(errno));
        return EXIT_FAILED;
    case STATUS_STORE:
        fprintf(stderr, "auscult: %s: the store says: %s\n", doing,
                store ? store_message(store) : "it is no auscult store");
        return EXIT_FAILED;
    case STATUS_WRONG_FILE:
    case STATUS_MISMATCH:
        fprintf(stderr, "auscult: %s: what is there does not fit\n", doing);
        return EXIT_USAGE;
    case STATUS_UNAUTHORIZED:
        return EXIT_REFUSED;
    case STATUS_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case STATUS_LIMIT:
        fprintf(stderr, "auscult: %s: a limit was reached\n", doing);
        return EXIT_FAILED;
    }
    return EXIT_FAILED;
}

static void print_complaints(struct complaints *complaints)
{
    char *text = complaints_format(complaints);
    fputs(text ? text : "auscult: out of memory\n", stderr);
    free(text);
    complaints_deinit(complaints);
}

bool present_complaints(enum status status, const char *path, struct complaints *complaints)
{
    print_complaints(complaints);
    if (status != STATUS_OK && status != STATUS_WRONG_FILE)
        (void)present_status(status, path, NULL);
    return status == STATUS_OK;
}

bool present_scope(struct scope *scope, const char *path)
{
    struct complaints complaints;
    complaints_init(&complaints, path);
    enum status status = scope_read(scope, path, &complaints);
    return present_complaints(status, path, &complaints);
}

/* The scope file as a store at this path kept it. */
static bool read_kept_scope(struct scope *scope, const char *path, const char *text)
{
    struct complaints complaints;
    char name[512];
    snprintf(name, sizeof name, "the scope file in %s", path);
    complaints_init(&complaints, name);
    enum status status = scope_parse(scope, text, strlen(text), &complaints);
    if (status == STATUS_WRONG_FILE)
        fprintf(stderr, "auscult: %s was kept by another version; --scope FILE replaces it\n", name);
    return present_complaints(status, name, &complaints);
}

bool present_scope_of_run(const struct shared *shared, const char *kept, struct scope *storage,
                          const struct scope **scope_out)
{
    *scope_out = NULL;
    if (!shared->scope_path && !kept) {
        fprintf(stderr,
                "auscult: %s kept no scope file: asset values and accepted risks count only with --scope "
                "FILE\n",
                shared->store_path);
        return true;
    }
    bool good = shared->scope_path ? present_scope(storage, shared->scope_path)
                                   : read_kept_scope(storage, shared->store_path, kept);
    *scope_out = good ? storage : NULL;
    return good;
}

bool present_catalogue(struct catalogue *catalogue, const struct sources *sources)
{
    struct complaints complaints;
    complaints_init(&complaints, sources->count ? sources->items[sources->count - 1] : CATALOGUE_DEFAULT);
    enum status status = catalogue_load(catalogue, sources->items, sources->count, &complaints);
    print_complaints(&complaints);
    if (status != STATUS_OK && status != STATUS_WRONG_FILE)
        (void)present_status(status, "reading the catalogue", NULL);
    return status == STATUS_OK;
}

bool present_baseline(struct baseline *baseline, const char *source)
{
    struct complaints complaints;
    complaints_init(&complaints, source);
    enum status status = baseline_load(baseline, source, &complaints);
    print_complaints(&complaints);
    if (status != STATUS_OK && status != STATUS_WRONG_FILE)
        (void)present_status(status, "reading the baseline", NULL);
    return status == STATUS_OK;
}

bool present_deadlines(struct deadlines *deadlines, const char *path)
{
    struct complaints complaints;
    complaints_init(&complaints, path ? path : "deadlines");
    enum status status = deadlines_load(deadlines, path, &complaints);
    print_complaints(&complaints);
    if (status != STATUS_OK && status != STATUS_WRONG_FILE)
        (void)present_status(status, "reading the deadlines", NULL);
    return status == STATUS_OK;
}

void present_acceptances(const struct scope *scope, int today)
{
    char day[CALENDAR_TEXT_MAX];
    for (size_t i = 0; scope && i < scope->accepted_count; i++) {
        const struct accepted_risk *risk = &scope->accepted[i];
        int days = accepted_risk_days_left(risk, today);
        if (days >= 0 && days <= ACCEPTED_WARNING_DAYS)
            fprintf(stderr,
                    "auscult: the acceptance of %s by %s (%s) ends on %s, in %d day%s: it counts "
                    "again "
                    "from then on\n",
                    risk->item, risk->by, risk->reason, calendar_format(risk->until_day, day), days,
                    days == 1 ? "" : "s");
    }
}

bool present_new(const struct changes *changes)
{
    uint64_t appeared = changes_appeared(changes);
    if (appeared)
        fprintf(stderr, "auscult: %" PRIu64 " finding%s new or back again since the scan %.8s\n", appeared,
                appeared == 1 ? " is" : "s are", changes->before.id);
    return appeared > 0;
}

static bool gated(const struct evaluation *evaluation)
{
    bool any = false;
    for (size_t i = 0; i < evaluation->count; i++)
        if (evaluation->scorecards[i].gated_by_count) {
            fprintf(stderr, "auscult: %s: a gate is in force, %s is the highest band that is shown\n",
                    evaluation->organizations[i].organization->id, band_word(evaluation->scorecards[i].gate));
            any = true;
        }
    return any;
}

static enum status keep_scorecards(struct store *store, const struct store_run *run,
                                   const struct catalogue *catalogue, const struct evaluation *evaluation)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < evaluation->count && status == STATUS_OK; i++) {
        const char *id = evaluation->organizations[i].organization->id;
        const struct scorecard *scorecard = &evaluation->scorecards[i];
        cJSON *record = record_scorecard(catalogue, id, scorecard);
        char *text = record ? cJSON_PrintUnformatted(record) : NULL;
        status = text ? store_scorecard(store, run, id, scorecard, text) : STATUS_NO_MEMORY;
        cJSON_free(text);
        cJSON_Delete(record);
    }
    return status == STATUS_OK ? store_commit(store) : status;
}

static void count_ends(void *context, const struct store_count *count)
{
    struct report *report = context;
    report->open_endpoints += count->ends[ENDPOINT_OPEN];
    report->synthetic_endpoints += count->ends[ENDPOINT_SYNTHETIC];
}

static bool below(const struct evaluation *evaluation, double threshold)
{
    bool any = false;
    for (size_t i = 0; i < evaluation->count; i++)
        if (evaluation->scorecards[i].assessed && evaluation->scorecards[i].index < threshold) {
            fprintf(stderr, "auscult: %s has %d, below %g\n", evaluation->organizations[i].organization->id,
                    evaluation->scorecards[i].index, threshold);
            any = true;
        }
    return any;
}

static enum status write_forms(struct report *report, const struct presentation *presentation)
{
    struct withheld withheld;
    if (!presentation->without_addresses)
        return outputs_write(presentation->outputs, report);
    enum status status = report_withhold(report, &withheld);
    if (status == STATUS_OK)
        status = outputs_write(presentation->outputs, report);
    withheld_deinit(&withheld);
    return status;
}

static bool want_comparison(const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].form->compares)
            return true;
    return false;
}

/* With the comparison for those that show one. */
static enum status write_compared(struct store *store, struct report *report,
                                  const struct presentation *presentation)
{
    struct baseline baseline;
    struct against against;
    const char *name = presentation->baseline ? presentation->baseline : BASELINE_DEFAULT;
    if (!want_comparison(presentation->outputs) || report->organizations_count == 0)
        return write_forms(report, presentation);
    if (!present_baseline(&baseline, name))
        return STATUS_WRONG_FILE;
    enum status status = against_make(store, report, &baseline, &against);
    if (status == STATUS_OK) {
        report->comparison = &against.comparison;
        status = write_forms(report, presentation);
        report->comparison = NULL;
        against_deinit(&against);
    }
    baseline_deinit(&baseline);
    return status;
}

static enum status write_report(struct store *store, const struct store_run *run,
                                const struct presentation *presentation, struct evaluation *evaluation)
{
    struct report report = {
        .catalogue = presentation->catalogue,
        .run = run,
        .scope_reference = presentation->scope ? presentation->scope->reference : NULL,
        .scope = presentation->scope,
        .today = present_today(),
        .organizations = evaluation->organizations,
        .organizations_count = evaluation->count,
        .evidence = &evaluation->evidence,
        .language = presentation->language,
        .assessed_by_findings_only = evaluation->assessed_by_findings_only,
        .findings = evaluation->findings,
        .seconds = presentation->seconds,
        .complete = run->complete,
        .changes = presentation->changes,
        .deadlines = presentation->deadlines,
    };
    struct store_pace pace;
    enum status status = store_each_count(store, run, NULL, count_ends, &report);
    if (status != STATUS_OK)
        return status;
    status = store_find_pace(store, run, &pace);
    if (status != STATUS_OK && status != STATUS_MISMATCH)
        return status;
    report.pace = status == STATUS_OK ? &pace : NULL;
    struct namings namings;
    namings_init(&namings);
    status = store_find_names(store, run, &namings);
    report.namings = namings.count ? &namings : NULL;
    if (status == STATUS_OK)
        status = write_compared(store, &report, presentation);
    namings_deinit(&namings);
    if (report.pace)
        store_pace_deinit(&pace);
    return status;
}

static bool want_occurrences(const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].form->occurrences)
            return true;
    return false;
}

struct evaluation_options present_options(const struct presentation *presentation)
{
    return (struct evaluation_options){
        .catalogue = presentation->catalogue,
        .scope = presentation->scope,
        .only = presentation->only,
        .exposure = vantage_exposure(presentation->vantage),
        .literal = presentation->literal,
        .without_occurrences = presentation->without_addresses || !want_occurrences(presentation->outputs),
        .today = present_today(),
        .moment_ms = presentation->moment_ms,
    };
}

/* Is a threshold crossed? Says which, all of them. */
static bool crossed(const struct presentation *presentation, const struct evaluation *evaluation)
{
    bool crossed = presentation->fail_below > 0 && below(evaluation, presentation->fail_below);
    if (presentation->fail_on.gate)
        crossed |= gated(evaluation);
    if (presentation->fail_on.new_findings && presentation->changes)
        crossed |= present_new(presentation->changes);
    return crossed;
}

/* What has been made with this status; takes the evaluation. */
static int present(struct store *store, const struct store_run *run, const struct presentation *presentation,
                   enum status status, struct evaluation *evaluation)
{
    if (status == STATUS_OK && presentation->only && evaluation->count == 0) {
        fprintf(stderr, "auscult: --org '%s': the run has no such organization\n", presentation->only);
        evaluation_deinit(evaluation);
        return EXIT_USAGE;
    }
    if (status == STATUS_OK && presentation->keep)
        status = keep_scorecards(store, run, presentation->catalogue, evaluation);
    if (status == STATUS_OK)
        status = write_report(store, run, presentation, evaluation);
    int code = present_status(status, "the report", store);
    if (code == EXIT_DONE && crossed(presentation, evaluation))
        code = EXIT_THRESHOLD;
    present_acceptances(presentation->scope, present_today());
    evaluation_deinit(evaluation);
    return code;
}

int present_run(struct store *store, const struct store_run *run, const struct presentation *presentation)
{
    const struct evaluation_options options = present_options(presentation);
    struct evaluation evaluation;
    enum status status = evaluation_make(store, run, &options, &evaluation);
    return present(store, run, presentation, status, &evaluation);
}

int present_stream(struct evaluation_stream *stream, const struct evidence_source *source,
                   struct store *store, const struct store_run *run, const struct presentation *presentation)
{
    struct evaluation evaluation;
    enum status status = evaluation_stream_end(stream, &evaluation);
    if (status == STATUS_OK)
        status = evidence_init(&evaluation.evidence, store, run, presentation->catalogue, 0);
    evaluation.evidence.source = source;
    return present(store, run, presentation, status, &evaluation);
}
