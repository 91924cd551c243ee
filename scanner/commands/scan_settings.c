#include "scanner/commands/scan_settings.h"

#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"

static const char help[] =
    "Usage: auscult scan [OPTION…] SCOPE\n"
    "Scans what the scope file authorizes, identifies what answers, stores it and prints each organization's "
    "index.\n\n"
    "  -p, --ports LIST       ports to ask, like 22,8000-8100; the catalogue's own otherwise\n"
    "  -r, --rate N[k|M]      probes a second in total (1000); the scope's ceilings win where they are "
    "lower\n"
    "      --engine NAME      auto, connect, packet or xdp; auscult doctor says which can be had\n"
    "  -d, --store FILE       where everything is kept (auscult.db)\n"
    "  -o, --output FORM[=FILE]   repeatable; - is standard output; the forms are\n"
    "                         {forms}\n"
    "      --without-addresses    indices, counts and items alone in them: nothing that says where\n"
    "      --catalogue FILE   another catalogue, or one that extends it; repeatable\n"
    "      --log FILE         a chained record of who was authorized, what was sent and found; `auscult log` "
    "reads it\n"
    "      --pcap FILE        every SYN that was swept and every answer, for `auscult replay` and other "
    "tools\n"
    "      --attempts N       SYNs that a silent target gets, 1 to 10 (2)\n"
    "      --timeout C[,P[,H]]    seconds for a connection (0.9), a port (8), a host that misbehaves (12)\n"
    "      --vantage WHERE    internet, partner or internal, in place of the scope's\n"
    "      --dry-run          count what would be sent, for each organization, and send nothing\n"
    "      --resume           go on with the newest unfinished run of this scope\n"
    "      --shard I/N        only part I of N\n"
    "      --seed N           of the order in which targets are drawn\n"
    "      --wait             wait for the scope's hours\n"
    "      --require-signature KEY   only when SCOPE.sig is a signature by this public key; repeatable: one "
    "of them\n"
    "      --fail-below N     exit 4 when an index is below N\n"
    "      --fail-on WHAT     exit 4 when there is something new since the scan before (new), or a gate is "
    "in force\n"
    "                         (gate); repeatable\n"
    "      --deadlines FILE   by when findings are to be mended, in place of the built-in rules\n"
    "      --lang zh|en\n"
    "  -q, --quiet            no progress line\n"
    "  -v, --verbose          a line for each open port as it becomes known\n"
    "  -h, --help\n\n"
    "Exit: 0 done, 1 failed, 2 wrong usage or file, 3 not authorized, 4 below the threshold, 130 "
    "interrupted.\n";

static bool take_engine(const char *option, char *value, void *place)
{
    if (engine_kind_parse(value, place))
        return true;
    fprintf(stderr, "auscult: %s: there is no such engine; want auto, connect, packet or xdp\n", option);
    return false;
}

static bool take_attempts(const char *option, char *value, void *place)
{
    unsigned *attempts = place;
    uint64_t number = 0;
    bool good = option_number(option, value, 1, 10, &number);
    *attempts = (unsigned)number;
    return good;
}

static bool take_timeouts(const char *option, char *value, void *place)
{
    struct scan_options *scan = place;
    return option_timeouts(option, value, &scan->connect_ms, &scan->port_ms, &scan->host_ms);
}

static bool take_shard(const char *option, char *value, void *place)
{
    struct scan_settings *settings = place;
    return option_shard(option, value, &settings->shard, &settings->shards);
}

static bool take_seed(const char *option, char *value, void *place)
{
    struct scan_settings *settings = place;
    settings->seed_given = true;
    return option_number(option, value, 0, INT64_MAX, &settings->scan.seed);
}

static const struct option_row own[] = {
    {"--rate", 'r', option_rate, offsetof(struct scan_settings, scan.rate)},
    {"--engine", 0, take_engine, offsetof(struct scan_settings, engine)},
    {"--attempts", 0, take_attempts, offsetof(struct scan_settings, scan.attempts)},
    {"--pcap", 0, option_text, offsetof(struct scan_settings, scan.pcap)},
    {"--timeout", 0, take_timeouts, offsetof(struct scan_settings, scan)},
    {"--dry-run", 0, option_flag, offsetof(struct scan_settings, dry_run)},
    {"--resume", 0, option_flag, offsetof(struct scan_settings, resume)},
    {"--shard", 0, take_shard, 0},
    {"--seed", 0, take_seed, 0},
    {"--wait", 0, option_flag, offsetof(struct scan_settings, wait)},
    {"--log", 0, option_text, offsetof(struct scan_settings, log_path)},
    {"--require-signature", 0, option_source, offsetof(struct scan_settings, required_keys)},
    {"--quiet", 'q', option_flag, offsetof(struct scan_settings, quiet)},
    {"--verbose", 'v', option_flag, offsetof(struct scan_settings, verbose)},
    {0},
};

int scan_settings_read(struct scan_settings *settings, int argc, char **argv)
{
    static const struct options options = {
        .command = "scan",
        .help = help,
        .shared = SHARED_PORTS | SHARED_STORE | SHARED_OUTPUT | SHARED_WITHOUT_ADDRESSES | SHARED_CATALOGUE |
                  SHARED_VANTAGE | SHARED_LANGUAGE | SHARED_FAIL_BELOW | SHARED_FAIL_ON | SHARED_DEADLINES,
        .own = own,
        .wants = "want one scope file",
        .least = 1,
        .most = 1,
    };
    int code = options_read(&options, settings, argc, argv);
    if (code < 0)
        settings->shared.scope_path = argv[optind];
    return code;
}

void scan_settings_init(struct scan_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->shard = settings->shards = 1;
    settings->scan = (struct scan_options){
        .rate = 1000, .attempts = 2, .connect_ms = SCAN_CONNECT_MS, .port_ms = 8000, .host_ms = 12000};
}

void scan_settings_deinit(struct scan_settings *settings)
{
    ports_deinit(&settings->shared.ports);
}
