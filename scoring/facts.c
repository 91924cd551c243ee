#include "scoring/facts.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/text.h"
#include "scoring/timestamp.h"

#define EXACT_MAX INT64_C(9007199254740992) /* 2^53 */

static cJSON *integer(int64_t number)
{
    if (number >= -EXACT_MAX && number <= EXACT_MAX)
        return cJSON_CreateNumber((double)number);
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return cJSON_CreateString(text);
}

cJSON *fact_to_json(const struct fact_value *value)
{
    char text[TIMESTAMP_TEXT_MAX];
    switch (value->fact->type) {
    case FACT_BOOL:
        return cJSON_CreateBool(value->number != 0);
    case FACT_TEXT:
        return cJSON_CreateString(value->text ? value->text : "");
    case FACT_TIME:
        if (timestamp_format(value->number, text))
            return cJSON_CreateString(text);
        break;
    case FACT_INTEGER:
        break;
    }
    return integer(value->number);
}

static cJSON *members(const struct observation *observation, bool undetermined)
{
    cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; object && i < observation->facts_count; i++) {
        const struct fact_value *value = &observation->facts[i];
        if ((value->undetermined != NULL) != undetermined)
            continue;
        cJSON *item = undetermined ? cJSON_CreateString(value->undetermined) : fact_to_json(value);
        if (!cJSON_AddItemToObject(object, value->fact->name, item)) {
            cJSON_Delete(item);
            cJSON_Delete(object);
            return NULL;
        }
    }
    return object;
}

cJSON *facts_known(const struct observation *observation)
{
    return members(observation, false);
}

cJSON *facts_undetermined(const struct observation *observation)
{
    return members(observation, true);
}

static bool read_integer(const cJSON *value, int64_t *number_out)
{
    if (cJSON_IsNumber(value)) {
        double number = value->valuedouble;
        *number_out = fabs(number) <= (double)EXACT_MAX ? (int64_t)number : 0;
        return fabs(number) <= (double)EXACT_MAX && (double)*number_out == number;
    }
    if (!cJSON_IsString(value) || value->valuestring[0] == 0)
        return false;
    char *end = NULL;
    errno = 0;
    *number_out = strtoll(value->valuestring, &end, 10);
    return errno == 0 && *end == 0 && strchr("-0123456789", value->valuestring[0]);
}

static bool read_time(const cJSON *value, int64_t *seconds_out)
{
    int64_t ms = 0;
    if (!cJSON_IsString(value) || !timestamp_parse(value->valuestring, &ms))
        return read_integer(value, seconds_out);
    *seconds_out = ms >= 0 ? ms / 1000 : -((999 - ms) / 1000);
    return true;
}

/* A safe copy; one byte can become \u{NNNN} at the longest. */
static char *safe_copy(const char *text)
{
    size_t size = strlen(text), capacity = size * 8 + 1;
    char *copy = malloc(capacity);
    if (copy)
        text_safe((struct span){(const uint8_t *)text, size}, copy, capacity);
    return copy;
}

static const char *set_text(struct observation *observation, const struct fact *fact, const cJSON *value)
{
    if (!cJSON_IsString(value))
        return "should be a text";
    char *text = safe_copy(value->valuestring);
    if (text)
        observation_words(observation, fact, text);
    else
        observation_undetermined(observation, fact, "out of memory");
    free(text);
    return NULL;
}

const char *facts_set(struct observation *observation, const cJSON *value)
{
    const struct fact *fact = value->string ? fact_named(value->string) : NULL;
    int64_t number = 0;
    if (!fact)
        return "is no fact of any probe; `auscult facts` lists them";
    switch (fact->type) {
    case FACT_BOOL:
        if (!cJSON_IsBool(value))
            return "should be true or false";
        observation_bool(observation, fact, cJSON_IsTrue(value));
        return NULL;
    case FACT_INTEGER:
        if (!read_integer(value, &number))
            return "should be a whole number";
        observation_integer(observation, fact, number);
        return NULL;
    case FACT_TIME:
        if (!read_time(value, &number))
            return "should be a time such as \"2026-01-31T12:00:00Z\"";
        observation_time(observation, fact, number);
        return NULL;
    case FACT_TEXT:
        break;
    }
    return set_text(observation, fact, value);
}

const char *facts_set_undetermined(struct observation *observation, const cJSON *why)
{
    const struct fact *fact = why->string ? fact_named(why->string) : NULL;
    if (!fact)
        return "is no fact of any probe; `auscult facts` lists them";
    if (!cJSON_IsString(why))
        return "should be a text that says why it is not determined";
    char *text = safe_copy(why->valuestring);
    observation_undetermined_copy(observation, fact, text ? text : "out of memory");
    free(text);
    return NULL;
}
