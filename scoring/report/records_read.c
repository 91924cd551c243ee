#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "probes/probe.h"
#include "probes/text.h"
#include "scoring/facts.h"
#include "scoring/report/base64.h"
#include "scoring/report/records.h"
#include "scoring/timestamp.h"

#define EXACT_MAX 9007199254740992.0 /* 2^53 */

/* One record on its way in. Each part reads on after a mistake, so that one run names all of them. */
struct reading {
    const cJSON *record;
    unsigned line;
    struct complaints *complaints;
    enum status status; /* the first that is not STATUS_OK; memory wins */
};

/* What `name` should be, as the end of "\"name\" should be …". */
static void complain(struct reading *reading, const char *name, const char *should)
{
    char safe[128];
    text_safe((struct span){(const uint8_t *)name, strlen(name)}, safe, sizeof safe);
    complaints_add(reading->complaints, reading->line, 1, "\"%s\" %s", safe, should);
    if (reading->status == STATUS_OK)
        reading->status = STATUS_WRONG_FILE;
}

static void refuse_unknown(struct reading *reading, const char *const *known)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, reading->record)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], member->string) != 0)
            i++;
        if (!known[i])
            complain(reading, member->string, "is no member of this record");
    }
}

/* A member that is there and not null. */
static const cJSON *member(const struct reading *reading, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(reading->record, name);
    return cJSON_IsNull(value) ? NULL : value;
}

static const char *read_word(struct reading *reading, const char *name)
{
    const cJSON *value = member(reading, name);
    if (value && !cJSON_IsString(value))
        complain(reading, name, "should be a text");
    return cJSON_IsString(value) ? value->valuestring : NULL;
}

static char *safe_copy(const char *text)
{
    size_t size = strlen(text), capacity = size * TEXT_PIECE_MAX + 1;
    char *safe = malloc(capacity);
    if (safe)
        text_safe((struct span){(const uint8_t *)text, size}, safe, capacity);
    return safe;
}

/* A safe copy; NULL when it is missing or empty. */
static char *read_text(struct reading *reading, const char *name)
{
    const char *text = read_word(reading, name);
    if (!text || !text[0])
        return NULL;
    char *safe = safe_copy(text);
    if (!safe)
        reading->status = STATUS_NO_MEMORY;
    return safe;
}

static char *read_required(struct reading *reading, const char *name)
{
    char *text = read_text(reading, name);
    if (!text && reading->status != STATUS_NO_MEMORY)
        complain(reading, name, "is missing; it is a text with something in it");
    return text;
}

/* A number within [least, most]; *number_out is left alone when it is missing or wrong. */
static void read_number(struct reading *reading, const char *name, double least, double most, bool whole,
                        const char *should, double *number_out)
{
    const cJSON *value = member(reading, name);
    if (!value)
        return;
    double number = cJSON_IsNumber(value) ? value->valuedouble : (double)NAN;
    if (number >= least && number <= most && (!whole || number == floor(number)))
        *number_out = number;
    else
        complain(reading, name, should);
}

static int read_degree(struct reading *reading, const char *name)
{
    double number = 0;
    read_number(reading, name, 1, 5, true, "should be a whole number from 1 to 5", &number);
    return (int)number;
}

static int64_t read_time(struct reading *reading, const char *name)
{
    int64_t ms = 0;
    const char *text = read_word(reading, name);
    if (text && !timestamp_parse(text, &ms))
        complain(reading, name, "should be a time such as \"2026-01-31T12:00:00.000Z\"");
    return ms;
}

static bool read_address(struct reading *reading, struct address *address_out)
{
    const char *text = read_word(reading, "ip");
    if (text && address_parse(text, strlen(text), address_out))
        return true;
    if (text)
        complain(reading, "ip", "should be an address such as \"192.0.2.10\" or \"2001:db8::1\"");
    return false;
}

static struct port read_port(struct reading *reading)
{
    double number = 0;
    struct port port = {0, TRANSPORT_TCP};
    const char *transport = read_word(reading, "transport");
    read_number(reading, "port", 1, 65535, true, "should be a whole number from 1 to 65535", &number);
    port.number = (uint16_t)number;
    if (transport && strcmp(transport, transport_name(TRANSPORT_UDP)) == 0)
        port.transport = TRANSPORT_UDP;
    else if (transport && strcmp(transport, transport_name(TRANSPORT_TCP)) != 0)
        complain(reading, "transport", "should be \"tcp\" or \"udp\"");
    return port;
}

