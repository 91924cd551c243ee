#include <stdlib.h>
#include <string.h>

#include "probes/hearing.h"
#include "probes/text.h"
#include "scoring/facts.h"
#include "scoring/feeds/feed.h"
#include "scoring/feeds/map.h"
#include "targets/json.h"
#include "targets/utf8.h"

/* masscan's JSON (-oJ). It is an array with one record a line, and what it writes is not always JSON: depending
   on the version commas stand alone, before or behind, the last record may be "{finished: 1}", an interrupted
   scan leaves the "]" out, and one that found nothing leaves the file empty. It tells what is open, and nothing
   of what was asked.

   The map: "services" gives our word for the name of a banner. Of "greetings" the first line is what the server
   itself said, and heard by the probe of that service; names in "raw" hold the very bytes, and are heard by the
   probe whose usual port it is. "facts" follow where the banner of a service "holds" a text. */

#define RECORD_DEPTH 8

struct masscan {
    const struct feed_call *call;
    const cJSON *services, *greetings, *raw, *facts; /* borrow from the map */
    bool ended;                                      /* the "]" was there */
    int64_t from_ms, until_ms;
};

/* --- the map --- */

static const cJSON *read_names(struct fields *fields, const cJSON *root, const char *name)
{
    const cJSON *list = fields_typed(fields, root, name, cJSON_Array, FIELD_OPTIONAL, "[\"ssh\"]");
    for (const cJSON *text = list ? list->child : NULL; text; text = text->next)
        fields_is_text(fields, text, name, "\"ssh\"");
    return list;
}

static void read_fact_rules(struct fields *fields, struct masscan *masscan, const cJSON *root)
{
    static const char *const known[] = {"service", "holds", "facts", NULL};
    struct observation *scratch = malloc(sizeof *scratch);
    masscan->facts = fields_typed(fields, root, "facts", cJSON_Array, FIELD_OPTIONAL, "[{ \"service\": … }]");
    if (!scratch) {
        fields->status = STATUS_NO_MEMORY;
        return;
    }
    observation_init(scratch, (struct address){0}, (struct port){1, TRANSPORT_TCP});
    for (const cJSON *rule = masscan->facts ? masscan->facts->child : NULL; rule; rule = rule->next) {
        if (!fields_is(fields, rule, cJSON_Object, "a rule", "{ \"service\": \"vnc\", … }"))
            continue;
        document_refuse_unknown(fields->document, rule, known, fields->complaints);
        (void)fields_typed(fields, rule, "service", cJSON_String, FIELD_REQUIRED, "\"vnc\"");
        (void)fields_typed(fields, rule, "holds", cJSON_String, FIELD_REQUIRED, "\"auth=[none]\"");
        map_facts(fields, rule, "facts", scratch);
    }
    observation_deinit(scratch);
    free(scratch);
}

