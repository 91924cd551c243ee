#include "targets/scope_read.h"

#include <string.h>

#include "targets/calendar.h"

/* Days are numbers of year, month and day, so that a year on is this much more. */
#define YEAR 10000

static void read_where(struct scope_reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    struct fields *fields = &reading->fields;
    struct range range;
    const cJSON *where = cJSON_GetObjectItemCaseSensitive(entry, "where");
    if (!where)
        return;
    if (cJSON_IsArray(where)) {
        if (!where->child)
            fields_complain(fields, where,
                            "\"where\" is empty; name addresses, or leave it out for anywhere");
        fields_ranges(fields, where, "where", &risk->where);
    } else if (fields_range(fields, where, "where", &range)) {
        fields_keep(fields, ranges_add(&risk->where, range));
    }
}

static void read_organization(struct scope_reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    fields_text(&reading->fields, entry, "organization", FIELD_OPTIONAL, "\"h001\"", &risk->organization);
    const char *id = risk->organization;
    if (id && reading->scope->by_id && !scope_organization(reading->scope, id))
        fields_complain(
            &reading->fields, cJSON_GetObjectItemCaseSensitive(entry, "organization"),
            "no organization of this scope has the id \"%s\"; write one that has, or leave it out for any",
            quoted(id).text);
}

static void read_days(struct scope_reading *reading, const cJSON *entry, enum presence until,
                      struct accepted_risk *risk)
{
    struct fields *fields = &reading->fields;
    risk->from_day = fields_day(fields, entry, "from", "\"2026-01-01\"");
    const cJSON *end = cJSON_GetObjectItemCaseSensitive(entry, "until");
    if (end || until == FIELD_REQUIRED)
        risk->until_day = fields_day(fields, entry, "until", "\"2026-06-30\"");
    if (!risk->from_day || !risk->until_day)
        return;
    const char *from = cJSON_GetObjectItemCaseSensitive(entry, "from")->valuestring;
    if (risk->until_day < risk->from_day)
        fields_complain(fields, end, "\"until\" comes before \"from\"; write a day from %s on", from);
    else if (until == FIELD_REQUIRED && risk->until_day > risk->from_day + YEAR)
        fields_complain(fields, end, "a risk is accepted for a year at most; write a day within a year of %s",
                        from);
}

/* What both lists say of their entries: `until` is required of the one that comes to an end by itself. */
static void read_entry(struct scope_reading *reading, const cJSON *list, const cJSON *entry,
                       enum presence until, struct accepted_risk *risk)
{
    struct fields *fields = &reading->fields;
    static const char *const known[] = {"item", "where", "organization", "reason",
                                        "by",   "from",  "until",        NULL};
    bool accepted = until == FIELD_REQUIRED;
    if (!fields_is(fields, entry, cJSON_Object, list->string, "{ \"item\": \"H03-2\", … }"))
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    fields_text(fields, entry, "item", FIELD_REQUIRED, "\"H03-2\"", &risk->item);
    read_where(reading, entry, risk);
    read_organization(reading, entry, risk);
    fields_text(fields, entry, "reason", FIELD_REQUIRED,
                accepted ? "\"why it can't be mended now\"" : "\"why it is none\"", &risk->reason);
    fields_text(fields, entry, "by", FIELD_REQUIRED, accepted ? "\"who accepts it\"" : "\"who looked at it\"",
                &risk->by);
    read_days(reading, entry, until, risk);
}

static void read_list(struct scope_reading *reading, const cJSON *list, enum presence until,
                      struct accepted_risk **risks, size_t *count)
{
    *risks = fields_array(&reading->fields, (size_t)cJSON_GetArraySize(list), sizeof **risks);
    for (const cJSON *entry = list->child; entry && *risks; entry = entry->next)
        read_entry(reading, list, entry, until, &(*risks)[(*count)++]);
}

void scope_accepted_read(struct scope_reading *reading, const cJSON *accepted)
{
    struct scope *scope = reading->scope;
    read_list(reading, accepted, FIELD_REQUIRED, &scope->accepted, &scope->accepted_count);
}

/* A mark says where: with neither place nor organization it would hide an item altogether. */
static void check_place(struct scope_reading *reading, const cJSON *entry, const struct accepted_risk *mark)
{
    if (cJSON_IsObject(entry) && mark->item && mark->where.count == 0 && !mark->organization)
        fields_complain(
            &reading->fields, entry,
            "a false positive is somewhere; add \"where\": \"192.0.2.5\" or \"organization\": \"h001\"");
}

void scope_false_positives_read(struct scope_reading *reading, const cJSON *false_positives)
{
    struct scope *scope = reading->scope;
    read_list(reading, false_positives, FIELD_OPTIONAL, &scope->false_positives,
              &scope->false_positives_count);
    const cJSON *entry = false_positives->child;
    for (size_t i = 0; i < scope->false_positives_count; i++, entry = entry->next)
        check_place(reading, entry, &scope->false_positives[i]);
}

bool accepted_risk_holds(const struct accepted_risk *risk, const char *organization, int today)
{
    if (today < risk->from_day || (risk->until_day && today >= risk->until_day))
        return false;
    return !risk->organization || !organization || strcmp(risk->organization, organization) == 0;
}

int accepted_risk_days_left(const struct accepted_risk *risk, int today)
{
    if (risk->until_day == 0 || !accepted_risk_holds(risk, NULL, today))
        return -1;
    return (int)(calendar_number(risk->until_day) - calendar_number(today));
}
