#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/nmap_host.h"
#include "scoring/feeds/nmap_map.h"
#include "scoring/feeds/xml.h"

/* nmap's report (-oX; its form is nmap.dtd, which Debian installs). What was asked is the list of ports in
   "scaninfo", at each host that is up. A service counts as known when nmap spoke with it (method "probed"), not
   when its name is only the usual one of the port. */

#define HELD_MAX  16 /* endpoints that wait for scripts about their host */
#define KEYS_MAX  8
#define PATH_SIZE 512

struct nmap {
    const struct feed_call *call;
    struct nmap_map map;
    bool begun;
    int64_t started_ms;
    /* The host that is being read. */
    bool in_host;
    struct nmap_host host;
    struct observation *held[HELD_MAX];
    size_t held_count;
    /* The port and the script. */
    bool in_port, told_open;
    struct observation *observation; /* of an open port */
    uint16_t port;
    char script[64];
    size_t keys[KEYS_MAX]; /* where each key ends in path */
    size_t keys_count, keys_beyond;
    char path[PATH_SIZE];
    bool matched[NMAP_RULES_MAX];
};

static bool read_number(const char *text, uint64_t most, uint64_t *number_out)
{
    return text && span_number((struct span){(const uint8_t *)text, strlen(text)}, most, number_out);
}

static enum status complain(const struct nmap *nmap, const char *what)
{
    return feed_source_complain(nmap->call->source, 0, "%s", what);
}

/* Seconds since the epoch, as milliseconds; 0 when it is none. */
static int64_t read_time(const char *text)
{
    uint64_t seconds = 0;
    return read_number(text, 253402300799, &seconds) ? (int64_t)seconds * 1000 : 0;
}

/* --- ports --- */

static enum status read_scaninfo(struct nmap *nmap, const char *const *attributes)
{
    const char *protocol = xml_attribute(attributes, "protocol"), *why = "";
    const char *services = xml_attribute(attributes, "services");
    size_t at = 0;
    if (!protocol || strcmp(protocol, "tcp") != 0 || !services || !services[0])
        return STATUS_OK;
    enum status status = ports_parse(&nmap->host.asked, services, &why, &at);
    return status == STATUS_WRONG_FILE ? complain(nmap, "\"services\" of scaninfo is no list of ports")
                                       : status;
}

static const char not_told[] = "ports that are not said to be open or closed";

static void read_extraports(struct nmap *nmap, const char *const *attributes)
{
    const char *state = xml_attribute(attributes, "state");
    if (!nmap_host_rest(&nmap->host, state ? state : ""))
        nmap->call->sink->skipped(nmap->call->sink->context, not_told);
}

static enum status read_extrareasons(struct nmap *nmap, const char *const *attributes)
{
    const char *protocol = xml_attribute(attributes, "proto"), *list = xml_attribute(attributes, "ports");
    if (!protocol || strcmp(protocol, "tcp") != 0 || !list)
        return STATUS_OK;
    enum status status = nmap_host_reason(&nmap->host, xml_attribute(attributes, "reason"), list);
    return status == STATUS_WRONG_FILE ? complain(nmap, "\"ports\" of extrareasons is no list of ports")
                                       : status;
}

static enum status begin_port(struct nmap *nmap, const char *const *attributes)
{
    const char *protocol = xml_attribute(attributes, "protocol");
    uint64_t number = 0;
    if (!read_number(xml_attribute(attributes, "portid"), 65535, &number) || !protocol)
        return complain(nmap, "a port wants \"protocol\" and \"portid\", a number up to 65535");
    if (!nmap->host.has_address)
        return complain(nmap, "a host without an address before its ports");
    if (strcmp(protocol, "tcp") != 0 || number == 0) {
        nmap->call->sink->skipped(nmap->call->sink->context, "ports of other protocols than TCP");
        return STATUS_OK;
    }
    nmap->in_port = true;
    nmap->port = (uint16_t)number;
    return STATUS_OK;
}

