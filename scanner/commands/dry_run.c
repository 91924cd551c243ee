#include "scanner/commands/dry_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"

static void print_canaries(const struct scope *scope)
{
    char text[ADDRESS_PORT_TEXT_MAX];
    for (size_t i = 0; i < scope->canaries_count; i++) {
        address_format_port(scope->canaries[i].address, scope->canaries[i].port.number, text);
        printf("%s%s", i ? ", " : "canaries: ", text);
    }
    if (scope->canaries_count)
        printf("; each is asked every %g s, and a scan stops when one falls silent\n", scope->canary_every_s);
}

static void print_names(const struct scope *scope)
{
    size_t count = 0;
    for (size_t i = 0; i < scope->organizations_count; i++)
        for (size_t j = 0; j < scope->organizations[i].names_count; j++)
            printf("%s%s", count++ ? ", " : "names: ", scope->organizations[i].names[j]);
    if (count)
        printf("; they would be resolved, and those of their addresses that the scope holds asked by them\n");
}

int dry_run(const struct scan_settings *settings, const struct scope *scope, const struct plan *plan)
{
    struct plan_share *shares = calloc(scope->organizations_count + 1, sizeof *shares);
    const struct scan_options *scan = &settings->scan;
    enum status status = shares ? plan_shares(plan, scope, shares) : STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        free(shares);
        return present_status(status, "counting", NULL);
    }
    printf("%-16s %12s %12s %8s %14s  %s\n", "organization", "addresses", "of these", "ports", "SYNs at most",
           "name");
    printf("%-16s %12s %12s\n", "", "", "fragile");
    for (size_t i = 0; i < scope->organizations_count; i++)
        printf("%-16s %12" PRIu64 " %12" PRIu64 " %8zu %14" PRIu64 "  %s\n", shares[i].organization->id,
               shares[i].addresses, shares[i].fragile, plan->ports.count, shares[i].targets * scan->attempts,
               shares[i].organization->name);
    char *ports = ports_format(&plan->ports);
    printf("\nports: %s\n", ports ? ports : "");
    free(ports);
    enum engine_kind engine = settings->engine;
    if (engine == ENGINE_AUTO && plan_size(plan, PLAN_SWEPT) < ENGINE_SWEEP_MIN)
        engine = ENGINE_CONNECT;
    const struct plan_rates rates = {scan->rate, scan->rate_per_host, scan->rate_per_network};
    printf("rate: %g a second in total, %g to one host", scan->rate, scan->rate_per_host);
    if (scan->rate_per_network > 0)
        printf(", %g to one network (an IPv4 /24, an IPv6 /64)", scan->rate_per_network);
    printf("; engine %s; shard %u/%u\n", engine_kind_name(engine), settings->shard, settings->shards);
    printf("time: from %.0f s when everything answers to %.0f s when nothing does; conversations with open "
           "ports come on top\n",
           plan_seconds(plan, &rates, scan->attempts, 1), plan_seconds(plan, &rates, scan->attempts, 0) + 2);
    print_canaries(scope);
    print_names(scope);
    printf("a host that looks as if it answered everywhere gets up to %u SYNs more, to a control port\n",
           scan->attempts);
    printf(
        "an open port gets up to three further connections, a fragile address none; nothing was sent now\n");
    free(shares);
    return EXIT_DONE;
}
