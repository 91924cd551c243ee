#include <stdio.h>
#include <string.h>

#include "targets/scope_read.h"

static const char example[] = "\"192.0.2.10:443\"";

/* "192.0.2.10", "192.0.2.10:443", "2001:db8::10", "[2001:db8::10]:443". */
static bool parse(const char *text, struct canary *canary_out)
{
    size_t size = strlen(text);
    const char *colon = strrchr(text, ':'), *end = text + size;
    unsigned number = 0;
    canary_out->port = (struct port){CANARY_PORT, TRANSPORT_TCP};
    if (address_parse(text, size, &canary_out->address))
        return true;
    if (!colon)
        return false;
    for (const char *digit = colon + 1; digit < end; digit++) {
        if (*digit < '0' || *digit > '9' || digit - colon > 5)
            return false;
        number = number * 10 + (unsigned)(*digit - '0');
    }
    canary_out->port.number = (uint16_t)number;
    bool bracketed = text[0] == '[' && colon > text + 1 && colon[-1] == ']';
    const char *first = bracketed ? text + 1 : text;
    size_t length = (size_t)(colon - text) - (bracketed ? 2 : 0);
    return number >= 1 && number <= UINT16_MAX && address_parse(first, length, &canary_out->address) &&
           bracketed == !address_is_ipv4(canary_out->address);
}

/* Why it may not be asked, as the end of a sentence; NULL when it may. */
static const char *refusal(const struct scope *scope, const struct canary *canary)
{
    const struct organization *owner = scope_owner(scope, canary->address);
    const struct port port = canary->port;
    if (!owner)
        return "is not in the scope; name an address of an organization's \"ranges\"";
    if (ranges_contain(&scope->exclude, canary->address))
        return "is excluded; name an address that may be asked";
    if (ranges_contain(&owner->fragile, canary->address))
        return "is fragile; name one that bears being asked every few seconds";
    if ((scope->ports.count && !ports_contain(&scope->ports, port.number, port.transport)) ||
        ports_contain(&scope->exclude_ports, port.number, port.transport))
        return "names a port that the authorization does not allow; name one that it does";
    return NULL;
}

static bool is_named(const struct scope *scope, const struct canary *canary)
{
    for (size_t i = 0; i < scope->canaries_count; i++)
        if (address_compare(scope->canaries[i].address, canary->address) == 0 &&
            scope->canaries[i].port.number == canary->port.number)
            return true;
    return false;
}

static void read_canary(struct scope_reading *reading, const cJSON *item, bool rest_right)
{
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    struct canary canary;
    if (!fields_is_text(fields, item, "canary", example))
        return;
    if (!parse(item->valuestring, &canary)) {
        fields_complain(fields, item, "\"%s\" is no address with or without a port; write it as in %s or %s",
                        quoted(item->valuestring).text, example, "\"[2001:db8::10]:443\"");
        return;
    }
    /* Whose an address is, is not known where the ranges are wrong. */
    const char *why = rest_right ? refusal(scope, &canary) : NULL;
    if (why)
        fields_complain(fields, item, "the canary \"%s\" %s", quoted(item->valuestring).text, why);
    else if (is_named(scope, &canary))
        fields_complain(fields, item, "\"%s\" is named already; remove one of the two",
                        quoted(item->valuestring).text);
    else
        scope->canaries[scope->canaries_count++] = canary;
}

void scope_canary_read(struct scope_reading *reading, const cJSON *root, bool rest_right)
{
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    scope->canary_every_s = CANARY_EVERY_S;
    fields_number(fields, root, "canary_every", FIELD_OPTIONAL, 1, 3600, "10", &scope->canary_every_s);
    const cJSON *canaries =
        fields_typed(fields, root, "canary", cJSON_Array, FIELD_OPTIONAL, "[\"192.0.2.10:443\"]");
    if (!canaries)
        return;
    size_t count = (size_t)cJSON_GetArraySize(canaries);
    if (count > CANARIES_MAX) {
        fields_complain(fields, canaries, "\"canary\" names %zu addresses; %d are watched at most", count,
                        CANARIES_MAX);
        return;
    }
    scope->canaries = fields_array(fields, count, sizeof *scope->canaries);
    for (const cJSON *item = canaries->child; item && scope->canaries; item = item->next)
        read_canary(reading, item, rest_right);
}
