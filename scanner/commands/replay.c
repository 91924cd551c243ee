#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/kept_run.h"

static const char help[] = "Usage: auscult replay [OPTION…] CAPTURE SCOPE\n"
                           "Reads a capture as if it were the wire: of the scope's targets that were asked "
                           "in it, which are open, closed, "
                           "unreachable\n"
                           "or silent. The capture is one of `scan --pcap`, or any other that holds both "
                           "directions. Sends nothing.\n\n"
                           "  -p, --ports LIST       the ports that count; the catalogue's own otherwise\n"
                           "  -d, --store FILE       where it is kept, as a run of its own (auscult.db)\n"
                           "  -o, --output FORM[=FILE]   repeatable; - is standard output\n"
                           "      --catalogue FILE   another catalogue, or one that extends it; repeatable\n"
                           "      --lang zh|en\n"
                           "  -h, --help\n";

struct work {
    struct shared settings;
    const char *capture_path;
    struct scope scope;
    struct catalogue catalogue;
    struct authorization *authorization;
    struct plan plan;
    struct wire *wire; /* the capture */
    struct store *store;
    struct store_run run;
    struct keeper keeper;
    struct scan_listener listener; /* the keeper's */
    enum status status;
};

static void tell_open(struct work *work, const struct wire_reply *reply, const struct organization *owner)
{
    struct port port = {reply->port, TRANSPORT_TCP};
    struct observation observation;
    observation_init(&observation, reply->address, port);
    observation.service = "unknown";
    observation.time_ms = clock_epoch_ms();
    endpoint_observe_unidentified(&observation, "only a capture was read: nothing was said to it");
    work->status =
        work->listener.finished(work->listener.context, plan_number(&work->plan, reply->address, port), owner,
                                reply->address, port, ENDPOINT_OPEN, &observation);
    observation_deinit(&observation);
}

static void replied(void *context, const struct wire_reply *reply)
{
    static const enum endpoint_state states[] = {
        [WIRE_CLOSED] = ENDPOINT_CLOSED,
        [WIRE_UNREACHABLE] = ENDPOINT_UNREACHABLE,
        [WIRE_SILENT] = ENDPOINT_SILENT,
    };
    struct work *work = context;
    const struct organization *owner = scope_owner(&work->scope, reply->address);
    struct port port = {reply->port, TRANSPORT_TCP};
    if (work->status != STATUS_OK || !owner)
        return;
    if (reply->answer == WIRE_OPEN) {
        tell_open(work, reply, owner);
        return;
    }
    work->status = work->listener.swept(work->listener.context, owner, port, states[reply->answer]);
    if (work->status == STATUS_OK && reply->answer == WIRE_CLOSED)
        work->status = work->listener.heard(work->listener.context, owner, reply->address);
}

static int open_capture(struct work *work)
{
    const struct wire_settings settings = {.plan = &work->plan,
                                           .authorization = work->authorization,
                                           .listener = {.replied = replied, .context = work}};
    char why[WIRE_WHY_MAX] = "";
    if (wire_replay_new(&settings, work->capture_path, &work->wire, why) == STATUS_OK)
        return -1;
    fprintf(stderr, "auscult: %s: %s\n", work->capture_path, why);
    return EXIT_USAGE;
}

static int read_capture(struct work *work)
{
    struct wire_counters counters;
    enum status status = STATUS_OK;
    bool more = true;
    while (more && status == STATUS_OK && work->status == STATUS_OK)
        status = work->wire->hear(work->wire, &more);
    work->wire->count(work->wire, &counters);
    if (counters.lost_in)
        fprintf(stderr, "auscult: %s: it is cut off; what stands before the cut counts\n",
                work->capture_path);
    if (status == STATUS_OK)
        status = work->status;
    if (status == STATUS_OK)
        status = keeper_keep(&work->keeper);
    return status == STATUS_OK ? -1 : present_status(status, work->capture_path, work->store);
}

static int begin_run(struct work *work)
{
    const struct kept_run_source source = {&work->scope, &work->catalogue, &work->plan, work->scope.vantage,
                                           "replay"};
    work->run.shard = work->run.shards = work->run.attempts = 1;
    enum status status = store_open(work->settings.store_path, true, &work->store);
    if (status == STATUS_OK)
        status = kept_run_begin(work->store, &work->run, &source);
    keeper_init(&work->keeper, work->store, &work->run, &work->scope);
    work->listener = keeper_listener(&work->keeper);
    return status == STATUS_OK ? -1 : present_status(status, work->settings.store_path, work->store);
}

static int conclude(struct work *work)
{
    struct presentation presentation = {
        .catalogue = &work->catalogue,
        .scope = &work->scope,
        .language = work->settings.language,
        .vantage = work->scope.vantage,
        .keep = true,
        .moment_ms = clock_epoch_ms(),
        .outputs = &work->settings.outputs,
    };
    return kept_run_end(&work->keeper, &presentation, "none", work->settings.store_path);
}

static int go(struct work *work)
{
    struct shared *settings = &work->settings;
    if (!present_scope(&work->scope, settings->scope_path) ||
        !present_catalogue(&work->catalogue, &settings->catalogues))
        return EXIT_USAGE;
    enum status status = authorization_new(&work->scope, &work->authorization);
    if (status == STATUS_OK && settings->ports.count == 0)
        status = catalogue_ports(&work->catalogue, TRANSPORT_TCP, &settings->ports);
    if (status == STATUS_OK)
        status = plan_init(&work->plan, work->authorization, &settings->ports, 0, 1, 1, true);
    if (status != STATUS_OK)
        return present_status(status, "planning", NULL);
    int code = open_capture(work);
    if (code < 0)
        code = begin_run(work);
    if (code >= 0)
        return code;
    code = read_capture(work);
    if (code < 0)
        return conclude(work);
    if (store_rollback(work->store) != STATUS_OK) /* a run that did not come to be */
        code = present_status(STATUS_STORE, settings->store_path, work->store);
    return code;
}

static int run(int argc, char **argv)
{
    static const struct options options = {
        .command = "replay",
        .help = help,
        .shared = SHARED_PORTS | SHARED_STORE | SHARED_OUTPUT | SHARED_CATALOGUE | SHARED_LANGUAGE,
        .wants = "want a capture and a scope file",
        .least = 2,
        .most = 2,
    };
    static struct work work;
    int code = options_read(&options, &work.settings, argc, argv);
    if (code < 0) {
        work.capture_path = argv[optind];
        work.settings.scope_path = argv[optind + 1];
        code = go(&work);
    }
    keeper_deinit(&work.keeper);
    store_run_deinit(&work.run);
    store_close(&work.store);
    if (work.wire)
        work.wire->free(&work.wire);
    plan_deinit(&work.plan);
    authorization_free(&work.authorization);
    catalogue_deinit(&work.catalogue);
    scope_deinit(&work.scope);
    ports_deinit(&work.settings.ports);
    return code;
}

const struct command command_replay = {
    "replay", "CAPTURE SCOPE", "read a capture as if it were the wire", "把抓包文件当作网络重放", run,
};
