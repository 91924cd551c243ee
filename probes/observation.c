#include "probes/observation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"

void observation_init(struct observation *observation, struct address address, struct port port)
{
    memset(observation, 0, sizeof *observation);
    observation->address = address;
    observation->port = port;
    observation->service = "unknown";
}

void observation_clear(struct observation *observation)
{
    for (size_t i = 0; i < observation->facts_count; i++)
        free(observation->facts[i].text);
    observation->facts_count = 0;
    observation->evidence_size = 0;
    observation->product[0] = observation->version[0] = 0;
    observation->service = "unknown";
    observation->tls = false;
    observation->full = false;
}

void observation_deinit(struct observation *observation)
{
    observation_clear(observation);
}

void observation_copy(struct observation *copy_out, const struct observation *observation)
{
    *copy_out = *observation;
    copy_out->facts_count = 0;
    for (size_t i = 0; i < observation->facts_count; i++) {
        const struct fact_value *value = &observation->facts[i];
        char *text = value->text ? strdup(value->text) : NULL;
        if (value->text && !text) {
            copy_out->full = true;
            continue;
        }
        struct fact_value *copy = &copy_out->facts[copy_out->facts_count++];
        *copy = *value;
        copy->text = text;
        if (value->undetermined == value->text)
            copy->undetermined = text;
    }
}

const struct fact_value *observation_find(const struct observation *observation, const char *name)
{
    for (size_t i = 0; i < observation->facts_count; i++)
        if (strcmp(observation->facts[i].fact->name, name) == 0)
            return &observation->facts[i];
    return NULL;
}

bool observation_is_true(const struct observation *observation, const struct fact *fact)
{
    const struct fact_value *value = observation_find(observation, fact->name);
    return value && !value->undetermined && value->number != 0;
}

/* The place of a fact, made when there is none yet; NULL when all places are taken. */
static struct fact_value *place(struct observation *observation, const struct fact *fact)
{
    for (size_t i = 0; i < observation->facts_count; i++)
        if (observation->facts[i].fact == fact)
            return &observation->facts[i];
    if (observation->facts_count == OBSERVATION_FACTS_MAX) {
        observation->full = true;
        return NULL;
    }
    struct fact_value *value = &observation->facts[observation->facts_count++];
    *value = (struct fact_value){.fact = fact};
    return value;
}

static void number(struct observation *observation, const struct fact *fact, int64_t amount)
{
    struct fact_value *value = place(observation, fact);
    if (!value)
        return;
    value->number = amount;
    value->undetermined = NULL;
}

void observation_bool(struct observation *observation, const struct fact *fact, bool value)
{
    assert(fact->type == FACT_BOOL);
    number(observation, fact, value);
}

void observation_integer(struct observation *observation, const struct fact *fact, int64_t value)
{
    assert(fact->type == FACT_INTEGER);
    number(observation, fact, value);
}

void observation_time(struct observation *observation, const struct fact *fact, int64_t seconds)
{
    assert(fact->type == FACT_TIME);
    number(observation, fact, seconds);
}

void observation_words(struct observation *observation, const struct fact *fact, const char *words)
{
    assert(fact->type == FACT_TEXT);
    struct fact_value *value = place(observation, fact);
    if (!value)
        return;
    char *copy = strdup(words);
    if (!copy)
        observation->full = true;
    free(value->text);
    value->text = copy;
    value->undetermined = copy ? NULL : "out of memory";
}

void observation_text(struct observation *observation, const struct fact *fact, struct span value)
{
    char text[OBSERVATION_TEXT_MAX + TEXT_PIECE_MAX];
    if (text_safe(value, text, sizeof text) >= OBSERVATION_TEXT_MAX) {
        observation->full = true;
        text_safe(value, text, OBSERVATION_TEXT_MAX);
    }
    observation_words(observation, fact, text);
}

void observation_undetermined(struct observation *observation, const struct fact *fact, const char *why)
{
    size_t before = observation->facts_count;
    struct fact_value *value = place(observation, fact);
    if (value && (observation->facts_count > before || value->undetermined))
        value->undetermined = why;
}

void observation_undetermined_copy(struct observation *observation, const struct fact *fact, const char *why)
{
    size_t before = observation->facts_count;
    struct fact_value *value = place(observation, fact);
    if (!value || observation->facts_count == before)
        return;
    value->text = strdup(why);
    value->undetermined = value->text ? value->text : "out of memory";
}

void observation_product(struct observation *observation, const char *product)
{
    text_safe((struct span){(const uint8_t *)product, strlen(product)}, observation->product,
              sizeof observation->product);
}

void observation_version(struct observation *observation, struct span version)
{
    text_safe(version, observation->version, sizeof observation->version);
}

const char *endpoint_state_name(enum endpoint_state state)
{
    switch (state) {
    case ENDPOINT_OPEN:
        return "open";
    case ENDPOINT_CLOSED:
        return "closed";
    case ENDPOINT_UNREACHABLE:
        return "unreachable";
    case ENDPOINT_SILENT:
        return "silent";
    case ENDPOINT_SYNTHETIC:
        return "synthetic";
    }
    return "unknown";
}
