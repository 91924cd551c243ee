#include "targets/scope_read.h"

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

static void read_days(struct scope_reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    struct fields *fields = &reading->fields;
    risk->from_day = fields_day(fields, entry, "from", "\"2026-01-01\"");
    risk->until_day = fields_day(fields, entry, "until", "\"2026-06-30\"");
    if (!risk->from_day || !risk->until_day)
        return;
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(entry, "until");
    const char *from = cJSON_GetObjectItemCaseSensitive(entry, "from")->valuestring;
    if (risk->until_day < risk->from_day)
        fields_complain(fields, until, "\"until\" comes before \"from\"; write a day from %s on", from);
    else if (risk->until_day > risk->from_day + YEAR)
        fields_complain(fields, until,
                        "a risk is accepted for a year at most; write a day within a year of %s", from);
}

static void read_entry(struct scope_reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    struct fields *fields = &reading->fields;
    static const char *const known[] = {"item", "where", "organization", "reason",
                                        "by",   "from",  "until",        NULL};
    if (!fields_is(fields, entry, cJSON_Object, "accepted", "{ \"item\": \"H03-2\", … }"))
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    fields_text(fields, entry, "item", FIELD_REQUIRED, "\"H03-2\"", &risk->item);
    read_where(reading, entry, risk);
    read_organization(reading, entry, risk);
    fields_text(fields, entry, "reason", FIELD_REQUIRED, "\"why it can't be mended now\"", &risk->reason);
    fields_text(fields, entry, "by", FIELD_REQUIRED, "\"who accepts it\"", &risk->by);
    read_days(reading, entry, risk);
}

void scope_accepted_read(struct scope_reading *reading, const cJSON *accepted)
{
    struct scope *scope = reading->scope;
    scope->accepted =
        fields_array(&reading->fields, (size_t)cJSON_GetArraySize(accepted), sizeof *scope->accepted);
    for (const cJSON *entry = accepted->child; entry && scope->accepted; entry = entry->next)
        read_entry(reading, entry, &scope->accepted[scope->accepted_count++]);
}
