#include "targets/reading.h"

/* Days are numbers of year, month and day, so that a year on is this much more. */
#define YEAR 10000

static void read_where(struct reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    struct range range;
    const cJSON *where = cJSON_GetObjectItemCaseSensitive(entry, "where");
    if (!where)
        return;
    if (cJSON_IsArray(where)) {
        if (!where->child)
            reading_complain(reading, where,
                             "\"where\" is empty; name addresses, or leave it out for anywhere");
        reading_ranges(reading, where, "where", &risk->where);
    } else if (reading_range(reading, where, "where", &range)) {
        reading_keep(reading, ranges_add(&risk->where, range));
    }
}

static void read_organization(struct reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    char *id = reading_text(reading, entry, "organization", NEED_OPTIONAL, "\"h001\"");
    risk->organization = id;
    if (id && reading->scope->by_id && !scope_organization(reading->scope, id))
        reading_complain(
            reading, cJSON_GetObjectItemCaseSensitive(entry, "organization"),
            "no organization of this scope has the id \"%s\"; write one that has, or leave it out for any",
            quoted(id).text);
}

static void read_days(struct reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    risk->from_day = reading_day(reading, entry, "from", "\"2026-01-01\"");
    risk->until_day = reading_day(reading, entry, "until", "\"2026-06-30\"");
    if (!risk->from_day || !risk->until_day)
        return;
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(entry, "until");
    const char *from = cJSON_GetObjectItemCaseSensitive(entry, "from")->valuestring;
    if (risk->until_day < risk->from_day)
        reading_complain(reading, until, "\"until\" comes before \"from\"; write a day from %s on", from);
    else if (risk->until_day > risk->from_day + YEAR)
        reading_complain(reading, until,
                         "a risk is accepted for a year at most; write a day within a year of %s", from);
}

static void read_entry(struct reading *reading, const cJSON *entry, struct accepted_risk *risk)
{
    static const char *const known[] = {"item", "where", "organization", "reason",
                                        "by",   "from",  "until",        NULL};
    if (!reading_is(reading, entry, cJSON_Object, "accepted", "{ \"item\": \"H03-2\", … }"))
        return;
    document_refuse_unknown(&reading->document, entry, known, reading->complaints);
    risk->item = reading_text(reading, entry, "item", NEED_REQUIRED, "\"H03-2\"");
    read_where(reading, entry, risk);
    read_organization(reading, entry, risk);
    risk->reason = reading_text(reading, entry, "reason", NEED_REQUIRED, "\"why it can't be mended now\"");
    risk->by = reading_text(reading, entry, "by", NEED_REQUIRED, "\"who accepts it\"");
    read_days(reading, entry, risk);
}

void scope_accepted_read(struct reading *reading, const cJSON *accepted)
{
    struct scope *scope = reading->scope;
    scope->accepted = reading_array(reading, (size_t)cJSON_GetArraySize(accepted), sizeof *scope->accepted);
    for (const cJSON *entry = accepted->child; entry && scope->accepted; entry = entry->next)
        read_entry(reading, entry, &scope->accepted[scope->accepted_count++]);
}
