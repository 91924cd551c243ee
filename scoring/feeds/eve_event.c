#include "scoring/feeds/eve_event.h"

#include <stdio.h>
#include <string.h>

#include "scoring/timestamp.h"

#define DNS_PORT        53
#define PORT_SERVED_MAX 1023 /* who listens there is asked, not asking: RFC 6335 §6 */

const char *const eve_kind_names[] = {"alert", "flow", "dns", "http", "tls",
                                      "quic",  "ssh",  "rdp", "smb",  NULL};

/* The members of a line that matter. */
enum slot {
    TIMESTAMP,
    EVENT_TYPE,
    SRC_IP,
    SRC_PORT,
    DEST_IP,
    DEST_PORT,
    PROTO,
    DIRECTION,
    ALERT,
    FLOW,
    DNS,
    HTTP,
    TLS,
    QUIC,
    SLOTS
};

#define NAME(text)                                                                                           \
    {                                                                                                        \
        text, sizeof text - 1                                                                                \
    }

static const struct {
    const char *text;
    size_t size;
} slot_names[SLOTS] = {
    NAME("timestamp"), NAME("event_type"), NAME("src_ip"),    NAME("src_port"), NAME("dest_ip"),
    NAME("dest_port"), NAME("proto"),      NAME("direction"), NAME("alert"),    NAME("flow"),
    NAME("dns"),       NAME("http"),       NAME("tls"),       NAME("quic"),
};

struct reading {
    struct json_value slots[SLOTS];
    struct eve_event *event;
    const char *why;
    const char *at;
};

static bool refuse(struct reading *reading, const char *why, const char *at)
{
    reading->why = why;
    reading->at = at;
    return false;
}

/* SLOTS where it is none of them. A name with escapes may be one as well. */
static size_t slot_of(struct json_value name)
{
    bool escaped = memchr(name.text, '\\', name.size) != NULL;
    size_t i = 0;
    while (i < SLOTS && (escaped ? !json_named(name, slot_names[i].text)
                                 : name.size != slot_names[i].size + 2 ||
                                       memcmp(name.text + 1, slot_names[i].text, slot_names[i].size) != 0))
        i++;
    return i;
}

static bool find_slots(struct reading *reading, struct json_value line)
{
    struct json_value name, value;
    for (struct json_members members = json_members(line); json_next(&members, &name, &value);) {
        size_t slot = name.size ? slot_of(name) : SLOTS;
        if (slot == SLOTS)
            continue;
        if (reading->slots[slot].text)
            return refuse(reading, "a member that matters stands here a second time; it has no one meaning",
                          name.text);
        reading->slots[slot] = value;
    }
    return true;
}

/* EVE writes offsets as +0800, RFC 3339 as +08:00. */
static bool read_time(struct json_value value, int64_t *time_ms_out)
{
    char text[48];
    if (!json_text(value, text, sizeof text - 2))
        return false;
    size_t length = strlen(text);
    if (length > 5 && strchr("+-", text[length - 5]) && strspn(text + length - 4, "0123456789") == 4) {
        memmove(text + length - 1, text + length - 2, 3);
        text[length - 2] = ':';
    }
    return timestamp_parse(text, time_ms_out);
}

static enum eve_kind kind_of(const char *word)
{
    for (size_t i = 0; eve_kind_names[i]; i++)
        if (strcmp(eve_kind_names[i], word) == 0)
            return (enum eve_kind)(i + 1);
    return EVE_OTHER;
}

