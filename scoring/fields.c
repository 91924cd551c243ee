#include "scoring/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"

#define ID_MAX 40

size_t fields_complaints(const struct complaints *complaints)
{
    return complaints->count + complaints->left_off;
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

/* text_safe spells out whatever could steer a terminal, so that only clean text comes through it unchanged.
 */
static bool is_clean(const char *text)
{
    size_t size = strlen(text);
    char *safe = malloc(size + 1);
    bool clean = safe && text_safe((struct span){(const uint8_t *)text, size}, safe, size + 1) == size &&
                 memcmp(safe, text, size) == 0;
    free(safe);
    return clean;
}

bool fields_is_text(struct fields *fields, const cJSON *value, const char *what, const char *example)
{
    if (!fields_is(fields, value, cJSON_String, what, example))
        return false;
    const char *text = value->valuestring;
    if (text[strspn(text, " ")] == 0)
        fields_complain(fields, value, "\"%s\" is empty; write %s", what, example);
    else if (!is_clean(text))
        fields_complain(fields, value, "\"%s\" holds a control or invisible character; remove it", what);
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
    const cJSON *member = fields_member(fields, object, name, presence, example);
    if (!member || !fields_is(fields, member, cJSON_Number, name, example))
        return;
    if (member->valuedouble >= least && member->valuedouble <= most)
        *number_out = member->valuedouble;
    else
        fields_complain(fields, member, "\"%s\" must lie between %g and %g; write %s", name, least, most,
                        example);
}

void fields_whole(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                  int least, int most, int *number_out)
{
    char example[16];
    snprintf(example, sizeof example, "%d", most);
    const cJSON *member = fields_member(fields, object, name, presence, example);
    if (!member || !fields_is(fields, member, cJSON_Number, name, example))
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
