#include <string.h>
#include <unistd.h>

#include "targets/calendar.h"
#include "targets/scope_read.h"
#include "targets/zone.h"

/* Printers print what they are sent, so that their ports are never asked unless the scope says so
 * (contract.md). */
#define EXCLUDE_PORTS_DEFAULT "9100-9107,515"

#define RATE_LEAST 0.001
#define RATE_MOST  1e9
#define YEARS_MOST 100

/* "HH:MM"; 24:00 only as the end of a day. */
static bool minute_parse(const char *text, int *minute_out)
{
    for (int i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return false;
    int hour = (text[0] - '0') * 10 + text[1] - '0';
    int minute = (text[3] - '0') * 10 + text[4] - '0';
    *minute_out = hour * 60 + minute;
    return minute < 60 && *minute_out <= 24 * 60;
}

static bool hours_parse(const char *text, struct hours *hours_out)
{
    return strlen(text) == strlen("22:00-06:00") && text[5] == '-' &&
           minute_parse(text, &hours_out->from_minute) && minute_parse(text + 6, &hours_out->to_minute) &&
           hours_out->from_minute < 24 * 60;
}

static void read_one_hours(struct scope_reading *reading, const cJSON *item, struct hours *hours)
{
    struct fields *fields = &reading->fields;
    if (!fields_is(fields, item, cJSON_String, "hours", "\"22:00-06:00\""))
        return;
    if (!hours_parse(item->valuestring, hours))
        fields_complain(fields, item,
                        "\"%s\" is no span of hours; write two times of the day, as in \"22:00-06:00\"",
                        quoted(item->valuestring).text);
    else if (hours->from_minute == hours->to_minute)
        fields_complain(fields, item, "\"%s\" ends when it begins; for the whole day write \"00:00-24:00\"",
                        item->valuestring);
}

static void read_hours(struct scope_reading *reading, const cJSON *authorization)
{
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    const cJSON *hours =
        fields_typed(fields, authorization, "hours", cJSON_Array, FIELD_OPTIONAL, "[\"22:00-06:00\"]");
    if (!hours)
        return;
    if (!hours->child)
        fields_complain(fields, hours, "\"hours\" is empty; name some, or leave it out to allow all hours");
    scope->hours = fields_array(fields, (size_t)cJSON_GetArraySize(hours), sizeof *scope->hours);
    for (const cJSON *item = hours->child; item && scope->hours; item = item->next)
        read_one_hours(reading, item, &scope->hours[scope->hours_count++]);
}

static void read_timezone(struct scope_reading *reading, const cJSON *authorization)
{
    struct fields *fields = &reading->fields;
    const char *example = "\"Asia/Shanghai\"";
    fields_text(fields, authorization, "timezone", FIELD_OPTIONAL, example, &reading->scope->timezone);
    const char *name = reading->scope->timezone;
    if (!name || zone_is_known(name))
        return;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(authorization, "timezone");
    if (access(zone_folder(), R_OK) != 0)
        fields_complain(fields, value,
                        "this machine has no time zones in %s; install tzdata, or write \"UTC\"",
                        zone_folder());
    else
        fields_complain(fields, value,
                        "\"%s\" is no time zone that this machine knows; write an IANA name, as in %s",
                        quoted(name).text, example);
}

static void read_dates(struct scope_reading *reading, const cJSON *authorization)
{
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    scope->valid_from_day = fields_day(fields, authorization, "valid_from", "\"2026-01-01\"");
    scope->valid_until_day = fields_day(fields, authorization, "valid_until", "\"2026-12-31\"");
    if (!scope->valid_from_day || !scope->valid_until_day)
        return;
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(authorization, "valid_until");
    if (scope->valid_until_day < scope->valid_from_day)
        fields_complain(fields, until, "\"valid_until\" comes before \"valid_from\"; write a day from %s on",
                        cJSON_GetObjectItemCaseSensitive(authorization, "valid_from")->valuestring);
    else if (scope->valid_until_day - scope->valid_from_day > YEARS_MOST * 10000)
        fields_complain(fields, until,
                        "\"valid_until\" is more than %d years after \"valid_from\"; write the day on "
                        "which the authorization ends",
                        YEARS_MOST);
}

/* Adds the ports of a list in a member; what is wrong is shown from where it begins. */
static void read_ports(struct scope_reading *reading, const cJSON *member, struct ports *ports)
{
    const char *why;
    size_t at;
    enum status status = ports_parse(ports, member->valuestring, &why, &at);
    if (status == STATUS_WRONG_FILE)
        fields_complain(&reading->fields, member, "\"%s\" is wrong from \"%s\" on: %s", member->string,
                        quoted(member->valuestring + at).text, why);
    else
        fields_keep(&reading->fields, status);
}

static void read_allowed_ports(struct scope_reading *reading, const cJSON *authorization)
{
    struct fields *fields = &reading->fields;
    const char *example = "\"22,8000-8100,161/udp\"";
    const cJSON *ports = fields_typed(fields, authorization, "ports", cJSON_String, FIELD_OPTIONAL, example);
    if (!ports)
        return;
    size_t complained = fields_complaints(fields->complaints);
    read_ports(reading, ports, &reading->scope->ports);
    bool wrong = fields_complaints(fields->complaints) > complained;
    if (!wrong && reading->scope->ports.count == 0)
        fields_complain(fields, ports,
                        "\"ports\" is empty; name some, as in %s, or leave it out for no limit", example);
}

static void read_excluded_ports(struct scope_reading *reading, const cJSON *authorization)
{
    const char *why;
    size_t at;
    struct ports *ports = &reading->scope->exclude_ports;
    if (!cJSON_GetObjectItemCaseSensitive(authorization, "exclude_ports")) {
        fields_keep(&reading->fields, ports_parse(ports, EXCLUDE_PORTS_DEFAULT, &why, &at));
        return;
    }
    const cJSON *member = fields_typed(&reading->fields, authorization, "exclude_ports", cJSON_String,
                                       FIELD_OPTIONAL, "\"" EXCLUDE_PORTS_DEFAULT "\"");
    if (member)
        read_ports(reading, member, ports);
}

void scope_authorization_read(struct scope_reading *reading, const cJSON *authorization)
{
    static const char *const known[] = {
        "reference", "authorized_by", "contact",  "valid_from",        "valid_until",
        "hours",     "timezone",      "max_rate", "max_rate_per_host", "max_rate_per_network",
        "ports",     "exclude_ports", NULL};
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    document_refuse_unknown(fields->document, authorization, known, fields->complaints);
    fields_text(fields, authorization, "reference", FIELD_REQUIRED, "\"contract 2026-017\"",
                &scope->reference);
    fields_text(fields, authorization, "authorized_by", FIELD_REQUIRED, "\"who signed\"",
                &scope->authorized_by);
    fields_text(fields, authorization, "contact", FIELD_REQUIRED, "\"whom to call, and how\"",
                &scope->contact);
    read_dates(reading, authorization);
    read_hours(reading, authorization);
    read_timezone(reading, authorization);
    fields_number(fields, authorization, "max_rate", FIELD_OPTIONAL, RATE_LEAST, RATE_MOST, "2000",
                  &scope->max_rate);
    fields_number(fields, authorization, "max_rate_per_host", FIELD_OPTIONAL, RATE_LEAST, RATE_MOST, "20",
                  &scope->max_rate_per_host);
    fields_number(fields, authorization, "max_rate_per_network", FIELD_OPTIONAL, RATE_LEAST, RATE_MOST, "100",
                  &scope->max_rate_per_network);
    read_allowed_ports(reading, authorization);
    read_excluded_ports(reading, authorization);
}
