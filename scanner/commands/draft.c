#include "scanner/commands/draft.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "targets/scope.h"

enum kind { KIND_TEXT, KIND_NUMBER, KIND_LIST };

static const struct part {
    const char *option, *key;
    enum kind kind;
} parts[DRAFT_PARTS] = {
    [DRAFT_REFERENCE] = {"--reference", "reference", KIND_TEXT},
    [DRAFT_BY] = {"--by", "authorized_by", KIND_TEXT},
    [DRAFT_CONTACT] = {"--contact", "contact", KIND_TEXT},
    [DRAFT_FROM] = {"--from", "valid_from", KIND_TEXT},
    [DRAFT_UNTIL] = {"--until", "valid_until", KIND_TEXT},
    [DRAFT_HOURS] = {"--hours", "hours", KIND_LIST},
    [DRAFT_TIMEZONE] = {"--timezone", "timezone", KIND_TEXT},
    [DRAFT_MAX_RATE] = {"--max-rate", "max_rate", KIND_NUMBER},
    [DRAFT_MAX_RATE_PER_HOST] = {"--max-rate-per-host", "max_rate_per_host", KIND_NUMBER},
    [DRAFT_MAX_RATE_PER_NETWORK] = {"--max-rate-per-network", "max_rate_per_network", KIND_NUMBER},
    [DRAFT_PORTS] = {"--ports", "ports", KIND_TEXT},
    [DRAFT_EXCLUDE_PORTS] = {"--exclude-ports", "exclude_ports", KIND_TEXT},
    [DRAFT_VANTAGE] = {"--vantage", "vantage", KIND_TEXT},
    [DRAFT_EXCLUDE] = {"--exclude", "exclude", KIND_LIST},
};

const char *draft_option(enum draft_part part)
{
    return parts[part].option;
}

bool draft_list_add(struct draft_list *list, struct draft_value value)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct draft_value *grown = reallocarray(list->items, capacity, sizeof *grown);
        if (!grown)
            return false;
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = value;
    return true;
}

void draft_organization_deinit(struct draft_organization *organization)
{
    free(organization->ranges.items);
    free(organization->fragile.items);
    free(organization->domains.items);
}

_Static_assert(OPTION_SOURCES_MAX == 16, "draft_take says so");

bool draft_take(const char *option, char *value, void *place)
{
    struct draft_authorization *authorization = place;
    int part = 0;
    while (part < DRAFT_PARTS && strcmp(parts[part].option, option) != 0)
        part++;
    if (part == DRAFT_PARTS)
        return false;
    size_t most = parts[part].kind == KIND_LIST ? OPTION_SOURCES_MAX : 1;
    if (authorization->counts[part] == most) {
        fprintf(stderr, "auscult: %s: want it %s\n", parts[part].option,
                most == 1 ? "once" : "16 times at most");
        return false;
    }
    authorization->values[part][authorization->counts[part]++] = value;
    return true;
}

bool draft_is_complete(const struct draft_authorization *authorization, const char *command)
{
    bool complete = true;
    for (int i = 0; i < DRAFT_REQUIRED; i++)
        if (authorization->counts[i] == 0) {
            fprintf(stderr, complete ? "auscult %s: an authorization also wants %s" : "%.0s, %s", command,
                    parts[i].option);
            complete = false;
        }
    if (!complete)
        fprintf(stderr, "; `auscult %s --help` tells more\n", command);
    return complete;
}

/* A new line, which comes from this place. */
static void new_line(struct draft *draft, struct place place)
{
    if (draft->lines == draft->capacity) {
        size_t capacity = draft->capacity ? draft->capacity * 2 : 64;
        struct place *grown = reallocarray(draft->places, capacity, sizeof *grown);
        if (!grown) {
            draft->failed = true;
            return;
        }
        draft->places = grown;
        draft->capacity = capacity;
    }
    if (draft->lines)
        fputs(draft->begun ? ",\n" : "\n", draft->out);
    draft->places[draft->lines++] = place;
    draft->begun = true;
    fprintf(draft->out, "%*s", (int)(2 * draft->depth), "");
}

static void put_text(struct draft *draft, const char *text)
{
    cJSON *value = cJSON_CreateStringReference(text);
    char *json = value ? cJSON_PrintUnformatted(value) : NULL;
    if (json)
        fputs(json, draft->out);
    else
        draft->failed = true;
    cJSON_free(json);
    cJSON_Delete(value);
}

static void open_part(struct draft *draft, struct place place, const char *name, const char *bracket)
{
    new_line(draft, place);
    if (name)
        fprintf(draft->out, "\"%s\": ", name);
    fputs(bracket, draft->out);
    draft->depth++;
    draft->begun = false;
}

static void close_part(struct draft *draft, const char *bracket)
{
    fprintf(draft->out, " %s", bracket);
    draft->depth--;
    draft->begun = true;
}

static void put_value(struct draft *draft, const char *name, const struct draft_value *value)
{
    if (!value->text)
        return;
    new_line(draft, value->place);
    if (name)
        fprintf(draft->out, "\"%s\": ", name);
    put_text(draft, value->text);
}

