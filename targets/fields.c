#include "targets/fields.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets/calendar.h"
#include "targets/utf8.h"

#define ID_MAX 40

size_t fields_complaints(const struct complaints *complaints)
{
    return complaints->count + complaints->left_off;
}

bool fields_keep(struct fields *fields, enum status status)
{
    if (fields->status == STATUS_OK)
        fields->status = status;
    return status == STATUS_OK;
}

void *fields_array(struct fields *fields, size_t count, size_t size)
{
    void *array = calloc(count ? count : 1, size);
    if (!array)
        fields->status = STATUS_NO_MEMORY;
    return array;
}

char *fields_copy(struct fields *fields, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        fields->status = STATUS_NO_MEMORY;
    return copy;
}

const cJSON *fields_member(struct fields *fields, const cJSON *object, const char *name,
                           enum presence presence, const char *example)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!member && presence == FIELD_REQUIRED)
        fields_complain(fields, object, "\"%s\" is missing here; add \"%s\": %s", name, name, example);
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

bool fields_is(struct fields *fields, const cJSON *value, int type, const char *what, const char *example)
{
    int found = value->type & 0xff;
    if (found == type)
        return true;
    fields_complain(fields, value, "\"%s\" must be %s, not %s; write %s", what, type_name(type),
                    type_name(found), example);
    return false;
}

const cJSON *fields_typed(struct fields *fields, const cJSON *object, const char *name, int type,
                          enum presence presence, const char *example)
{
    const cJSON *member = fields_member(fields, object, name, presence, example);
    return member && fields_is(fields, member, type, name, example) ? member : NULL;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " ")] == 0;
}

/* The first character that no text may hold; false when there is none. */
static bool find_unsafe(const struct fields *fields, const char *text, uint32_t *code_out)
{
    for (size_t at = 0, size = strlen(text); at < size;) {
        size_t length = utf8_decode(text + at, size - at, code_out);
        if (length == 0 || fields->unsafe(*code_out))
            return true;
        at += length;
    }
    return false;
}

bool fields_is_text(struct fields *fields, const cJSON *value, const char *what, const char *example)
{
    uint32_t code = 0;
    if (!fields_is(fields, value, cJSON_String, what, example))
        return false;
    if (is_blank(value->valuestring))
        fields_complain(fields, value, "\"%s\" is empty; write %s", what, example);
    else if (find_unsafe(fields, value->valuestring, &code))
        fields_complain(fields, value, "\"%s\" holds a control or invisible character (U+%04X); remove it",
                        what, code);
    else
        return true;
    return false;
}

bool fields_is_name(struct fields *fields, const cJSON *member)
{
    uint32_t code = 0;
    if (is_blank(member->string))
        fields_complain_name(fields, member, "the key is empty; give it a name");
    else if (find_unsafe(fields, member->string, &code))
        fields_complain_name(fields, member,
                             "the key holds a control or invisible character (U+%04X); remove it", code);
    else
        return true;
    return false;
}

bool fields_is_id(struct fields *fields, const cJSON *value, const char *what, const char *example)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    if (!fields_is(fields, value, cJSON_String, what, example))
        return false;
    size_t size = strlen(value->valuestring);
    if (size > 0 && size <= ID_MAX && strspn(value->valuestring, allowed) == size)
        return true;
    fields_complain(fields, value,
                    "\"%s\" must be 1 to %d letters, digits, dots, dashes or underscores; write %s", what,
                    ID_MAX, example);
    return false;
}

static const char *id_of(const cJSON *entry)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(entry, "id");
    return cJSON_IsString(id) ? id->valuestring : "";
}

const char *fields_entry_id(struct fields *fields, const cJSON *list, const cJSON *entry, const char *example)
{
    if (!fields_is(fields, entry, cJSON_Object, list->string, "{ \"id\": …, … }"))
        return NULL;
    const cJSON *id = fields_member(fields, entry, "id", FIELD_REQUIRED, example);
    if (!id || !fields_is_id(fields, id, "id", example))
        return NULL;
    for (const cJSON *earlier = list->child; earlier != entry; earlier = earlier->next)
        if (strcmp(id_of(earlier), id->valuestring) == 0) {
            fields_complain(fields, id, "\"%s\" stands in \"%s\" more than once; keep one of them",
                            id->valuestring, list->string);
            return NULL;
        }
    return id->valuestring;
}

