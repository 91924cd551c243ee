#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "scoring/assessment.h"
#include "scoring/changes.h"

/* bench_changes [ORGANIZATIONS [HOSTS [SCANS]]]: how long it takes to say what changed from the last but one scan of a store
   to the last. Each organization has so many hosts, each with MySQL and Redis open (four findings a host or so); a tenth of
   them is away in every other scan, another tenth is moved. */

#define DAY_MS INT64_C(86400000)
#define START  (INT64_C(20454) * DAY_MS)

static void must(struct store *store, enum status status)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "bench_changes: %s\n", store_message(store));
    exit(1);
}

/* Of this process's processor, which others do not lengthen. */
static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static char *copy(const char *text)
{
    char *made = strdup(text);
    if (!made)
        exit(1);
    return made;
}

static void open_port(struct store *store, const struct store_run *run, const char *organization,
                      struct address address, uint16_t port, const char *service, const char *version)
{
    struct observation observation;
    observation_init(&observation, address, (struct port){port, TRANSPORT_TCP});
    observation.state = ENDPOINT_OPEN;
    observation.service = service;
    observation.time_ms = run->started_ms;
    observation_product(&observation, strcmp(service, "mysql") == 0 ? "MySQL" : "Redis");
    observation_version(&observation, (struct span){(const uint8_t *)version, strlen(version)});
    must(store, store_observation(store, run, organization, &observation));
    observation_deinit(&observation);
}

static void scan_organization(struct store *store, const struct store_run *run, unsigned number,
                              unsigned hosts, unsigned scan)
{
    char id[16];
    snprintf(id, sizeof id, "h%05u", number);
    for (unsigned i = 0; i < hosts; i++) {
        struct address address = address_from_ipv4(0x0a000000 + number * 4096 + i + (i % 10 == 1) * scan % 2);
        must(store, store_host(store, run, id, address, true));
        if (i % 10 == 0 && scan % 2)
            continue;
        open_port(store, run, id, address, 3306, "mysql", "5.6.51");
        open_port(store, run, id, address, 6379, "redis", "7.2.4");
    }
    const uint16_t ports[] = {3306, 6379};
    for (size_t i = 0; i < 2; i++) {
        struct store_count count = {.organization = id, .port = {ports[i], TRANSPORT_TCP}};
        count.ends[ENDPOINT_OPEN] = hosts;
        must(store, store_add_count(store, run, &count));
    }
}

static struct store_run scan(struct store *store, const struct catalogue *catalogue, unsigned organizations,
                             unsigned hosts, unsigned number)
{
    struct store_run run = {.started_ms = START + number * 7 * DAY_MS,
                            .ended_ms = START + number * 7 * DAY_MS + 3600000,
                            .complete = true,
                            .shard = 1,
                            .shards = 1,
                            .attempts = 2,
                            .scope = "same",
                            .authorization = copy(""),
                            .vantage = copy("internet"),
                            .ports = copy("3306,6379"),
                            .engine = copy("connect"),
                            .catalogue = copy(catalogue->name)};
    must(store, store_begin(store, &run));
    for (unsigned i = 0; i < organizations; i++)
        scan_organization(store, &run, i, hosts, number);
    must(store, assessment_make(store, &run, NULL, catalogue));
    must(store, store_commit(store));
    return run;
}

static void measure(struct store *store, const struct catalogue *catalogue, const struct store_run *before,
                    const struct store_run *after)
{
    const struct changes_options options = {.catalogue = catalogue, .today = 20270101};
    struct changes changes;
    struct rusage usage;
    double begun = now();
    must(store, changes_make(store, before, after, &options, &changes));
    double took = now() - begun;
    getrusage(RUSAGE_SELF, &usage);
    printf(
        "%zu changes (%" PRIu64 " new, %" PRIu64 " back, %" PRIu64 " open, %" PRIu64 " mended), %zu endpoint "
        "changes: %.2f s of processor, %ld MB\n",
        changes.count, changes.counts[CHANGE_NEW], changes.counts[CHANGE_BACK], changes.counts[CHANGE_OPEN],
        changes.counts[CHANGE_MENDED], changes.endpoints_count, took, usage.ru_maxrss / 1024);
    changes_deinit(&changes);
}

int main(int argc, char **argv)
{
    unsigned organizations = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned hosts = argc > 2 ? (unsigned)atoi(argv[2]) : 30;
    unsigned scans = argc > 3 ? (unsigned)atoi(argv[3]) : 12;
    struct catalogue catalogue;
    struct complaints complaints;
    struct store *store = NULL;
    complaints_init(&complaints, "catalogue");
    if (scans < 2 || catalogue_load(&catalogue, NULL, 0, &complaints) != STATUS_OK)
        return 1;
    complaints_deinit(&complaints);
    must(store, store_open(NULL, true, &store));
    struct store_run before = {0}, after = {0};
    for (unsigned i = 0; i < scans; i++) {
        store_run_deinit(&before);
        before = after;
        after = scan(store, &catalogue, organizations, hosts, i);
    }
    measure(store, &catalogue, &before, &after);
    store_run_deinit(&before);
    store_run_deinit(&after);
    store_close(&store);
    catalogue_deinit(&catalogue);
    return 0;
}
