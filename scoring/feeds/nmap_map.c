#include "scoring/feeds/nmap_map.h"

#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"
#include "probes/text.h"
#include "probes/x509.h"
#include "scoring/facts.h"
#include "scoring/feeds/map.h"
#include "scoring/report/base64.h"
#include "targets/utf8.h"

/* --- reading --- */

static void read_products(struct fields *fields, struct nmap_map *map, const cJSON *root)
{
    static const char *const known[] = {"name",          "product",      "version_holds",
                                        "version_after", "version_told", NULL};
    static const char *const texts[] = {"name", "product", "version_holds", "version_after"};
    map->products = fields_typed(fields, root, "products", cJSON_Array, FIELD_OPTIONAL, "[{ \"name\": … }]");
    for (const cJSON *entry = map->products ? map->products->child : NULL; entry; entry = entry->next) {
        if (!fields_is(fields, entry, cJSON_Object, "a product", "{ \"name\": \"…\", \"product\": \"…\" }"))
            continue;
        document_refuse_unknown(fields->document, entry, known, fields->complaints);
        for (size_t i = 0; i < 4; i++)
            (void)fields_typed(fields, entry, texts[i], cJSON_String, i < 2 ? FIELD_REQUIRED : FIELD_OPTIONAL,
                               "\"Samba\"");
    }
    map->vague = fields_typed(fields, root, "vague_versions", cJSON_Array, FIELD_OPTIONAL, "[\" or later\"]");
    for (const cJSON *text = map->vague ? map->vague->child : NULL; text; text = text->next)
        (void)fields_is(fields, text, cJSON_String, "a vague version", "\" or later\"");
}

static const char *read_text(struct fields *fields, const cJSON *entry, const char *name)
{
    const cJSON *text = fields_typed(fields, entry, name, cJSON_String, FIELD_OPTIONAL, "\"…\"");
    return text ? text->valuestring : NULL;
}

static void read_comparison(struct fields *fields, const cJSON *entry, struct nmap_rule *rule)
{
    static const char *const names[] = {[NMAP_IS] = "is", [NMAP_STARTS] = "starts", [NMAP_HOLDS] = "holds"};
    for (int i = NMAP_IS; i <= NMAP_HOLDS; i++) {
        const char *text = read_text(fields, entry, names[i]);
        if (text && rule->text)
            fields_complain(fields, entry, "one of \"is\", \"starts\" and \"holds\" is enough");
        if (text) {
            rule->text = text;
            rule->comparison = (enum nmap_comparison)i;
        }
    }
}

static void read_results(struct fields *fields, const cJSON *entry, const struct catalogue *catalogue,
                         struct observation *scratch, struct nmap_rule *rule)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(entry, "item");
    const char *fact = read_text(fields, entry, "fact");
    rule->facts = map_facts(fields, entry, "facts", scratch);
    rule->otherwise = map_facts(fields, entry, "else", scratch);
    rule->item = item ? map_item(fields, catalogue, item) : NULL;
    rule->certificate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "certificate"));
    rule->fact = fact ? fact_named(fact) : NULL;
    if (fact && (!rule->fact || rule->fact->type != FACT_TEXT))
        fields_complain(fields, cJSON_GetObjectItemCaseSensitive(entry, "fact"),
                        "\"fact\" wants the name of a text fact; `auscult facts` lists them");
    if (!rule->facts && !rule->otherwise && !item && !rule->certificate && !fact)
        fields_complain(fields, entry,
                        "the rule says nothing; add \"facts\", \"fact\", \"certificate\" or \"item\"");
}

static void read_rule(struct fields *fields, const cJSON *entry, const struct catalogue *catalogue,
                      struct observation *scratch, struct nmap_map *map)
{
    static const char *const known[] = {"script", "at",   "is",   "starts",      "holds",   "facts",
                                        "else",   "fact", "item", "certificate", "service", NULL};
    if (!fields_is(fields, entry, cJSON_Object, "a rule", "{ \"script\": \"sshv1\", … }"))
        return;
    if (map->rules_count == NMAP_RULES_MAX) {
        fields_complain(fields, entry, "more than %d rules", NMAP_RULES_MAX);
        return;
    }
    struct nmap_rule *rule = &map->rules[map->rules_count++];
    *rule = (struct nmap_rule){0};
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    const cJSON *script = fields_typed(fields, entry, "script", cJSON_String, FIELD_REQUIRED, "\"ssl-cert\"");
    rule->script = script ? script->valuestring : "";
    rule->at = read_text(fields, entry, "at");
    rule->service = read_text(fields, entry, "service");
    read_comparison(fields, entry, rule);
    read_results(fields, entry, catalogue, scratch, rule);
}

static void read_rules(struct fields *fields, const cJSON *root, const struct catalogue *catalogue,
                       struct nmap_map *map)
{
    const cJSON *rules =
        fields_typed(fields, root, "scripts", cJSON_Array, FIELD_OPTIONAL, "[{ \"script\": \"sshv1\", … }]");
    struct observation *scratch = malloc(sizeof *scratch);
    if (!scratch) {
        fields->status = STATUS_NO_MEMORY;
        return;
    }
    observation_init(scratch, (struct address){0}, (struct port){1, TRANSPORT_TCP});
    for (const cJSON *entry = rules ? rules->child : NULL; entry; entry = entry->next)
        read_rule(fields, entry, catalogue, scratch, map);
    observation_deinit(scratch);
    free(scratch);
}