/* Adds the copy to a list or an object; takes both texts and the value. */
static bool add_safe(cJSON *copy, char *name, cJSON *value)
{
    bool added = value && (cJSON_IsArray(copy) ? cJSON_AddItemToArray(copy, value)
                                               : name && cJSON_AddItemToObject(copy, name, value));
    if (!added)
        cJSON_Delete(value);
    free(name);
    return added;
}

/* A copy with every text in it made safe; NULL when memory is out. Whoever read the record capped its depth. */
static cJSON *safe_value(const cJSON *value)
{
    char *text = cJSON_IsString(value) ? safe_copy(value->valuestring) : NULL;
    cJSON *copy =
        cJSON_IsString(value) ? (text ? cJSON_CreateString(text) : NULL) : cJSON_Duplicate(value, 0);
    free(text);
    for (const cJSON *child = copy ? value->child : NULL; child && copy; child = child->next)
        if (!add_safe(copy, child->string ? safe_copy(child->string) : NULL, safe_value(child))) {
            cJSON_Delete(copy);
            copy = NULL;
        }
    return copy;
}

static char *read_facts_text(struct reading *reading)
{
    const cJSON *value = member(reading, "facts");
    if (!value)
        return NULL;
    if (!cJSON_IsObject(value)) {
        complain(reading, "facts", "should be an object such as {\"mysql.tls_offered\": false}");
        return NULL;
    }
    cJSON *safe = safe_value(value);
    char *text = safe ? cJSON_PrintUnformatted(safe) : NULL;
    cJSON_Delete(safe);
    if (!text)
        reading->status = STATUS_NO_MEMORY;
    return text;
}

static void check_place(struct reading *reading, const struct finding *finding)
{
    if (finding->port.number && !finding->has_address && !member(reading, "ip"))
        complain(reading, "port", "has no \"ip\" beside it; add one, or leave the port out");
    if (finding->count > 1 && (finding->has_address || finding->key))
        complain(reading, "count", "is for findings that name no place; leave it or \"ip\" and \"key\" out");
}

enum status record_read_finding(const cJSON *record, unsigned line, struct complaints *complaints,
                                struct finding *finding_out)
{
    static const char *const known[] = {"type",  "org",   "item",       "ip",    "port",     "transport",
                                        "key",   "count", "confidence", "asset", "exposure", "why",
                                        "facts", "time",  "name",       NULL};
    struct reading reading = {record, line, complaints, STATUS_OK};
    double count = 1;
    *finding_out = (struct finding){.exposure = (double)NAN};
    refuse_unknown(&reading, known);
    finding_out->organization = read_required(&reading, "org");
    finding_out->item = read_required(&reading, "item");
    finding_out->has_address = read_address(&reading, &finding_out->address);
    finding_out->port = read_port(&reading);
    finding_out->key = read_text(&reading, "key");
    read_number(&reading, "count", 1, EXACT_MAX, true, "should be a whole number, 1 or more", &count);
    finding_out->count = (uint64_t)count;
    finding_out->confidence = read_degree(&reading, "confidence");
    finding_out->asset = read_degree(&reading, "asset");
    read_number(&reading, "exposure", 0, 1, false, "should be a number from 0 to 1", &finding_out->exposure);
    finding_out->why = read_text(&reading, "why");
    finding_out->facts = read_facts_text(&reading);
    (void)read_word(&reading, "name");
    finding_out->time_ms = read_time(&reading, "time");
    check_place(&reading, finding_out);
    return reading.status;
}

static enum endpoint_state read_state(struct reading *reading)
{
    const char *word = read_word(reading, "state");
    for (int state = ENDPOINT_OPEN; word && state <= ENDPOINT_SYNTHETIC; state++)
        if (strcmp(word, endpoint_state_name((enum endpoint_state)state)) == 0)
            return (enum endpoint_state)state;
    if (word)
        complain(reading, "state", "should be open, closed, unreachable, silent or synthetic");
    return ENDPOINT_OPEN;
}

static const char *read_service(struct reading *reading)
{
    const char *word = read_word(reading, "service");
    const struct probe *probe = word ? probe_named(word) : NULL;
    if (!probe && word && strcmp(word, "unknown") != 0)
        complain(reading, "service",
                 "should be a service such as \"mysql\", \"rdp\", \"http\" or \"unknown\"");
    return probe ? probe->name : "unknown";
}

static bool read_flag(struct reading *reading, const char *name)
{
    const cJSON *value = member(reading, name);
    if (value && !cJSON_IsBool(value))
        complain(reading, name, "should be true or false");
    return cJSON_IsTrue(value);
}

