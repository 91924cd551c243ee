#include "targets/scope.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets/reading.h"

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
    free(scope->reference);
    free(scope->authorized_by);
    free(scope->contact);
    free(scope->hours);
    free(scope->timezone);
    free(scope->organizations);
    free(scope->accepted);
    free(scope->owned);
    free(scope->by_id);
    ports_deinit(&scope->ports);
    ports_deinit(&scope->exclude_ports);
    ranges_deinit(&scope->exclude);
    *scope = (struct scope){.vantage = VANTAGE_INTERNET};
}

static void check_version(struct reading *reading, const cJSON *root)
{
    const cJSON *version = reading_typed(reading, root, "auscult", cJSON_Number, NEED_REQUIRED, "1");
    if (version && version->valuedouble != 1)
        reading_complain(reading, version,
                         "this program reads scope files of version 1; write \"auscult\": 1");
}

static void read_vantage(struct reading *reading, const cJSON *root)
{
    const cJSON *vantage =
        reading_typed(reading, root, "vantage", cJSON_String, NEED_OPTIONAL, "\"internet\"");
    if (vantage && !vantage_parse(vantage->valuestring, &reading->scope->vantage))
        reading_complain(reading, vantage,
                         "\"%s\" is no vantage; write \"internet\", \"partner\" or \"internal\"",
                         quoted(vantage->valuestring).text);
}

static void read_root(struct reading *reading, const cJSON *root)
{
    static const char *const known[] = {"auscult",       "authorization", "vantage", "exclude",
                                        "organizations", "accepted",      NULL};
    if (!reading_is(reading, root, cJSON_Object, "scope file", "{ \"auscult\": 1, … }"))
        return;
    document_refuse_unknown(&reading->document, root, known, reading->complaints);
    check_version(reading, root);
    const cJSON *part =
        reading_typed(reading, root, "authorization", cJSON_Object, NEED_REQUIRED, "{ \"reference\": … }");
    if (part)
        scope_authorization_read(reading, part);
    read_vantage(reading, root);
    part = reading_member(reading, root, "exclude", NEED_OPTIONAL, "");
    if (part)
        reading_ranges(reading, part, "exclude", &reading->scope->exclude);
    part = reading_typed(reading, root, "organizations", cJSON_Array, NEED_REQUIRED,
                         "[{ \"id\": \"h001\", … }]");
    if (part)
        scope_organizations_read(reading, part);
    part =
        reading_typed(reading, root, "accepted", cJSON_Array, NEED_OPTIONAL, "[{ \"item\": \"H03-2\", … }]");
    if (part)
        scope_accepted_read(reading, part);
}

static enum status hash_bytes(const char *text, size_t size, char hash[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(text, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
        return STATUS_NO_MEMORY;
    for (unsigned i = 0; i < length; i++)
        snprintf(hash + 2 * i, 3, "%02x", digest[i]);
    return STATUS_OK;
}

/* Takes over the reading's document. */
static enum status read_document(struct reading *reading)
{
    struct scope *scope = reading->scope;
    size_t before = reading->complaints->count;
    reading_keep(reading, hash_bytes(reading->document.text, reading->document.size, scope->hash));
    read_root(reading, reading->document.root);
    document_deinit(&reading->document);
    if (reading->status == STATUS_OK && reading->complaints->count > before)
        reading->status = STATUS_WRONG_FILE;
    if (reading->status != STATUS_OK)
        scope_deinit(scope);
    return reading->status;
}

static struct reading start(struct scope *scope, struct complaints *complaints)
{
    *scope = (struct scope){.vantage = VANTAGE_INTERNET};
    return (struct reading){.scope = scope, .complaints = complaints, .status = STATUS_OK};
}

enum status scope_read(struct scope *scope, const char *path, struct complaints *complaints)
{
    struct reading reading = start(scope, complaints);
    enum status status = document_read(&reading.document, path, complaints);
    return status == STATUS_OK ? read_document(&reading) : status;
}

enum status scope_parse(struct scope *scope, const char *text, size_t size, struct complaints *complaints)
{
    struct reading reading = start(scope, complaints);
    enum status status = document_parse(&reading.document, text, size, complaints);
    return status == STATUS_OK ? read_document(&reading) : status;
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