enum status nmap_map_read(struct nmap_map *map, const struct feed_call *call)
{
    static const char *const known[] = {"auscult_map",    "services", "products",
                                        "vague_versions", "scripts",  NULL};
    struct fields fields = {call->map, call->map_complaints, utf8_unsafe, STATUS_OK};
    size_t before = fields_complaints(call->map_complaints);
    map->rules_count = 0;
    document_refuse_unknown(call->map, call->map->root, known, call->map_complaints);
    map_read_head(&fields, call->map, "nmap");
    map->services = map_services(&fields, call->map->root);
    read_products(&fields, map, call->map->root);
    read_rules(&fields, call->map->root, call->catalogue, map);
    if (fields.status != STATUS_OK)
        return fields.status;
    return fields_complaints(call->map_complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}

/* --- using --- */

const char *nmap_map_service(const struct nmap_map *map, const char *name)
{
    const cJSON *word = cJSON_GetObjectItemCaseSensitive(map->services, name);
    return word ? probe_named(word->valuestring)->name : NULL;
}

static const char *member(const cJSON *entry, const char *name)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(entry, name);
    return text ? text->valuestring : NULL;
}

static const cJSON *find_product(const struct nmap_map *map, const char *name, const char *version)
{
    for (const cJSON *entry = map->products ? map->products->child : NULL; entry; entry = entry->next) {
        const char *holds = member(entry, "version_holds"), *after = member(entry, "version_after");
        if (strcmp(member(entry, "name"), name) == 0 && (!holds || strstr(version, holds)) &&
            (!after || strncmp(version, after, strlen(after)) == 0))
            return entry;
    }
    return NULL;
}

static bool is_vague(const struct nmap_map *map, const char *version)
{
    for (const cJSON *text = map->vague ? map->vague->child : NULL; text; text = text->next)
        if (strstr(version, text->valuestring))
            return true;
    return false;
}

void nmap_map_product(const struct nmap_map *map, const char *name, const char *version,
                      struct observation *observation)
{
    const char *told = version && !is_vague(map, version) ? version : "";
    const cJSON *entry = find_product(map, name, told);
    if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(entry, "version_told")))
        told = "";
    const char *after = entry ? member(entry, "version_after") : NULL;
    char safe[sizeof observation->product];
    if (after)
        told += strlen(after);
    text_safe((struct span){(const uint8_t *)name, strlen(name)}, safe, sizeof safe);
    product_observe(observation, entry ? member(entry, "product") : safe,
                    (struct span){(const uint8_t *)told, strlen(told)});
}

/* "dialects/2" is at "dialects" and at any one key below it. */
static bool leads_to(const char *pattern, const char *at)
{
    for (;;) {
        size_t wanted = strcspn(pattern, "/"), there = strcspn(at, "/");
        bool any = wanted == 1 && pattern[0] == '*';
        if (!any && (wanted != there || memcmp(pattern, at, wanted) != 0))
            return false;
        if (!pattern[wanted] || !at[there])
            return !pattern[wanted] && !at[there];
        pattern += wanted + 1;
        at += there + 1;
    }
}

bool nmap_rule_matches(const struct nmap_rule *rule, const char *script, const char *at, const char *text)
{
    if (strcmp(rule->script, script) != 0 || (rule->at == NULL) != (at == NULL))
        return false;
    if (at && !leads_to(rule->at, at))
        return false;
    switch (rule->comparison) {
    case NMAP_ANY:
        return true;
    case NMAP_IS:
        return strcmp(text, rule->text) == 0;
    case NMAP_STARTS:
        return strncmp(text, rule->text, strlen(rule->text)) == 0;
    case NMAP_HOLDS:
        return strstr(text, rule->text) != NULL;
    }
    return false;
}

#define DER_MAX 12288

/* RFC 7468; what is no certificate says so in the facts. */
static enum status read_certificate(const char *pem, struct observation *observation)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    const char *from = strstr(pem, begin), *to = strstr(pem, end);
    if (!from || !to || to < from)
        return STATUS_OK;
    char *text = malloc((size_t)(to - from) + 1);
    uint8_t *der = malloc(DER_MAX);
    size_t size = 0, der_size = 0;
    for (const char *c = from + sizeof begin - 1; text && c < to; c++)
        if (!strchr(" \t\r\n", *c))
            text[size++] = *c;
    if (text)
        text[size] = 0;
    bool whole = text && der && base64_read(text, der, DER_MAX, &der_size);
    if (whole)
        x509_observe(observation, (struct span){der, der_size});
    enum status status = text && der ? STATUS_OK : STATUS_NO_MEMORY;
    free(text);
    free(der);
    return status;
}

static void set_facts(const cJSON *facts, struct observation *observation)
{
    for (const cJSON *fact = facts ? facts->child : NULL; fact; fact = fact->next)
        (void)facts_set(observation, fact);
}

enum status nmap_rule_apply(const struct nmap_rule *rule, const char *text, struct observation *observation)
{
    set_facts(rule->facts, observation);
    if (rule->fact)
        observation_text(observation, rule->fact, (struct span){(const uint8_t *)text, strlen(text)});
    return rule->certificate ? read_certificate(text, observation) : STATUS_OK;
}

void nmap_rule_apply_else(const struct nmap_rule *rule, struct observation *observation)
{
    set_facts(rule->otherwise, observation);
}
