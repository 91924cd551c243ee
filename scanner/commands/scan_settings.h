#ifndef SCANNER_COMMANDS_SCAN_SETTINGS_H
#define SCANNER_COMMANDS_SCAN_SETTINGS_H

#include "scanner/commands/engine.h"
#include "scanner/commands/option.h"

/* What the user of `scan` asked for. Paths and names are borrowed from argv. */
struct scan_settings {
    const char *scope_path;
    const char *store_path;
    const char *log_path; /* NULL: none */
    struct ports ports;   /* count 0: the catalogue's */
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    const char *required_keys[OPTION_SOURCES_MAX]; /* public keys: --require-signature */
    size_t required_keys_count;
    struct outputs outputs;
    struct scan_options scan;
    enum engine_kind engine;
    bool vantage_given, seed_given, dry_run, resume, wait, quiet, verbose, without_addresses;
    enum vantage vantage;
    enum language language;
    uint32_t shard, shards;
    double fail_below;
    struct fail_on fail_on;
    const char *deadlines; /* NULL: the built-in ones */
};

void scan_settings_init(struct scan_settings *settings);
void scan_settings_deinit(struct scan_settings *settings);
/* -1: go on; otherwise the exit code. */
int scan_settings_read(struct scan_settings *settings, int argc, char **argv);

#endif
