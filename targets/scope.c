#include "targets/scope.h"

#include <stdlib.h>
#include <string.h>

#include "targets/hash.h"
#include "targets/scope_read.h"
#include "targets/utf8.h"

static const char *const vantages[] = {
    [VANTAGE_INTERNET] = "internet",
    [VANTAGE_PARTNER] = "partner",
    [VANTAGE_INTERNAL] = "internal",
};

bool vantage_parse(const char *text, enum vantage *vantage_out)
{
    for (size_t i = 0; i < sizeof vantages / sizeof *vantages; i++) {
        if (strcmp(text, vantages[i]) != 0)
            continue;
        *vantage_out = (enum vantage)i;
        return true;
    }
    return false;
}

const char *vantage_name(enum vantage vantage)
{
    return vantages[vantage];
}

static void accepted_risk_deinit(struct accepted_risk *risk)
{
    free(risk->item);
    free(risk->organization);
    free(risk->reason);
    free(risk->by);
    ranges_deinit(&risk->where);
}

void scope_deinit(struct scope *scope)
{
    for (size_t i = 0; i < scope->organizations_count; i++)
        organization_deinit(&scope->organizations[i]);
    for (size_t i = 0; i < scope->accepted_count; i++)
        accepted_risk_deinit(&scope->accepted[i]);
    for (size_t i = 0; i < scope->false_positives_count; i++)
        accepted_risk_deinit(&scope->false_positives[i]);
    free(scope->reference);
    free(scope->authorized_by);
    free(scope->contact);
    free(scope->hours);
    free(scope->timezone);
    free(scope->organizations);
    free(scope->accepted);
    free(scope->false_positives);
    free(scope->canaries);
    free(scope->owned);
    free(scope->domains);
    free(scope->by_id);
    free(scope->text);
    ports_deinit(&scope->ports);
    ports_deinit(&scope->exclude_ports);
    ranges_deinit(&scope->exclude);
    *scope = (struct scope){.vantage = VANTAGE_INTERNET};
}

static void check_version(struct scope_reading *reading, const cJSON *root)
{
    const cJSON *version = fields_typed(&reading->fields, root, "auscult", cJSON_Number, FIELD_REQUIRED, "1");
    if (version && version->valuedouble != 1)
        fields_complain(&reading->fields, version,
                        "this program reads scope files of version 1; write \"auscult\": 1");
}

static void read_vantage(struct scope_reading *reading, const cJSON *root)
{
    const cJSON *vantage =
        fields_typed(&reading->fields, root, "vantage", cJSON_String, FIELD_OPTIONAL, "\"internet\"");
    if (vantage && !vantage_parse(vantage->valuestring, &reading->scope->vantage))
        fields_complain(&reading->fields, vantage,
                        "\"%s\" is no vantage; write \"internet\", \"partner\" or \"internal\"",
                        quoted(vantage->valuestring).text);
}

static void read_root(struct scope_reading *reading, const cJSON *root)
{
    struct fields *fields = &reading->fields;
    size_t before = fields_complaints(fields->complaints);
    static const char *const known[] = {
        "auscult",  "authorization",   "vantage", "exclude",      "organizations",
        "accepted", "false_positives", "canary",  "canary_every", NULL};
    if (!fields_is(fields, root, cJSON_Object, "scope file", "{ \"auscult\": 1, … }"))
        return;
    document_refuse_unknown(fields->document, root, known, fields->complaints);
    check_version(reading, root);
    const cJSON *part =
        fields_typed(fields, root, "authorization", cJSON_Object, FIELD_REQUIRED, "{ \"reference\": … }");
    if (part)
        scope_authorization_read(reading, part);
    read_vantage(reading, root);
    part = fields_member(fields, root, "exclude", FIELD_OPTIONAL, "");
    if (part)
        fields_ranges(fields, part, "exclude", &reading->scope->exclude);
    part =
        fields_typed(fields, root, "organizations", cJSON_Array, FIELD_REQUIRED, "[{ \"id\": \"h001\", … }]");
    if (part)
        scope_organizations_read(reading, part);
    part =
        fields_typed(fields, root, "accepted", cJSON_Array, FIELD_OPTIONAL, "[{ \"item\": \"H03-2\", … }]");
    if (part)
        scope_accepted_read(reading, part);
    part = fields_typed(fields, root, "false_positives", cJSON_Array, FIELD_OPTIONAL,
                        "[{ \"item\": \"H03-2\", … }]");
    if (part)
        scope_false_positives_read(reading, part);
    scope_canary_read(reading, root, fields_complaints(fields->complaints) == before);
}

/* Takes over the document. */
static enum status read_document(struct scope *scope, struct document *document,
                                 struct complaints *complaints)
{
    struct scope_reading reading = {{document, complaints, utf8_unsafe, STATUS_OK}, scope};
    struct fields *fields = &reading.fields;
    size_t before = complaints->count;
    fields_keep(fields, hash_text(document->text, document->size, scope->hash));
    read_root(&reading, document->root);
    scope->text = document->text;
    scope->text_size = document->size;
    document->text = NULL;
    document_deinit(document);
    if (fields->status == STATUS_OK && complaints->count > before)
        fields->status = STATUS_WRONG_FILE;
    if (fields->status != STATUS_OK)
        scope_deinit(scope);
    return fields->status;
}

enum status scope_read(struct scope *scope, const char *path, struct complaints *complaints)
{
    struct document document;
    *scope = (struct scope){.vantage = VANTAGE_INTERNET};
    enum status status = document_read(&document, path, complaints);
    return status == STATUS_OK ? read_document(scope, &document, complaints) : status;
}

enum status scope_parse(struct scope *scope, const char *text, size_t size, struct complaints *complaints)
{
    struct document document;
    *scope = (struct scope){.vantage = VANTAGE_INTERNET};
    enum status status = document_parse(&document, text, size, complaints);
    return status == STATUS_OK ? read_document(scope, &document, complaints) : status;
}

const struct organization *scope_owner(const struct scope *scope, struct address address)
{
    size_t low = 0;
    size_t high = scope->owned_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(scope->owned[middle].range.first, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || address_compare(scope->owned[low - 1].range.last, address) < 0)
        return NULL;
    return &scope->organizations[scope->owned[low - 1].organization];
}

const struct organization *scope_organization(const struct scope *scope, const char *id)
{
    size_t low = 0;
    size_t high = scope->by_id ? scope->organizations_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(scope->by_id[middle]->id, id);
        if (order == 0)
            return scope->by_id[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