static enum status begin_open(struct nmap *nmap)
{
    nmap->observation = malloc(sizeof *nmap->observation);
    if (!nmap->observation)
        return STATUS_NO_MEMORY;
    observation_init(nmap->observation, nmap->host.address, (struct port){nmap->port, TRANSPORT_TCP});
    nmap->observation->state = ENDPOINT_OPEN;
    nmap->observation->service = "unknown";
    nmap->observation->time_ms = nmap->host.ended_ms ? nmap->host.ended_ms : nmap->started_ms;
    return STATUS_OK;
}

static enum status read_state(struct nmap *nmap, const char *const *attributes)
{
    const char *word = xml_attribute(attributes, "state");
    if (!word)
        return complain(nmap, "a state wants \"state\"");
    if (!nmap_host_state(&nmap->host, nmap->port, word, xml_attribute(attributes, "reason")))
        nmap->call->sink->skipped(nmap->call->sink->context, not_told);
    return strcmp(word, "open") == 0 && !nmap->observation ? begin_open(nmap) : STATUS_OK;
}

static void read_service(struct nmap *nmap, const char *const *attributes)
{
    const char *method = xml_attribute(attributes, "method"), *name = xml_attribute(attributes, "name");
    const char *tunnel = xml_attribute(attributes, "tunnel"), *product = xml_attribute(attributes, "product");
    struct observation *observation = nmap->observation;
    if (!observation || !name)
        return;
    if (!method || strcmp(method, "probed") != 0) {
        nmap->call->sink->skipped(nmap->call->sink->context,
                                  "names of services that nmap took from the number of the port (no -sV)");
        return;
    }
    const char *service = nmap_map_service(&nmap->map, name);
    if (service)
        observation->service = service;
    observation->tls = tunnel && strcmp(tunnel, "ssl") == 0;
    if (product && service)
        nmap_map_product(&nmap->map, product, xml_attribute(attributes, "version"), observation);
}

static enum status hand_over(struct nmap *nmap, struct observation **observation)
{
    const struct feed_sink *sink = nmap->call->sink;
    enum status status = sink->observation(sink->context, *observation);
    observation_deinit(*observation);
    free(*observation);
    *observation = NULL;
    return status;
}

static bool waits_for_host(const struct nmap *nmap, const struct observation *observation)
{
    for (size_t i = 0; i < nmap->map.rules_count; i++)
        if (nmap->map.rules[i].service && strcmp(nmap->map.rules[i].service, observation->service) == 0)
            return nmap->held_count < HELD_MAX;
    return false;
}

static enum status end_port(struct nmap *nmap)
{
    nmap->in_port = false;
    if (!nmap->observation)
        return STATUS_OK;
    if (!waits_for_host(nmap, nmap->observation))
        return hand_over(nmap, &nmap->observation);
    nmap->held[nmap->held_count++] = nmap->observation;
    nmap->observation = NULL;
    return STATUS_OK;
}

/* --- scripts --- */

static enum status find_item(const struct nmap *nmap, const struct nmap_rule *rule)
{
    const struct feed_sink *sink = nmap->call->sink;
    struct finding finding = {.item = rule->item->id,
                              .has_address = true,
                              .address = nmap->host.address,
                              .exposure = (double)NAN,
                              .count = 1,
                              .time_ms = nmap->host.ended_ms ? nmap->host.ended_ms : nmap->started_ms};
    char why[128];
    snprintf(why, sizeof why, "nmap's script %s", rule->script);
    finding.why = why;
    if (nmap->in_port)
        finding.port = (struct port){nmap->port, TRANSPORT_TCP};
    return sink->finding(sink->context, &finding, NULL);
}

/* To the port at hand, or of a script about the host to the endpoints that the rule is for. */
static enum status apply(struct nmap *nmap, const struct nmap_rule *rule, const char *text)
{
    if (nmap->in_port)
        return nmap->observation ? nmap_rule_apply(rule, text, nmap->observation) : STATUS_OK;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < nmap->held_count && status == STATUS_OK; i++)
        if (rule->service && strcmp(nmap->held[i]->service, rule->service) == 0)
            status = nmap_rule_apply(rule, text, nmap->held[i]);
    return status;
}

