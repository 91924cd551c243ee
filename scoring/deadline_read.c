#include "scoring/deadline_read.h"

#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/catalogue_read.h"

#define RULES_MAX    256
#define ITEMS_MAX    CATALOGUE_ITEMS_MAX
#define DAYS_MAX     3650
#define RULE_EXAMPLE "{ \"exploited\": true, \"exposed\": true, \"days\": 3 }"
#define ITEM_EXAMPLE "\"H03-1\""

static bool read_flag(struct fields *fields, const cJSON *entry, const char *name, bool *flag_out)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(entry, name);
    if (!member)
        return false;
    *flag_out = cJSON_IsTrue(member);
    if (!cJSON_IsBool(member))
        fields_complain(fields, member, "\"%s\" must be true or false; write true", name);
    return true;
}

static enum deadline_asked read_asked(struct fields *fields, const cJSON *entry, const char *name)
{
    bool flag = false;
    if (!read_flag(fields, entry, name, &flag))
        return ASKED_ANY;
    return flag ? ASKED_YES : ASKED_NO;
}

static enum deadline_impact read_impact(struct fields *fields, const cJSON *entry)
{
    static const char *const words[] = {"partial", "total", NULL};
    int impact = IMPACT_BY_SEVERITY;
    fields_choice(fields, entry, "impact", FIELD_OPTIONAL, words, &impact);
    return (enum deadline_impact)impact;
}

/* A number of days, or "upgrade" for 0; left alone where it is absent. */
static void read_days(struct fields *fields, const cJSON *entry, enum presence presence, int *days_out)
{
    const cJSON *member = fields_member(fields, entry, "days", presence, "14");
    if (!member)
        return;
    double days = cJSON_IsNumber(member) ? member->valuedouble : 0;
    if (cJSON_IsString(member) && strcmp(member->valuestring, "upgrade") == 0)
        *days_out = 0;
    else if (days >= 1 && days <= DAYS_MAX && days == (int)days)
        *days_out = (int)days;
    else
        fields_complain(fields, member,
                        "\"days\" must be a whole number from 1 to %d, or \"upgrade\"; write 14", DAYS_MAX);
}

static void read_rule(struct fields *fields, const cJSON *entry, struct deadline_rule *rule)
{
    static const char *const known[] = {"exploited", "exposed", "automatable", "impact",
                                        "days",      "examine", "words",       NULL};
    static const enum deadline_asked total[] = {
        [IMPACT_PARTIAL] = ASKED_NO, [IMPACT_TOTAL] = ASKED_YES, [IMPACT_BY_SEVERITY] = ASKED_ANY};
    if (!fields_is(fields, entry, cJSON_Object, "rules", RULE_EXAMPLE))
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    rule->exploited = read_asked(fields, entry, "exploited");
    rule->exposed = read_asked(fields, entry, "exposed");
    rule->automatable = read_asked(fields, entry, "automatable");
    rule->total = total[read_impact(fields, entry)];
    read_days(fields, entry, FIELD_REQUIRED, &rule->days);
    (void)read_flag(fields, entry, "examine", &rule->examine);
    catalogue_read_words(fields, entry, "words", &rule->words);
}

static void read_item(struct fields *fields, const cJSON *list, const cJSON *entry,
                      struct deadline_item *item)
{
    static const char *const known[] = {"id",   "exploited", "automatable", "impact",
                                        "days", "examine",   "reason",      NULL};
    item->days = -1;
    item->impact = IMPACT_BY_SEVERITY;
    const char *id = fields_entry_id(fields, list, entry, ITEM_EXAMPLE);
    if (!id)
        return;
    item->id = fields_copy(fields, id);
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    (void)read_flag(fields, entry, "exploited", &item->exploited);
    (void)read_flag(fields, entry, "automatable", &item->automatable);
    item->impact = read_impact(fields, entry);
    read_days(fields, entry, FIELD_OPTIONAL, &item->days);
    if (read_flag(fields, entry, "examine", &item->examine) && item->days < 0)
        fields_complain_name(fields, cJSON_GetObjectItemCaseSensitive(entry, "examine"),
                             "\"examine\" of an item goes with its own \"days\"; add them or remove it");
    fields_member(fields, entry, "reason", FIELD_REQUIRED, "{ \"zh\": \"…\", \"en\": \"…\" }");
    catalogue_read_words(fields, entry, "reason", &item->reason);
}

/* A list of that name with no more than `most` entries. */
static const cJSON *list_of(struct fields *fields, const cJSON *root, const char *name, const char *example,
                            int most)
{
    const cJSON *list = fields_typed(fields, root, name, cJSON_Array, FIELD_REQUIRED, example);
    if (!list || cJSON_GetArraySize(list) <= most)
        return list;
    fields_complain(fields, list, "\"%s\" has more than %d entries; keep what is needed", name, most);
    return NULL;
}