static void read_facts(struct reading *reading, const char *name, struct observation *observation,
                       const char *(*set)(struct observation *, const cJSON *))
{
    const cJSON *object = member(reading, name);
    if (object && !cJSON_IsObject(object)) {
        complain(reading, name, "should be an object with facts by their names");
        return;
    }
    const cJSON *fact = NULL;
    cJSON_ArrayForEach(fact, object)
    {
        const char *wrong = set(observation, fact);
        if (wrong)
            complain(reading, fact->string, wrong);
    }
}

static void read_evidence(struct reading *reading, struct observation *observation)
{
    const char *text = read_word(reading, "evidence");
    if (text &&
        !base64_read(text, observation->evidence, OBSERVATION_EVIDENCE_MAX, &observation->evidence_size))
        complain(reading, "evidence", "should be base64 of 512 bytes at most");
}

static void read_software(struct reading *reading, struct observation *observation)
{
    const char *product = read_word(reading, "product"), *version = read_word(reading, "version");
    if (product)
        observation_product(observation, product);
    if (version)
        observation_version(observation, (struct span){(const uint8_t *)version, strlen(version)});
}

/* A fact like the others, and kept as one; of a finding it is told only as far as its facts have it. */
static void read_name(struct reading *reading, struct observation *observation)
{
    const char *name = read_word(reading, "name");
    if (name && name[0] && !observation_find(observation, ENDPOINT_NAME))
        endpoint_observe_name(observation, name);
}

enum status record_read_observation(const cJSON *record, unsigned line, struct complaints *complaints,
                                    char **organization_out, struct observation *observation_out)
{
    static const char *const known[] = {
        "type",    "org",   "ip",           "port",     "transport", "state",     "service", "tls", "product",
        "version", "facts", "undetermined", "evidence", "time",      "truncated", "name",    NULL};
    struct reading reading = {record, line, complaints, STATUS_OK};
    struct address address = {0, 0};
    refuse_unknown(&reading, known);
    bool placed = read_address(&reading, &address);
    struct port port = read_port(&reading);
    observation_init(observation_out, address, port);
    *organization_out = read_text(&reading, "org");
    observation_out->state = read_state(&reading);
    observation_out->service = read_service(&reading);
    observation_out->tls = read_flag(&reading, "tls");
    read_software(&reading, observation_out);
    read_facts(&reading, "facts", observation_out, facts_set);
    read_facts(&reading, "undetermined", observation_out, facts_set_undetermined);
    read_name(&reading, observation_out);
    read_evidence(&reading, observation_out);
    observation_out->time_ms = read_time(&reading, "time");
    observation_out->full = read_flag(&reading, "truncated");
    if (!placed && !member(&reading, "ip"))
        complain(&reading, "ip", "is missing; it is an address such as \"192.0.2.10\"");
    if (port.number == 0 && !member(&reading, "port"))
        complain(&reading, "port", "is missing; it is a whole number from 1 to 65535");
    return reading.status;
}

static enum band read_gate(struct reading *reading)
{
    const char *word = read_word(reading, "gate");
    for (int band = BAND_POOR; word && band <= BAND_EXCELLENT; band++)
        if (strcmp(word, band_word((enum band)band)) == 0)
            return (enum band)band;
    if (word)
        complain(reading, "gate", "should be poor, fair, good or excellent");
    return BAND_EXCELLENT;
}

enum status record_read_scorecard(const cJSON *record, unsigned line, struct complaints *complaints,
                                  char **organization_out, struct scorecard *scorecard_out)
{
    struct reading reading = {record, line, complaints, STATUS_OK};
    double index = (double)NAN, exact = (double)NAN, score = (double)NAN;
    *scorecard_out = (struct scorecard){.gate = read_gate(&reading)};
    *organization_out = read_required(&reading, "org");
    read_number(&reading, "index", 0, 1000, true, "should be a whole number from 0 to 1000, or null", &index);
    read_number(&reading, "index_exact", 0, 1000, false, "should be a number from 0 to 1000, or null",
                &exact);
    read_number(&reading, "score", 0, 1000, false, "should be a number from 0 to 1000, or null", &score);
    scorecard_out->assessed = !isnan(index) && !isnan(score);
    if (!scorecard_out->assessed)
        return reading.status;
    scorecard_out->index = (int)index;
    scorecard_out->index_exact = isnan(exact) ? index : exact;
    scorecard_out->score = score;
    scorecard_out->band = band_of(scorecard_out->index);
    return reading.status;
}