static enum status see_text(struct nmap *nmap, const char *at, const char *text)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < nmap->map.rules_count && status == STATUS_OK; i++) {
        const struct nmap_rule *rule = &nmap->map.rules[i];
        if (nmap->matched[i] || !nmap_rule_matches(rule, nmap->script, at, text))
            continue;
        nmap->matched[i] = true;
        status = apply(nmap, rule, text);
        if (status == STATUS_OK && rule->item && nmap->host.has_address)
            status = find_item(nmap, rule);
    }
    return status;
}

static enum status begin_script(struct nmap *nmap, const char *const *attributes)
{
    const char *id = xml_attribute(attributes, "id"), *output = xml_attribute(attributes, "output");
    snprintf(nmap->script, sizeof nmap->script, "%s", id ? id : "");
    nmap->keys_count = nmap->keys_beyond = 0;
    memset(nmap->matched, 0, sizeof nmap->matched);
    return see_text(nmap, NULL, output ? output : "");
}

static void end_script(struct nmap *nmap)
{
    for (size_t i = 0; i < nmap->map.rules_count; i++) {
        const struct nmap_rule *rule = &nmap->map.rules[i];
        if (nmap->matched[i] || !rule->otherwise || strcmp(rule->script, nmap->script) != 0)
            continue;
        if (nmap->observation)
            nmap_rule_apply_else(rule, nmap->observation);
        for (size_t j = 0; !nmap->in_port && j < nmap->held_count; j++)
            if (rule->service && strcmp(nmap->held[j]->service, rule->service) == 0)
                nmap_rule_apply_else(rule, nmap->held[j]);
    }
    nmap->script[0] = 0;
}

static void begin_key(struct nmap *nmap, const char *const *attributes)
{
    const char *key = xml_attribute(attributes, "key");
    size_t used = nmap->keys_count ? nmap->keys[nmap->keys_count - 1] : 0;
    if (nmap->keys_count == KEYS_MAX || used + strlen(key ? key : "") + 2 > PATH_SIZE) {
        nmap->keys_beyond++;
        return;
    }
    used += (size_t)snprintf(nmap->path + used, PATH_SIZE - used, "%s%s", nmap->keys_count ? "/" : "",
                             key ? key : "");
    nmap->keys[nmap->keys_count++] = used;
}

static enum status end_key(struct nmap *nmap, bool has_text, const char *text)
{
    if (nmap->keys_beyond) {
        nmap->keys_beyond--;
        return STATUS_OK;
    }
    enum status status = has_text ? see_text(nmap, nmap->path, text) : STATUS_OK;
    nmap->keys_count--;
    nmap->path[nmap->keys_count ? nmap->keys[nmap->keys_count - 1] : 0] = 0;
    return status;
}

/* --- hosts --- */

static enum status read_address(struct nmap *nmap, const char *const *attributes)
{
    const char *type = xml_attribute(attributes, "addrtype"), *text = xml_attribute(attributes, "addr");
    if (!nmap->in_host || nmap->host.has_address || (type && strcmp(type, "mac") == 0))
        return STATUS_OK;
    nmap->host.has_address = text && address_parse(text, strlen(text), &nmap->host.address);
    return nmap->host.has_address ? STATUS_OK : complain(nmap, "\"addr\" is no address");
}

static enum status end_host(struct nmap *nmap)
{
    enum status status = STATUS_OK;
    nmap->in_host = false;
    for (size_t i = 0; i < nmap->held_count; i++) {
        enum status one = hand_over(nmap, &nmap->held[i]);
        status = status == STATUS_OK ? one : status;
    }
    nmap->held_count = 0;
    if (status != STATUS_OK || !nmap->host.up)
        return status;
    return nmap->host.has_address ? nmap_host_tell(&nmap->host, nmap->call->sink)
                                  : complain(nmap, "a host without an address");
}