static bool read_head(struct reading *reading, struct json_value line)
{
    char word[32];
    if (!reading->slots[TIMESTAMP].text || !reading->slots[EVENT_TYPE].text)
        return refuse(reading, "no record of eve.json: each has \"timestamp\" and \"event_type\"", line.text);
    if (!read_time(reading->slots[TIMESTAMP], &reading->event->time_ms))
        return refuse(reading, "a time is written as \"2026-01-31T12:00:00.000000+0800\"",
                      reading->slots[TIMESTAMP].text);
    if (*reading->slots[EVENT_TYPE].text != '"')
        return refuse(reading, "\"event_type\" is a text, as \"alert\"", reading->slots[EVENT_TYPE].text);
    json_text(reading->slots[EVENT_TYPE], word, sizeof word);
    reading->event->kind = kind_of(word);
    return true;
}

static bool read_address(struct json_value value, struct address *address_out)
{
    char text[ADDRESS_TEXT_MAX];
    return json_text(value, text, sizeof text) && address_parse(text, strlen(text), address_out);
}

static bool read_port(struct json_value value, uint16_t *port_out)
{
    uint64_t number = 0;
    *port_out = 0;
    if (value.size && (!json_whole(value, &number) || number > UINT16_MAX))
        return false;
    *port_out = (uint16_t)number;
    return true;
}

static bool read_ends(struct reading *reading)
{
    static const enum slot addresses[] = {SRC_IP, DEST_IP}, ports[] = {SRC_PORT, DEST_PORT};
    struct eve_event *event = reading->event;
    event->has_ends = reading->slots[SRC_IP].text && reading->slots[DEST_IP].text;
    for (size_t i = 0; i < 2 && event->has_ends; i++) {
        if (!read_address(reading->slots[addresses[i]], &event->ends[i].address))
            return refuse(reading, "an address is written as \"192.0.2.1\" or \"2001:db8::1\"",
                          reading->slots[addresses[i]].text);
        if (!read_port(reading->slots[ports[i]], &event->ends[i].port))
            return refuse(reading, "a port is a whole number from 0 to 65535", reading->slots[ports[i]].text);
    }
    char word[16] = "";
    json_text(reading->slots[PROTO], word, sizeof word);
    event->tcp = strcmp(word, "TCP") == 0 || strcmp(word, "6") == 0;
    event->udp = strcmp(word, "UDP") == 0 || strcmp(word, "17") == 0;
    return true;
}

/* The end that has this address (and, where it is named, this port); `otherwise` when that is neither. */
static unsigned end_of(const struct eve_event *event, struct json_value ip, struct json_value port,
                       unsigned otherwise)
{
    struct address address;
    uint16_t number;
    if (!ip.size || !read_address(ip, &address) || !read_port(port, &number))
        return otherwise;
    for (unsigned i = 0; i < 2; i++)
        if (address_compare(event->ends[i].address, address) == 0 &&
            (number == 0 || event->ends[i].port == number))
            return i;
    return otherwise;
}

/* Of two ports the served one is the server's. */
static bool looks_answered(const struct eve_event *event)
{
    return event->ends[0].port && event->ends[0].port <= PORT_SERVED_MAX &&
           event->ends[1].port > PORT_SERVED_MAX;
}

/* An alert has the addresses of the packet that set it off, which may be the answer; its "flow" and "direction"
   tell who asked, and before version 6, which has neither, the ports do. */
static unsigned client_of_alert(const struct reading *reading)
{
    char word[16] = "";
    json_text(reading->slots[DIRECTION], word, sizeof word);
    unsigned otherwise = word[0] ? strcmp(word, "to_client") == 0 : looks_answered(reading->event);
    return end_of(reading->event, json_member(reading->slots[FLOW], "src_ip"),
                  json_member(reading->slots[FLOW], "src_port"), otherwise);
}

/* Answers of DNS come from port 53 in some versions; all else names the client first. */
static void read_client(struct reading *reading)
{
    struct eve_event *event = reading->event;
    if (event->kind == EVE_ALERT)
        event->client = client_of_alert(reading);
    else if (event->kind == EVE_DNS)
        event->client = event->ends[0].port == DNS_PORT && event->ends[1].port != DNS_PORT;
    event->attacker = event->client;
}

