#include "scoring/report/changes_records.h"

#include <math.h>
#include <stdio.h>

#include "scoring/deadline.h"
#include "scoring/object.h"
#include "scoring/report/records.h"

static cJSON *run_of(const struct store_run *run)
{
    struct object making = object_begin();
    object_text(&making, "run", run->id);
    object_moment(&making, "started", run->started_ms);
    object_text(&making, "vantage", run->vantage);
    object_text(&making, "catalogue", run->catalogue);
    object_bool(&making, "complete", run->complete);
    return object_end(&making);
}

static cJSON *counts_of(const uint64_t counts[CHANGE_KINDS])
{
    struct object making = object_begin();
    for (size_t i = 0; i < CHANGE_KINDS; i++)
        object_number(&making, change_kind_word(change_order[i]), (double)counts[change_order[i]]);
    return object_end(&making);
}

static cJSON *endpoint_counts_of(const struct changes *changes)
{
    struct object making = object_begin();
    for (int i = 0; i < ENDPOINT_CHANGE_KINDS; i++)
        object_number(&making, endpoint_change_word((enum endpoint_change_kind)i),
                      (double)changes->endpoint_counts[i]);
    return object_end(&making);
}

cJSON *record_changes(const struct changes *changes)
{
    struct object making = object_record("changes");
    object_add(&making, "before", run_of(&changes->before));
    object_add(&making, "after", run_of(&changes->after));
    object_bool(&making, "other_vantage", changes->other_vantage);
    object_number(&making, "recall", changes->recall);
    object_add(&making, "changes", counts_of(changes->counts));
    object_add(&making, "endpoints", endpoint_counts_of(changes));
    return object_end(&making);
}

static double figure(int index)
{
    return index < 0 ? (double)NAN : index;
}

cJSON *record_index_change(const struct organization_change *change)
{
    bool before = change->before >= 0, after = change->after >= 0;
    struct object making = object_record("index_change");
    object_text(&making, "org", change->id);
    object_number(&making, "before", figure(change->before));
    object_number(&making, "after", figure(change->after));
    object_number(&making, "before_exact", before ? change->before_exact : (double)NAN);
    object_number(&making, "after_exact", after ? change->after_exact : (double)NAN);
    object_number(&making, "moved", change->moved);
    object_number(&making, "unlooked", change->unlooked);
    object_number(&making, "rest", change->rest);
    object_number(&making, "stored_before", figure(change->stored_before));
    object_number(&making, "stored_after", figure(change->stored_after));
    object_add(&making, "changes", counts_of(change->counts));
    return object_end(&making);
}

static void add_risk(struct object *making, const struct accepted_risk *risk)
{
    if (!risk)
        return;
    object_text(making, "reason", risk->reason);
    object_text(making, "by", risk->by);
    object_day(making, "from", risk->from_day);
    object_day(making, "until", risk->until_day);
}

/* Only what is in force is to be mended. */
static void add_deadline(struct object *making, const struct report *report, const struct change *change)
{
    bool in_force = change->kind == CHANGE_NEW || change->kind == CHANGE_BACK ||
                    change->kind == CHANGE_OPEN || change->kind == CHANGE_LAPSED;
    if (!report->deadlines || !in_force)
        return;
    struct deadline deadline = report_deadline(report, change->organization, change->item, change->finding);
    if (deadline.days)
        object_number(making, "days", deadline.days);
    else
        object_text(making, "days", "upgrade");
    object_day(making, "due", deadline.due_day);
    object_bool(making, "overdue", deadline.overdue);
    if (deadline.examine)
        object_bool(making, "examine", true);
}

cJSON *record_change(const struct report *report, const struct change *change)
{
    struct object making = object_record("change");
    object_text(&making, "change", change_kind_word(change->kind));
    object_text(&making, "org", change->organization);
    object_text(&making, "item", report->catalogue->items[change->item].id);
    if (change->finding->has_address)
        object_endpoint(&making, change->finding->address, change->finding->port);
    if (change->finding->key)
        object_text(&making, "key", change->finding->key);
    object_moment(&making, "first", change->first_ms);
    object_moment(&making, "seen", change->seen_ms);
    object_number(&making, "moved", change->moved);
    object_text(&making, "why", change->why);
    object_text(&making, "evidence", change->finding->why);
    add_risk(&making, change->risk);
    add_deadline(&making, report, change);
    return object_end(&making);
}

static cJSON *answer_of(const struct endpoint_answer *answer)
{
    if (!answer->open)
        return cJSON_CreateNull();
    struct object making = object_begin();
    object_text(&making, "service", answer->service);
    object_bool(&making, "tls", answer->tls);
    object_text(&making, "product", answer->product);
    object_text(&making, "version", answer->version);
    return object_end(&making);
}

cJSON *record_endpoint_change(const struct endpoint_change *change)
{
    struct object making = object_record("endpoint_change");
    object_text(&making, "change", endpoint_change_word(change->kind));
    object_text(&making, "org", change->organization);
    object_endpoint(&making, change->address, change->port);
    object_add(&making, "before", answer_of(&change->before));
    object_add(&making, "after", answer_of(&change->after));
    object_text(&making, "why", change_reason_name(change->reason, LANGUAGE_EN));
    return object_end(&making);
}

enum status changes_write_lines(const struct report *report, FILE *stream)
{
    const struct changes *changes = report->changes;
    if (!changes)
        return STATUS_OK;
    enum status status = record_write(record_changes(changes), stream);
    for (size_t i = 0; i < changes->organizations_count && status == STATUS_OK; i++)
        status = record_write(record_index_change(&changes->organizations[i]), stream);
    for (size_t i = 0; i < changes->count && status == STATUS_OK; i++)
        status = record_write(record_change(report, &changes->items[i]), stream);
    for (size_t i = 0; i < changes->endpoints_count && status == STATUS_OK; i++)
        status = record_write(record_endpoint_change(&changes->endpoints[i]), stream);
    return status;
}

/* A list in the making: its records are lines of their own. */
static enum status put_entry(cJSON *record, bool first, FILE *stream)
{
    if (!first && fputs(",", stream) < 0) {
        cJSON_Delete(record);
        return STATUS_SYSTEM;
    }
    return record_write(record, stream);
}

static enum status put_word(enum status status, const char *word, FILE *stream)
{
    return status != STATUS_OK ? status : fputs(word, stream) < 0 ? STATUS_SYSTEM : STATUS_OK;
}

enum status changes_write_object(const struct report *report, FILE *stream)
{
    const struct changes *changes = report->changes;
    enum status status = put_word(STATUS_OK, "{\"compared\":", stream);
    if (status == STATUS_OK)
        status = record_write(record_changes(changes), stream);
    status = put_word(status, ",\"organizations\":[", stream);
    for (size_t i = 0; i < changes->organizations_count && status == STATUS_OK; i++)
        status = put_entry(record_index_change(&changes->organizations[i]), i == 0, stream);
    status = put_word(status, "],\"changes\":[", stream);
    for (size_t i = 0; i < changes->count && status == STATUS_OK; i++)
        status = put_entry(record_change(report, &changes->items[i]), i == 0, stream);
    status = put_word(status, "],\"endpoints\":[", stream);
    for (size_t i = 0; i < changes->endpoints_count && status == STATUS_OK; i++)
        status = put_entry(record_endpoint_change(&changes->endpoints[i]), i == 0, stream);
    return put_word(status, "]}", stream);
}