/* --- the document --- */

static enum status begin_run(struct nmap *nmap, const char *name, const char *const *attributes)
{
    if (strcmp(name, "nmaprun") != 0)
        return complain(nmap, "want nmap's report, which begins with <nmaprun …> (nmap -oX FILE)");
    nmap->begun = true;
    nmap->started_ms = read_time(xml_attribute(attributes, "start"));
    return STATUS_OK;
}

static void end_run(const struct nmap *nmap, const char *const *attributes)
{
    const struct feed_sink *sink = nmap->call->sink;
    int64_t until_ms = read_time(xml_attribute(attributes, "time"));
    if (nmap->started_ms && until_ms >= nmap->started_ms)
        sink->period(sink->context, nmap->started_ms, until_ms + 999);
}

static enum status begin(void *context, const char *name, const char *const *attributes)
{
    struct nmap *nmap = context;
    const char *state = xml_attribute(attributes, "state");
    if (!nmap->begun)
        return begin_run(nmap, name, attributes);
    if (strcmp(name, "host") == 0) {
        nmap->in_host = true;
        nmap_host_begin(&nmap->host, read_time(xml_attribute(attributes, "endtime")));
        return STATUS_OK;
    }
    if (strcmp(name, "scaninfo") == 0)
        return read_scaninfo(nmap, attributes);
    if (strcmp(name, "finished") == 0)
        end_run(nmap, attributes);
    if (!nmap->in_host)
        return STATUS_OK;
    if (strcmp(name, "status") == 0)
        nmap->host.up = !state || strcmp(state, "up") == 0;
    else if (strcmp(name, "address") == 0)
        return read_address(nmap, attributes);
    else if (strcmp(name, "extraports") == 0)
        read_extraports(nmap, attributes);
    else if (strcmp(name, "extrareasons") == 0)
        return read_extrareasons(nmap, attributes);
    else if (strcmp(name, "port") == 0)
        return begin_port(nmap, attributes);
    else if (strcmp(name, "state") == 0 && nmap->in_port)
        return read_state(nmap, attributes);
    else if (strcmp(name, "service") == 0 && nmap->in_port)
        read_service(nmap, attributes);
    else if (strcmp(name, "script") == 0)
        return begin_script(nmap, attributes);
    else if (nmap->script[0] && (strcmp(name, "table") == 0 || strcmp(name, "elem") == 0))
        begin_key(nmap, attributes);
    return STATUS_OK;
}

static enum status end(void *context, const char *name, const char *text)
{
    struct nmap *nmap = context;
    if (!nmap->in_host)
        return STATUS_OK;
    if (strcmp(name, "host") == 0)
        return end_host(nmap);
    if (strcmp(name, "port") == 0 && nmap->in_port)
        return end_port(nmap);
    if (strcmp(name, "script") == 0)
        end_script(nmap);
    else if (nmap->script[0] && (strcmp(name, "table") == 0 || strcmp(name, "elem") == 0))
        return end_key(nmap, strcmp(name, "elem") == 0, text);
    return STATUS_OK;
}

static void drop(struct observation **observation)
{
    if (*observation)
        observation_deinit(*observation);
    free(*observation);
    *observation = NULL;
}

static enum status parse(const struct feed_call *call)
{
    struct nmap *nmap = calloc(1, sizeof *nmap);
    enum status status = nmap ? nmap_map_read(&nmap->map, call) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        const struct xml_reader reader = {nmap, begin, end};
        nmap->call = call;
        nmap_host_init(&nmap->host);
        status = xml_read(call->source, &reader);
        nmap_host_deinit(&nmap->host);
        drop(&nmap->observation);
        for (size_t i = 0; i < HELD_MAX; i++)
            drop(&nmap->held[i]);
    }
    free(nmap);
    return status;
}

const struct feed feed_nmap = {
    .name = "nmap",
    .en = "nmap's XML report (-oX)",
    .zh = "nmap 的 XML 报告（-oX）",
    .map = "import-nmap",
    .parse = parse,
};
