#include "scoring/report/nmap_hosts.h"

#include <stdlib.h>
#include <string.h>

static void add(struct nmap_seen_hosts *hosts, struct address address, bool synthetic)
{
    if (hosts->count == hosts->capacity) {
        size_t capacity = hosts->capacity ? hosts->capacity * 2 : 64;
        struct nmap_seen *grown = reallocarray(hosts->items, capacity, sizeof *grown);
        if (!grown) {
            hosts->status = STATUS_NO_MEMORY;
            return;
        }
        hosts->items = grown;
        hosts->capacity = capacity;
    }
    hosts->items[hosts->count++] = (struct nmap_seen){address, synthetic};
}

static void add_host(void *context, const char *organization, struct address address, bool open)
{
    (void)organization;
    (void)open;
    add(context, address, false);
}

struct controls {
    struct nmap_seen_hosts *hosts;
    const char *organization;
};

static void add_control(void *context, const char *organization, struct address address,
                        enum host_control control)
{
    const struct controls *controls = context;
    if (control == CONTROL_ANSWERED && strcmp(organization, controls->organization) == 0)
        add(controls->hosts, address, true);
}

static int seen_compare(const void *a, const void *b)
{
    const struct nmap_seen *left = a, *right = b;
    return address_compare(left->address, right->address);
}

/* Each once. */
static void settle(struct nmap_seen_hosts *hosts)
{
    size_t kept = 0;
    if (hosts->count)
        qsort(hosts->items, hosts->count, sizeof *hosts->items, seen_compare);
    for (size_t i = 0; i < hosts->count; i++)
        if (kept && seen_compare(&hosts->items[kept - 1], &hosts->items[i]) == 0)
            hosts->items[kept - 1].synthetic |= hosts->items[i].synthetic;
        else
            hosts->items[kept++] = hosts->items[i];
    hosts->count = kept;
}

enum status nmap_seen_collect(const struct report *report, const char *organization,
                              const struct answers *answers, struct nmap_seen_hosts *hosts)
{
    const struct evidence *evidence = report->evidence;
    struct controls controls = {hosts, organization};
    enum status status = STATUS_OK;
    *hosts = (struct nmap_seen_hosts){.status = STATUS_OK};
    for (size_t i = 0; i < answers->count; i++)
        add(hosts, answers->items[i].address, false);
    if (evidence && evidence->scan)
        status = store_each_host(evidence->store, evidence->scan, organization, add_host, hosts);
    if (evidence && evidence->scan && status == STATUS_OK)
        status = store_each_control(evidence->store, evidence->scan, add_control, &controls);
    settle(hosts);
    return status == STATUS_OK ? hosts->status : status;
}

void nmap_seen_deinit(struct nmap_seen_hosts *hosts)
{
    free(hosts->items);
    *hosts = (struct nmap_seen_hosts){0};
}
