#include "scanner/commands/scan_settings.h"

#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"

enum {
    ENGINE = 256,
    CATALOGUE,
    BASELINE,
    ATTEMPTS,
    PCAP,
    TIMEOUT,
    VANTAGE,
    DRY_RUN,
    RESUME,
    SHARD,
    REQUIRE_SIGNATURE,
    LOG_FILE,
    SEED,
    LANGUAGE,
    FAIL_BELOW,
    FAIL_ON,
    DEADLINES,
    WITHOUT_ADDRESSES,
    WAIT
};

static const struct option long_options[] = {
    {"ports", required_argument, NULL, 'p'},
    {"rate", required_argument, NULL, 'r'},
    {"engine", required_argument, NULL, ENGINE},
    {"store", required_argument, NULL, 'd'},
    {"output", required_argument, NULL, 'o'},
    {"without-addresses", no_argument, NULL, WITHOUT_ADDRESSES},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"attempts", required_argument, NULL, ATTEMPTS},
    {"pcap", required_argument, NULL, PCAP},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"vantage", required_argument, NULL, VANTAGE},
    {"dry-run", no_argument, NULL, DRY_RUN},
    {"resume", no_argument, NULL, RESUME},
    {"shard", required_argument, NULL, SHARD},
    {"seed", required_argument, NULL, SEED},
    {"lang", required_argument, NULL, LANGUAGE},
    {"fail-below", required_argument, NULL, FAIL_BELOW},
    {"fail-on", required_argument, NULL, FAIL_ON},
    {"deadlines", required_argument, NULL, DEADLINES},
    {"wait", no_argument, NULL, WAIT},
    {"log", required_argument, NULL, LOG_FILE},
    {"require-signature", required_argument, NULL, REQUIRE_SIGNATURE},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

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

static bool read_engine(const char *text, enum engine_kind *kind_out)
{
    if (engine_kind_parse(text, kind_out))
        return true;
    fprintf(stderr, "auscult: --engine: there is no such engine; want auto, connect, packet or xdp\n");
    return false;
}

static bool take_option(void *context, int option, char *value)
{
    struct scan_settings *settings = context;
    uint64_t number = 0;
    bool good = true;
    switch (option) {
    case 'p':
        return option_ports("--ports", value, &settings->ports);
    case 'r':
        return option_rate("--rate", value, &settings->scan.rate);
    case 'd':
        settings->store_path = value;
        return true;
    case 'o':
        return option_output("--output", value, &settings->outputs);
    case 'q':
        settings->quiet = true;
        return true;
    case 'v':
        return settings->verbose = true;
    case ENGINE:
        return read_engine(value, &settings->engine);
    case CATALOGUE:
        return option_source(value, settings->catalogues, &settings->catalogues_count);
    case ATTEMPTS:
        good = option_number("--attempts", value, 1, 10, &number);
        settings->scan.attempts = (unsigned)number;
        return good;
    case PCAP:
        settings->scan.pcap = value;
        return true;
    case TIMEOUT:
        return option_timeouts("--timeout", value, &settings->scan.connect_ms, &settings->scan.port_ms,
                               &settings->scan.host_ms);
    case VANTAGE:
        settings->vantage_given = true;
        return option_vantage("--vantage", value, &settings->vantage);
    case DRY_RUN:
        return settings->dry_run = true;
    case RESUME:
        return settings->resume = true;
    case SHARD:
        return option_shard("--shard", value, &settings->shard, &settings->shards);
    case LOG_FILE:
        settings->log_path = value;
        return true;
    case REQUIRE_SIGNATURE:
        return option_source(value, settings->required_keys, &settings->required_keys_count);
    case SEED:
        settings->seed_given = true;
        return option_number("--seed", value, 0, INT64_MAX, &settings->scan.seed);
    case LANGUAGE:
        return option_language("--lang", value, &settings->language);
    case FAIL_BELOW:
        good = option_number("--fail-below", value, 1, 1000, &number);
        settings->fail_below = (double)number;
        return good;
    case WITHOUT_ADDRESSES:
        return settings->without_addresses = true;
    case FAIL_ON:
        return option_fail_on("--fail-on", value, &settings->fail_on);
    case DEADLINES:
        settings->deadlines = value;
        return true;
    case WAIT:
        return settings->wait = true;
    default:
        return false;
    }
}

int scan_settings_read(struct scan_settings *settings, int argc, char **argv)
{
    static const struct options options = {"scan", ":p:r:d:o:qvh", long_options, help, take_option};
    int code = options_read(&options, settings, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind != 1) {
        fprintf(stderr, "auscult scan: want one scope file; `auscult scan --help` tells more\n");
        return EXIT_USAGE;
    }
    settings->scope_path = argv[optind];
    outputs_default(&settings->outputs);
    if (settings->without_addresses && !outputs_withhold(&settings->outputs))
        return EXIT_USAGE;
    return -1;
}

void scan_settings_init(struct scan_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->store_path = "auscult.db";
    settings->shard = settings->shards = 1;
    settings->language = option_language_default();
    settings->scan = (struct scan_options){
        .rate = 1000, .attempts = 2, .connect_ms = 900, .port_ms = 8000, .host_ms = 12000};
    ports_init(&settings->ports);
}

void scan_settings_deinit(struct scan_settings *settings)
{
    ports_deinit(&settings->ports);
}
