#include "scoring/feeds/csv_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scoring/timestamp.h"

const cJSON *csv_names(struct fields *fields, const cJSON *object, const char *name, enum presence presence)
{
    const char *example = "\"ip\", or a list of names that the column may have";
    const cJSON *names = fields_member(fields, object, name, presence, example);
    if (!names)
        return NULL;
    if (!cJSON_IsArray(names))
        return fields_is_text(fields, names, name, example) ? names : NULL;
    for (const cJSON *one = names->child; one; one = one->next)
        if (!fields_is_text(fields, one, name, example))
            return NULL;
    return names;
}

bool csv_is_one_of(const char *text, const cJSON *names)
{
    if (cJSON_IsString(names))
        return strcasecmp(text, names->valuestring) == 0;
    for (const cJSON *one = names ? names->child : NULL; one; one = one->next)
        if (strcasecmp(text, one->valuestring) == 0)
            return true;
    return false;
}

size_t csv_column(const struct csv_reader *header, const cJSON *names)
{
    for (size_t i = 0; names && i < header->count; i++)
        if (csv_is_one_of(header->texts[i], names))
            return i;
    return SIZE_MAX;
}

/* The next number of a text, of at most `digits` digits, behind one of the separators unless it is the first. */
static bool next_number(const char **text, const char *separators, int digits, int *number_out)
{
    if (separators && (!**text || !strchr(separators, **text)))
        return false;
    *text += separators != NULL;
    int count = 0;
    for (*number_out = 0; **text >= '0' && **text <= '9' && count < digits; count++)
        *number_out = *number_out * 10 + (*(*text)++ - '0');
    return count > 0;
}

static bool read_epoch(const char *text, int64_t *ms_out)
{
    uint64_t number = 0;
    size_t size = strlen(text);
    if ((size != 9 && size != 10 && size != 13) ||
        !span_number((struct span){(const uint8_t *)text, size}, INT64_MAX, &number))
        return false;
    *ms_out = (int64_t)number * (size == 13 ? 1 : 1000);
    return true;
}

bool csv_moment(const char *text, int offset_minutes, int64_t *ms_out)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    char whole[64];
    if (timestamp_parse(text, ms_out) || read_epoch(text, ms_out))
        return true;
    if (!next_number(&text, NULL, 4, &year) || !next_number(&text, "-/", 2, &month) ||
        !next_number(&text, "-/", 2, &day))
        return false;
    bool timed = next_number(&text, " T", 2, &hour);
    if (timed && !next_number(&text, ":", 2, &minute))
        return false;
    if (timed && *text && !next_number(&text, ":", 2, &second))
        return false;
    if (*text)
        return false;
    int away = abs(offset_minutes);
    snprintf(whole, sizeof whole, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", year, month, day, hour, minute,
             second, offset_minutes < 0 ? '-' : '+', away / 60, away % 60);
    return timestamp_parse(whole, ms_out);
}

bool csv_offset(const char *text, int *minutes_out)
{
    int hours, minutes, sign = text[0] == '-' ? -1 : 1;
    if (text[0] != '+' && text[0] != '-')
        return false;
    text++;
    if (!next_number(&text, NULL, 2, &hours) || !next_number(&text, ":", 2, &minutes) || *text ||
        hours > 14 || minutes > 59)
        return false;
    *minutes_out = sign * (hours * 60 + minutes);
    return true;
}
