#include "scoring/feeds/nmap_host.h"

#include <string.h>

void nmap_host_init(struct nmap_host *host)
{
    memset(host, 0, sizeof *host);
    ports_init(&host->asked);
}

void nmap_host_deinit(struct nmap_host *host)
{
    ports_deinit(&host->asked);
}

void nmap_host_begin(struct nmap_host *host, int64_t ended_ms)
{
    host->up = true;
    host->has_address = false;
    host->ended_ms = ended_ms;
    host->rest = 0;
    memset(host->states, 0, sizeof host->states);
}

/* 1 + the state, by nmap's word and reason; 0 for what says neither open nor closed. */
static uint8_t state_of(const char *word, const char *reason)
{
    static const char *const unreachable[] = {"-unreach", "-prohibited", "-fail"};
    if (strcmp(word, "open") == 0)
        return 1 + ENDPOINT_OPEN;
    if (strcmp(word, "closed") == 0)
        return 1 + ENDPOINT_CLOSED;
    /* One of the two, and not open either way. */
    if (strcmp(word, "closed|filtered") == 0)
        return 1 + ENDPOINT_SILENT;
    if (strcmp(word, "filtered") != 0)
        return 0;
    for (size_t i = 0; reason && i < sizeof unreachable / sizeof unreachable[0]; i++)
        if (strstr(reason, unreachable[i]))
            return 1 + ENDPOINT_UNREACHABLE;
    return 1 + ENDPOINT_SILENT;
}

bool nmap_host_state(struct nmap_host *host, uint16_t port, const char *word, const char *reason)
{
    return (host->states[port] = state_of(word, reason)) != 0;
}

/* Of several kinds of which nothing more is told, all had no answer that says more. */
bool nmap_host_rest(struct nmap_host *host, const char *word)
{
    uint8_t code = state_of(word, NULL);
    host->rest = host->rest && host->rest != code ? 1 + ENDPOINT_SILENT : code;
    return code != 0;
}

enum status nmap_host_reason(struct nmap_host *host, const char *reason, const char *list)
{
    const char *why = "";
    struct ports ports;
    size_t at = 0;
    if (!host->rest)
        return STATUS_OK;
    uint8_t code = host->rest == 1 + ENDPOINT_CLOSED ? host->rest : state_of("filtered", reason);
    ports_init(&ports);
    enum status status = ports_parse(&ports, list, &why, &at);
    for (size_t i = 0; status == STATUS_OK && i < ports.count; i++)
        host->states[ports.items[i].number] = code;
    ports_deinit(&ports);
    return status;
}

enum status nmap_host_tell(const struct nmap_host *host, const struct feed_sink *sink)
{
    struct ports ports;
    enum status status = STATUS_OK;
    ports_init(&ports);
    for (int state = ENDPOINT_OPEN; state <= ENDPOINT_SILENT && status == STATUS_OK; state++) {
        ports.count = 0;
        for (size_t i = 0; i < host->asked.count && status == STATUS_OK; i++) {
            uint16_t number = host->asked.items[i].number;
            uint8_t code = host->states[number] ? host->states[number] : host->rest;
            if (code == 1 + state)
                status = ports_add(&ports, number, TRANSPORT_TCP);
        }
        if (status == STATUS_OK && ports.count)
            status = sink->asked(sink->context, host->address, &ports, (enum endpoint_state)state);
    }
    ports_deinit(&ports);
    return status;
}
