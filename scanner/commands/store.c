#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/options.h"
#include "scanner/commands/present.h"
#include "scoring/changes.h"
#include "scoring/timestamp.h"

static const char help[] = "Usage: auscult store list STORE\n"
                           "       auscult store prune --keep N STORE\n"
                           "Lists the scans that a store holds, the newest first, or forgets all complete "
                           "ones but the newest N, and\n"
                           "unfinished ones that a complete one has followed. Imports stay.\n\n"
                           "      --keep N           1 to 10000\n"
                           "  -h, --help\n\n"
                           "Exit: 0 done, 1 failed, 2 wrong usage or file.\n";

static int opened(const char *path, bool write, struct store **store_out)
{
    enum status status = store_open(path, write, store_out);
    int code = status == STATUS_OK ? -1 : present_status(status, path, *store_out);
    if (code >= 0)
        store_close(store_out);
    return code;
}

struct listing {
    struct store *store;
    enum status status;
};

static void print_run(void *context, const struct store_run *run)
{
    struct listing *listing = context;
    char started[TIMESTAMP_TEXT_MAX], *why = NULL;
    timestamp_format_ms(run->started_ms, started);
    if (listing->status == STATUS_OK)
        listing->status = store_find_stop(listing->store, run, &why);
    printf("%-36s  %-24s  %-10s  %-8s  %-8s  %10" PRIu64 "  %12" PRIu64, run->id, started,
           run->complete ? "complete" : "unfinished", run->engine ? run->engine : "",
           run->vantage ? run->vantage : "", run->addresses, run->probes_sent);
    if (run->shards > 1)
        printf("  shard %u/%u", run->shard, run->shards);
    printf("%s%s\n", why ? "  " : "", why ? why : "");
    free(why);
}

static int list(const char *path)
{
    struct store *store = NULL;
    int code = opened(path, false, &store);
    if (code >= 0)
        return code;
    struct listing listing = {store, STATUS_OK};
    printf("%-36s  %-24s  %-10s  %-8s  %-8s  %10s  %12s\n", "run", "started", "state", "engine", "vantage",
           "addresses", "probes");
    enum status status = store_each_run(store, print_run, &listing);
    code = present_status(status == STATUS_OK ? listing.status : status, path, store);
    store_close(&store);
    return code;
}

static int prune(const char *path, uint64_t keep)
{
    struct store *store = NULL;
    uint64_t forgotten = 0;
    int code = opened(path, true, &store);
    if (code >= 0)
        return code;
    code = present_status(store_prune(store, keep, CHANGES_BACK_MS, &forgotten), path, store);
    store_close(&store);
    if (code == EXIT_DONE)
        printf("%s: %" PRIu64 " runs forgotten\n", path, forgotten);
    return code;
}

static bool take_keep(const char *option, char *value, void *keep)
{
    return option_number(option, value, 1, 10000, keep);
}

static int run(int argc, char **argv)
{
    static const struct option_row own[] = {{"--keep", 0, take_keep, 0}, {0}};
    static const struct options options = {.command = "store", .help = help, .own = own};
    uint64_t keep = 0;
    int code = options_read(&options, &keep, argc, argv);
    if (code >= 0)
        return code;
    const char *verb = argc - optind == 2 ? argv[optind] : "";
    if (strcmp(verb, "list") == 0 && keep == 0)
        return list(argv[optind + 1]);
    if (strcmp(verb, "prune") == 0 && keep > 0)
        return prune(argv[optind + 1], keep);
    fputs(help, stderr);
    return EXIT_USAGE;
}

const struct command command_store = {"store", "list|prune STORE",
                                      "list the runs of a store, or forget old ones",
                                      "列出或清理存储中的扫描记录", run};
