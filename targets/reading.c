#include "targets/reading.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "targets/calendar.h"
#include "targets/utf8.h"

bool reading_keep(struct reading *reading, enum status status)
{
    if (reading->status == STATUS_OK)
        reading->status = status;
    return status == STATUS_OK;
}

void *reading_array(struct reading *reading, size_t count, size_t size)
{
    void *array = calloc(count ? count : 1, size);
    if (!array)
        reading->status = STATUS_NO_MEMORY;
    return array;
}

char *reading_copy(struct reading *reading, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        reading->status = STATUS_NO_MEMORY;
    return copy;
}

const cJSON *reading_member(struct reading *reading, const cJSON *object, const char *name, enum need need,
                            const char *example)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!member && need == NEED_REQUIRED)
        reading_complain(reading, object, "\"%s\" is missing here; add \"%s\": %s", name, name, example);
    return member;
}

static const char *type_name(int type)
{
    switch (type) {
    case cJSON_Object:
        return "an object";
    case cJSON_Array:
        return "an array";
    case cJSON_String:
        return "a string";
    case cJSON_Number:
        return "a number";
    case cJSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

bool reading_is(struct reading *reading, const cJSON *value, int type, const char *what, const char *example)
{
    int found = value->type & 0xff;
    if (found == type)
        return true;
    reading_complain(reading, value, "\"%s\" must be %s, not %s; write %s", what, type_name(type),
                     type_name(found), example);
    return false;
}

const cJSON *reading_typed(struct reading *reading, const cJSON *object, const char *name, int type,
                           enum need need, const char *example)
{
    const cJSON *member = reading_member(reading, object, name, need, example);
    return member && reading_is(reading, member, type, name, example) ? member : NULL;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " ")] == 0;
}

/* The first character that no name or sentence needs; false when there is none. */
static bool find_unsafe(const char *text, uint32_t *code_out)
{
    for (size_t at = 0, size = strlen(text); at < size;) {
        size_t length = utf8_decode(text + at, size - at, code_out);
        if (length == 0 || utf8_unsafe(*code_out))
            return true;
        at += length;
    }
    return false;
}

bool reading_is_text(struct reading *reading, const cJSON *value, const char *what, const char *example)
{
    uint32_t code = 0;
    if (!reading_is(reading, value, cJSON_String, what, example))
        return false;
    if (is_blank(value->valuestring))
        reading_complain(reading, value, "\"%s\" is empty; write %s", what, example);
    else if (find_unsafe(value->valuestring, &code))
        reading_complain(reading, value, "\"%s\" holds a control or invisible character (U+%04X); remove it",
                         what, code);
    else
        return true;
    return false;
}

bool reading_is_name(struct reading *reading, const cJSON *member)
{
    uint32_t code = 0;
    if (is_blank(member->string))
        document_complain_name(&reading->document, member, reading->complaints,
                               "the key is empty; give it a name");
    else if (find_unsafe(member->string, &code))
        document_complain_name(&reading->document, member, reading->complaints,
                               "the key holds a control or invisible character (U+%04X); remove it", code);
    else
        return true;
    return false;
}

char *reading_text(struct reading *reading, const cJSON *object, const char *name, enum need need,
                   const char *example)
{
    const cJSON *member = reading_member(reading, object, name, need, example);
    if (!member || !reading_is_text(reading, member, name, example))
        return NULL;
    return reading_copy(reading, member->valuestring);
}

void reading_number(struct reading *reading, const cJSON *object, const char *name, double least, double most,
                    const char *example, double *number_out)
{
    const cJSON *member = reading_typed(reading, object, name, cJSON_Number, NEED_OPTIONAL, example);
    if (!member)
        return;
    if (member->valuedouble >= least && member->valuedouble <= most)
        *number_out = member->valuedouble;
    else if (most == DBL_MAX)
        reading_complain(reading, member, "\"%s\" must be %g or more; write %s", name, least, example);
    else
        reading_complain(reading, member, "\"%s\" must lie between %g and %g; write %s", name, least, most,
                         example);
}

int reading_day(struct reading *reading, const cJSON *object, const char *name, const char *example)
{
    int day = 0;
    const cJSON *member = reading_typed(reading, object, name, cJSON_String, NEED_REQUIRED, example);
    if (member && !calendar_parse(member->valuestring, &day))
        reading_complain(reading, member,
                         "\"%s\" is not a day of the calendar; write year-month-day, as in %s",
                         quoted(member->valuestring).text, example);
    return day;
}

bool reading_range(struct reading *reading, const cJSON *value, const char *what, struct range *range_out)
{
    const char *why;
    if (!reading_is(reading, value, cJSON_String, what, "\"192.0.2.0/24\""))
        return false;
    if (range_parse(value->valuestring, range_out, &why))
        return true;
    reading_complain(reading, value, "\"%s\" is not an address range: %s", quoted(value->valuestring).text,
                     why);
    return false;
}

bool reading_ranges(struct reading *reading, const cJSON *array, const char *what, struct ranges *ranges)
{
    struct range range;
    bool all = true;
    if (!reading_is(reading, array, cJSON_Array, what, "[\"192.0.2.0/24\"]"))
        return false;
    for (const cJSON *item = array->child; item; item = item->next) {
        if (!reading_range(reading, item, what, &range))
            all = false;
        else if (!reading_keep(reading, ranges_add(ranges, range)))
            return false;
    }
    ranges_normalise(ranges);
    return all;
}