static void read_alert(struct reading *reading)
{
    struct eve_event *event = reading->event;
    struct json_value name, value, source = {0}, target = {0};
    for (struct json_members members = json_members(reading->slots[ALERT]);
         json_next(&members, &name, &value);)
        if (json_named(name, "signature_id"))
            json_whole(value, &event->signature_id);
        else if (json_named(name, "severity"))
            json_whole(value, &event->severity);
        else if (json_named(name, "signature"))
            json_text_cut(value, event->signature, sizeof event->signature);
        else if (json_named(name, "category"))
            json_text_cut(value, event->category, sizeof event->category);
        else if (json_named(name, "metadata"))
            event->metadata = value;
        else if (json_named(name, "source"))
            source = value;
        else if (json_named(name, "target"))
            target = value;
    event->attacker = end_of(event, json_member(source, "ip"), json_member(source, "port"), event->client);
    event->attacker =
        !end_of(event, json_member(target, "ip"), json_member(target, "port"), !event->attacker);
}

static void take_name(struct eve_event *event, struct json_value value)
{
    char text[DOMAIN_TEXT_MAX + 2];
    if (!json_text(value, text, sizeof text) || !domain_fold(text, event->name))
        event->name[0] = 0;
}

/* "rrname" stands in "dns" itself, or since version 3 in the first of "queries"; in alerts of the versions
   before, in the first of "query". */
static void read_dns(struct eve_event *event, struct json_value dns)
{
    static const char *const lists[] = {"queries", "query"};
    struct json_value rrname = json_member(dns, "rrname"), none, first;
    for (size_t i = 0; i < 2 && !rrname.size; i++) {
        struct json_members items = json_members(json_member(dns, lists[i]));
        if (json_next(&items, &none, &first))
            rrname = json_member(first, "rrname");
    }
    take_name(event, rrname);
}

/* A request through a proxy names the whole URL; any other the path alone. */
static void read_http(struct eve_event *event, struct json_value http)
{
    char path[EVE_URL_MAX - DOMAIN_TEXT_MAX - 16], port_text[8] = "";
    uint64_t port = 0;
    take_name(event, json_member(http, "hostname"));
    if (!json_text(json_member(http, "url"), path, sizeof path))
        return;
    if (json_whole(json_member(http, "http_port"), &port) && port != 80 && port <= UINT16_MAX)
        snprintf(port_text, sizeof port_text, ":%u", (unsigned)port);
    if (strstr(path, "://"))
        snprintf(event->url, sizeof event->url, "%s", path);
    else if (event->name[0] && path[0] == '/')
        snprintf(event->url, sizeof event->url, "http://%s%s%s", event->name, port_text, path);
}

static void read_application(struct reading *reading)
{
    struct eve_event *event = reading->event;
    if (reading->slots[DNS].size)
        read_dns(event, reading->slots[DNS]);
    if (reading->slots[TLS].size)
        take_name(event, json_member(reading->slots[TLS], "sni"));
    if (reading->slots[QUIC].size)
        take_name(event, json_member(reading->slots[QUIC], "sni"));
    if (reading->slots[HTTP].size)
        read_http(event, reading->slots[HTTP]);
}

bool eve_event_read(struct json_value line, struct eve_event *event_out, const char **why_out,
                    const char **at_out)
{
    struct reading reading = {.event = event_out};
    uint64_t packets = 0;
    memset(event_out, 0, sizeof *event_out);
    bool good = find_slots(&reading, line) && read_head(&reading, line) && read_ends(&reading);
    *why_out = reading.why;
    *at_out = reading.at;
    if (!good || event_out->kind == EVE_OTHER)
        return good;
    read_client(&reading);
    if (event_out->kind == EVE_ALERT)
        read_alert(&reading);
    read_application(&reading);
    json_whole(json_member(reading.slots[FLOW], "pkts_toclient"), &packets);
    event_out->answered = packets > 0;
    return true;
}