static enum status read_map(struct masscan *masscan)
{
    static const char *const known[] = {"auscult_map", "services", "greetings", "raw", "facts", NULL};
    const struct feed_call *call = masscan->call;
    struct fields fields = {call->map, call->map_complaints, utf8_unsafe, STATUS_OK};
    size_t before = fields_complaints(call->map_complaints);
    document_refuse_unknown(call->map, call->map->root, known, call->map_complaints);
    map_read_head(&fields, call->map, "masscan");
    masscan->services = map_services(&fields, call->map->root);
    masscan->greetings = read_names(&fields, call->map->root, "greetings");
    masscan->raw = read_names(&fields, call->map->root, "raw");
    read_fact_rules(&fields, masscan, call->map->root);
    if (fields.status != STATUS_OK)
        return fields.status;
    return fields_complaints(call->map_complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}

static bool lists(const cJSON *list, const char *word)
{
    for (const cJSON *text = list ? list->child : NULL; text; text = text->next)
        if (strcmp(text->valuestring, word) == 0)
            return true;
    return false;
}

/* --- a banner --- */

/* The bytes that masscan has escaped, each as the character of its number; NUL came as U+E000, which no byte
   is. Returns the size, 0 for text that is none of this. */
static size_t read_bytes(const char *text, uint8_t *bytes, size_t capacity)
{
    size_t size = 0;
    for (const uint8_t *c = (const uint8_t *)text; *c && size < capacity;) {
        if (*c < 0x80)
            bytes[size++] = *c++;
        else if ((*c == 0xc2 || *c == 0xc3) && c[1])
            bytes[size++] = (uint8_t)((*c & 3) << 6 | (c[1] & 0x3f)), c += 2;
        else if (*c == 0xee && c[1] == 0x80 && c[2] == 0x80)
            bytes[size++] = 0, c += 3;
        else
            return 0;
    }
    return size;
}

static void hear(const struct probe *probe, struct span bytes, struct observation *observation)
{
    observation->service = probe->name;
    if (hearing_read(probe, bytes, observation))
        return;
    observation_clear(observation);
    observation->service = "unknown";
}

static void hear_greeting(const char *service, const char *banner, struct observation *observation)
{
    uint8_t bytes[1024];
    size_t size = read_bytes(banner, bytes, sizeof bytes - 2);
    size_t line = 0;
    while (line < size && bytes[line] != '\r' && bytes[line] != '\n')
        line++;
    bytes[line] = '\r';
    bytes[line + 1] = '\n';
    hear(probe_named(service), (struct span){bytes, line + 2}, observation);
    observation->service = service; /* masscan spoke with it longer than this line */
}

static void hear_raw(const char *banner, struct observation *observation)
{
    uint8_t bytes[4096];
    bool tls = false;
    const struct probe *probe = probe_for_port(observation->port.number, &tls);
    size_t size = read_bytes(banner, bytes, sizeof bytes);
    if (probe && !tls && probe->manner == PROBE_SERVER_FIRST && size)
        hear(probe, (struct span){bytes, size}, observation);
}

static void set_facts(const struct masscan *masscan, const char *banner, struct observation *observation)
{
    for (const cJSON *rule = masscan->facts ? masscan->facts->child : NULL; rule; rule = rule->next) {
        const cJSON *facts = cJSON_GetObjectItemCaseSensitive(rule, "facts");
        if (strcmp(cJSON_GetObjectItemCaseSensitive(rule, "service")->valuestring, observation->service) !=
                0 ||
            !strstr(banner, cJSON_GetObjectItemCaseSensitive(rule, "holds")->valuestring))
            continue;
        for (const cJSON *fact = facts ? facts->child : NULL; fact; fact = fact->next)
            (void)facts_set(observation, fact);
    }
}

static void read_banner(const struct masscan *masscan, const cJSON *service, struct observation *observation)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(service, "name");
    const cJSON *banner = cJSON_GetObjectItemCaseSensitive(service, "banner");
    if (!cJSON_IsString(name) || !cJSON_IsString(banner))
        return;
    const cJSON *word = cJSON_GetObjectItemCaseSensitive(masscan->services, name->valuestring);
    if (word) {
        observation->service = probe_named(word->valuestring)->name;
        if (lists(masscan->greetings, word->valuestring))
            hear_greeting(observation->service, banner->valuestring, observation);
        set_facts(masscan, banner->valuestring, observation);
    } else if (lists(masscan->raw, name->valuestring)) {
        hear_raw(banner->valuestring, observation);
    }
}

/* --- a record --- */

static enum status complain(const struct masscan *masscan, const char *what)
{
    return feed_source_complain(masscan->call->source, 0, "%s", what);
}

static enum status hand_over(const struct masscan *masscan, struct address address, uint16_t port,
                             const cJSON *service, int64_t time_ms)
{
    const struct feed_sink *sink = masscan->call->sink;
    struct observation *observation = malloc(sizeof *observation);
    if (!observation)
        return STATUS_NO_MEMORY;
    observation_init(observation, address, (struct port){port, TRANSPORT_TCP});
    observation->state = ENDPOINT_OPEN;
    observation->service = "unknown";
    observation->time_ms = time_ms;
    if (service)
        read_banner(masscan, service, observation);
    enum status status = sink->observation(sink->context, observation);
    observation_deinit(observation);
    free(observation);
    return status;
}

static enum status read_port(struct masscan *masscan, struct address address, const cJSON *port,
                             int64_t time_ms)
{
    const struct feed_sink *sink = masscan->call->sink;
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(port, "port");
    const cJSON *protocol = cJSON_GetObjectItemCaseSensitive(port, "proto");
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(port, "status");
    const cJSON *service = cJSON_GetObjectItemCaseSensitive(port, "service");
    if (!cJSON_IsNumber(number) || !(number->valuedouble >= 0 && number->valuedouble <= 65535) ||
        !cJSON_IsString(protocol))
        return complain(masscan, "a port wants \"port\", a number up to 65535, and \"proto\"");
    if (strcmp(protocol->valuestring, "tcp") != 0 || number->valueint == 0) {
        sink->skipped(sink->context, "ports of other protocols than TCP");
        return STATUS_OK;
    }
    if (status && (!cJSON_IsString(status) || strcmp(status->valuestring, "open") != 0)) {
        sink->skipped(sink->context, "ports that are not open");
        return STATUS_OK;
    }
    return hand_over(masscan, address, (uint16_t)number->valueint, cJSON_IsObject(service) ? service : NULL,
                     time_ms);
}