/* Where it is a number that JSON has; else the reader of scopes says what is wrong with it. */
static void put_number(struct draft *draft, const char *name, const struct draft_value *value)
{
    char *end = NULL;
    double number = value->text ? strtod(value->text, &end) : 0;
    bool good = value->text && end != value->text && !*end && isfinite(number) && number >= 0 &&
                strspn(value->text, "0123456789.") == strlen(value->text);
    if (!good) {
        put_value(draft, name, value);
        return;
    }
    new_line(draft, value->place);
    fprintf(draft->out, "\"%s\": %.15g", name, number);
}

static void put_list(struct draft *draft, const char *name, struct place place, const struct draft_list *list)
{
    open_part(draft, place, name, "[");
    for (size_t i = 0; i < list->count; i++)
        put_value(draft, NULL, &list->items[i]);
    close_part(draft, "]");
}

static void put_part(struct draft *draft, const struct draft_authorization *authorization, int part)
{
    struct place place = {0, 0, parts[part].option};
    struct draft_value values[OPTION_SOURCES_MAX] = {{0}};
    size_t count = authorization->counts[part];
    for (size_t i = 0; i < count; i++)
        values[i] = (struct draft_value){authorization->values[part][i], place};
    const struct draft_list list = {values, count, count};
    if (count && parts[part].kind == KIND_LIST)
        put_list(draft, parts[part].key, place, &list);
    else if (count && parts[part].kind == KIND_NUMBER)
        put_number(draft, parts[part].key, &values[0]);
    else if (count)
        put_value(draft, parts[part].key, &values[0]);
}

static void put_organization(struct draft *draft, const struct draft_organization *organization)
{
    open_part(draft, organization->place, NULL, "{");
    put_value(draft, "id", &organization->id);
    put_value(draft, "name", &organization->name);
    put_value(draft, "province", &organization->province);
    put_value(draft, "level", &organization->level);
    put_number(draft, "informatization", &organization->informatization);
    put_list(draft, "ranges", organization->place, &organization->ranges);
    if (organization->fragile.count)
        put_list(draft, "fragile", organization->place, &organization->fragile);
    if (organization->domains.count)
        put_list(draft, "domains", organization->place, &organization->domains);
    close_part(draft, "}");
}

enum status draft_write(struct draft *draft, const struct draft_authorization *authorization,
                        struct draft_organization *const *organizations, size_t count)
{
    const struct place nowhere = {0, 0, NULL};
    *draft = (struct draft){.failed = false};
    draft->out = open_memstream(&draft->text, &draft->size);
    if (!draft->out)
        return STATUS_NO_MEMORY;
    open_part(draft, nowhere, NULL, "{");
    new_line(draft, nowhere);
    fputs("\"auscult\": 1", draft->out);
    open_part(draft, nowhere, "authorization", "{");
    for (int i = 0; i < DRAFT_VANTAGE; i++)
        put_part(draft, authorization, i);
    close_part(draft, "}");
    for (int i = DRAFT_VANTAGE; i < DRAFT_PARTS; i++)
        put_part(draft, authorization, i);
    open_part(draft, nowhere, "organizations", "[");
    for (size_t i = 0; i < count; i++)
        put_organization(draft, organizations[i]);
    close_part(draft, "]");
    close_part(draft, "}");
    fputc('\n', draft->out);
    bool failed = ferror(draft->out) || draft->failed;
    failed = fclose(draft->out) != 0 || failed;
    draft->out = NULL;
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

void draft_deinit(struct draft *draft)
{
    free(draft->text);
    free(draft->places);
    *draft = (struct draft){.failed = false};
}

static void pass_on(const struct draft *draft, const struct complaint *found, struct complaints *complaints)
{
    struct place place = {0, 0, NULL};
    if (found->line && found->line <= draft->lines)
        place = draft->places[found->line - 1];
    const char *text = found->text ? found->text : "wrong; there was no memory to say how";
    if (place.option)
        complaints_add(complaints, 0, 0, "%s: %s", place.option, text);
    else
        complaints_add(complaints, place.line, place.column, "%s", text);
}

enum status draft_check(const struct draft *draft, struct complaints *complaints)
{
    struct scope scope;
    struct complaints found;
    complaints_init(&found, "draft");
    enum status status = scope_parse(&scope, draft->text, draft->size, &found);
    if (status == STATUS_OK)
        scope_deinit(&scope);
    for (size_t i = 0; i < found.count; i++)
        pass_on(draft, &found.items[i], complaints);
    complaints->left_off += found.left_off;
    complaints_deinit(&found);
    return status;
}

enum status draft_save(const struct draft *draft, const char *path)
{
    FILE *file = path ? fopen(path, "wxe") : stdout;
    if (!file)
        return STATUS_SYSTEM;
    bool good = fwrite(draft->text, 1, draft->size, file) == draft->size && fflush(file) == 0;
    int error = errno;
    if (path && (fclose(file) != 0 || !good)) {
        good = false;
        unlink(path);
    }
    errno = error;
    return good ? STATUS_OK : STATUS_SYSTEM;
}