/* Whatever a finding is, one of the rules must fit it. */
static void check_whole(struct fields *fields, const cJSON *list, const struct deadlines *deadlines)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        const struct deadline_case of = {bits & 1, bits & 2, bits & 4, bits & 8};
        if (deadline_rule(deadlines, of))
            continue;
        fields_complain(
            fields, list,
            "no rule fits what is %s exploited, %s exposed, %s automatable and of %s impact; add one, "
            "or end the list with { \"days\": \"upgrade\" }",
            of.exploited ? "known to be" : "not known to be", of.exposed ? "is" : "not",
            of.automatable ? "is" : "not", of.total ? "total" : "partial");
        return;
    }
}

static void read_rules(struct fields *fields, const cJSON *root, struct deadlines *deadlines)
{
    const cJSON *list = list_of(fields, root, "rules", "[" RULE_EXAMPLE "]", RULES_MAX);
    if (!list)
        return;
    size_t before = fields_complaints(fields->complaints);
    deadlines->rules = fields_array(fields, (size_t)cJSON_GetArraySize(list), sizeof *deadlines->rules);
    for (const cJSON *entry = list->child; entry && deadlines->rules; entry = entry->next)
        read_rule(fields, entry, &deadlines->rules[deadlines->rules_count++]);
    if (fields_complaints(fields->complaints) == before)
        check_whole(fields, list, deadlines);
}

static int item_compare(const void *a, const void *b)
{
    const struct deadline_item *left = a, *right = b;
    return strcmp(left->id, right->id);
}

static void read_items(struct fields *fields, const cJSON *root, struct deadlines *deadlines)
{
    const cJSON *list = list_of(fields, root, "items", "[{ \"id\": " ITEM_EXAMPLE ", … }]", ITEMS_MAX);
    if (!list)
        return;
    size_t before = fields_complaints(fields->complaints);
    deadlines->items = fields_array(fields, (size_t)cJSON_GetArraySize(list), sizeof *deadlines->items);
    for (const cJSON *entry = list->child; entry && deadlines->items; entry = entry->next)
        read_item(fields, list, entry, &deadlines->items[deadlines->items_count++]);
    /* After a mistake some have no id, and nobody looks them up. */
    if (fields_complaints(fields->complaints) == before && fields->status == STATUS_OK)
        qsort(deadlines->items, deadlines->items_count, sizeof *deadlines->items, item_compare);
}

static void read_root(struct fields *fields, const cJSON *root, struct deadlines *deadlines)
{
    static const char *const known[] = {"auscult_deadlines", "name",  "source", "exposed_from",
                                        "total_from",        "rules", "items",  NULL};
    if (!fields_is(fields, root, cJSON_Object, "deadlines", "{ \"auscult_deadlines\": 1, … }"))
        return;
    const cJSON *layout = fields_member(fields, root, "auscult_deadlines", FIELD_REQUIRED, "1");
    if (layout && !(cJSON_IsNumber(layout) && layout->valuedouble == 1))
        fields_complain(fields, layout,
                        "\"auscult_deadlines\" must be 1, the layout that this program reads");
    document_refuse_unknown(fields->document, root, known, fields->complaints);
    const cJSON *name = fields_member(fields, root, "name", FIELD_REQUIRED, "\"ours-2026\"");
    if (name && fields_is_id(fields, name, "name", "\"ours-2026\""))
        deadlines->name = fields_copy(fields, name->valuestring);
    fields_member(fields, root, "source", FIELD_REQUIRED, "{ \"zh\": \"…\", \"en\": \"…\" }");
    catalogue_read_words(fields, root, "source", &deadlines->source);
    fields_number(fields, root, "exposed_from", FIELD_OPTIONAL, 0, 1, "1", &deadlines->exposed_from);
    fields_whole(fields, root, "total_from", FIELD_OPTIONAL, 1, 6, &deadlines->total_from);
    read_rules(fields, root, deadlines);
    read_items(fields, root, deadlines);
}

enum status deadlines_read(struct deadlines *deadlines, const struct document *document,
                           struct complaints *complaints)
{
    struct fields fields = {document, complaints, text_unsafe, STATUS_OK};
    size_t before = fields_complaints(complaints);
    deadlines->exposed_from = 1;
    deadlines->total_from = 5;
    read_root(&fields, document->root, deadlines);
    if (fields.status != STATUS_OK)
        return fields.status;
    return fields_complaints(complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}