/* "timestamp" is text or a number, seconds since the epoch. */
static bool read_time(struct masscan *masscan, const cJSON *record, int64_t *ms_out)
{
    const cJSON *time = cJSON_GetObjectItemCaseSensitive(record, "timestamp");
    uint64_t seconds = 0;
    if (cJSON_IsNumber(time) && time->valuedouble >= 0 && time->valuedouble < 253402300800.0)
        seconds = (uint64_t)time->valuedouble;
    else if (!cJSON_IsString(time) ||
             !span_number((struct span){(const uint8_t *)time->valuestring, strlen(time->valuestring)},
                          253402300799, &seconds))
        return false;
    *ms_out = (int64_t)seconds * 1000;
    if (masscan->from_ms == 0 || *ms_out < masscan->from_ms)
        masscan->from_ms = *ms_out;
    if (*ms_out > masscan->until_ms)
        masscan->until_ms = *ms_out;
    return true;
}

static enum status read_record(struct masscan *masscan, const cJSON *record)
{
    const cJSON *ip = cJSON_GetObjectItemCaseSensitive(record, "ip");
    const cJSON *ports = cJSON_GetObjectItemCaseSensitive(record, "ports");
    struct address address;
    int64_t time_ms = 0;
    if (!cJSON_IsString(ip) || !address_parse(ip->valuestring, strlen(ip->valuestring), &address))
        return complain(masscan, "a record of masscan wants \"ip\", an address");
    if (!cJSON_IsArray(ports))
        return complain(masscan, "a record of masscan wants \"ports\", a list (masscan -oJ FILE)");
    if (!read_time(masscan, record, &time_ms))
        return complain(masscan, "a record of masscan wants \"timestamp\", seconds since 1970");
    enum status status = STATUS_OK;
    for (const cJSON *port = ports->child; port && status == STATUS_OK; port = port->next)
        status = read_port(masscan, address, port, time_ms);
    return status;
}

/* --- lines --- */

/* Bytes of a banner may be NUL, which no text of cJSON holds; the escape is given another number that no byte
   has (U+E000, private use). */
static void rename_nul(char *line, size_t size)
{
    for (size_t i = 0; i + 5 < size; i++) {
        if (line[i] != '\\')
            continue;
        if (memcmp(line + i + 1, "u0000", 5) == 0)
            memcpy(line + i + 2, "E000", 4);
        i++;
    }
}

static enum status parse_record(struct masscan *masscan, char *line, size_t size, size_t column)
{
    struct json_mistake mistake;
    rename_nul(line, size);
    if (!json_check(line, size, RECORD_DEPTH, &mistake))
        return feed_source_complain(masscan->call->source, (unsigned)(column + mistake.at + 1), "%s",
                                    mistake.why);
    cJSON *record = cJSON_ParseWithLength(line, size + 1);
    if (!record)
        return STATUS_NO_MEMORY;
    enum status status = read_record(masscan, record);
    cJSON_Delete(record);
    return status;
}

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

/* Without the brackets of the array and the commas around it. */
static enum status read_line(struct masscan *masscan, char *line, size_t size)
{
    size_t at = 0;
    while (at < size && (is_between(line[at]) || (line[at] == '[' && masscan->call->source->line == 1)))
        at++;
    while (size > at && is_between(line[size - 1]))
        size--;
    if (at == size)
        return STATUS_OK;
    if (masscan->ended)
        return complain(masscan, "there is more behind the \"]\" that ends masscan's array");
    if (size - at == 1 && line[at] == ']') {
        masscan->ended = true;
        return STATUS_OK;
    }
    if (size - at == 13 && memcmp(line + at, "{finished: 1}", 13) == 0)
        return STATUS_OK;
    line[size] = 0;
    return parse_record(masscan, line + at, size - at, at);
}

static enum status parse(const struct feed_call *call)
{
    struct masscan masscan = {.call = call};
    enum status status = read_map(&masscan);
    while (status == STATUS_OK) {
        char *line = NULL;
        size_t size = 0;
        status = feed_source_line(call->source, &line, &size);
        if (!line)
            break;
        status = read_line(&masscan, line, size);
    }
    if (status == STATUS_OK && masscan.until_ms)
        call->sink->period(call->sink->context, masscan.from_ms, masscan.until_ms + 999);
    return status;
}

const struct feed feed_masscan = {
    .name = "masscan",
    .en = "masscan's JSON (-oJ)",
    .zh = "masscan 的 JSON（-oJ）",
    .map = "import-masscan",
    .parse = parse,
};
