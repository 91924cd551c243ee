#ifndef SCANNER_COMMANDS_SCAN_SETTINGS_H
#define SCANNER_COMMANDS_SCAN_SETTINGS_H

#include "scanner/commands/engine.h"
#include "scanner/commands/options.h"

/* What the user of `scan` asked for. Paths and names are borrowed from argv. */
struct scan_settings {
    struct shared shared;
    const char *log_path;         /* NULL: none */
    struct sources required_keys; /* public keys: --require-signature */
    struct scan_options scan;
    enum engine_kind engine;
    bool seed_given, dry_run, resume, wait, quiet, verbose;
    uint32_t shard, shards;
};

void scan_settings_init(struct scan_settings *settings);
void scan_settings_deinit(struct scan_settings *settings);
/* -1: go on; otherwise the exit code. */
int scan_settings_read(struct scan_settings *settings, int argc, char **argv);

#endif