void fields_text(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                 const char *example, char **text_out)
{
    const cJSON *member = fields_member(fields, object, name, presence, example);
    if (!member || !fields_is_text(fields, member, name, example))
        return;
    char *copy = fields_copy(fields, member->valuestring);
    if (!copy)
        return;
    free(*text_out);
    *text_out = copy;
}

void fields_number(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                   double least, double most, const char *example, double *number_out)
{
    const cJSON *member = fields_typed(fields, object, name, cJSON_Number, presence, example);
    if (!member)
        return;
    if (member->valuedouble >= least && member->valuedouble <= most)
        *number_out = member->valuedouble;
    else if (most == DBL_MAX)
        fields_complain(fields, member, "\"%s\" must be %g or more; write %s", name, least, example);
    else
        fields_complain(fields, member, "\"%s\" must lie between %g and %g; write %s", name, least, most,
                        example);
}

void fields_whole(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                  int least, int most, int *number_out)
{
    char example[16];
    snprintf(example, sizeof example, "%d", most);
    const cJSON *member = fields_typed(fields, object, name, cJSON_Number, presence, example);
    if (!member)
        return;
    double number = member->valuedouble;
    if (number >= least && number <= most && number == floor(number))
        *number_out = (int)number;
    else
        fields_complain(fields, member, "\"%s\" must be a whole number from %d to %d", name, least, most);
}

static void complain_choice(struct fields *fields, const cJSON *member, const char *name,
                            const char *const *words)
{
    char list[256] = "";
    size_t size = 0;
    for (size_t i = 0; words[i] && size < sizeof list; i++)
        size += (size_t)snprintf(list + size, sizeof list - size, "%s\"%s\"", i ? ", " : "", words[i]);
    fields_complain(fields, member, "\"%s\" must be one of %s", name, list);
}

void fields_choice(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                   const char *const *words, int *choice_out)
{
    char example[48];
    snprintf(example, sizeof example, "\"%s\"", words[0]);
    const cJSON *member = fields_member(fields, object, name, presence, example);
    if (!member)
        return;
    for (int i = 0; cJSON_IsString(member) && words[i]; i++)
        if (strcmp(words[i], member->valuestring) == 0) {
            *choice_out = i;
            return;
        }
    complain_choice(fields, member, name, words);
}

int fields_day(struct fields *fields, const cJSON *object, const char *name, const char *example)
{
    int day = 0;
    const cJSON *member = fields_typed(fields, object, name, cJSON_String, FIELD_REQUIRED, example);
    if (member && !calendar_parse(member->valuestring, &day))
        fields_complain(fields, member, "\"%s\" is not a day of the calendar; write year-month-day, as in %s",
                        quoted(member->valuestring).text, example);
    return day;
}

bool fields_range(struct fields *fields, const cJSON *value, const char *what, struct range *range_out)
{
    const char *why;
    if (!fields_is(fields, value, cJSON_String, what, "\"192.0.2.0/24\""))
        return false;
    if (range_parse(value->valuestring, range_out, &why))
        return true;
    fields_complain(fields, value, "\"%s\" is not an address range: %s", quoted(value->valuestring).text,
                    why);
    return false;
}

bool fields_ranges(struct fields *fields, const cJSON *array, const char *what, struct ranges *ranges)
{
    struct range range;
    bool all = true;
    if (!fields_is(fields, array, cJSON_Array, what, "[\"192.0.2.0/24\"]"))
        return false;
    for (const cJSON *item = array->child; item; item = item->next) {
        if (!fields_range(fields, item, what, &range))
            all = false;
        else if (!fields_keep(fields, ranges_add(ranges, range)))
            return false;
    }
    ranges_normalise(ranges);
    return all;
}
