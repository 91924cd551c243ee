#include "scanner/commands/options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "probes/text.h"
#include "scanner/commands/command.h"

static bool take_vantage(const char *option, char *value, void *place)
{
    struct shared *shared = place;
    shared->vantage_name = value;
    return option_vantage(option, value, &shared->vantage);
}

static bool take_threshold(const char *option, char *value, void *place)
{
    double *threshold = place;
    uint64_t number = 0;
    bool good = option_number(option, value, 1, 1000, &number);
    *threshold = (double)number;
    return good;
}

static bool take_group(const char *option, char *value, void *place)
{
    struct shared *shared = place;
    char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1]) {
        fprintf(stderr, "auscult: %s: want KEY=VALUE, like province=Guangdong or level=3A\n", option);
        return false;
    }
    *equals = 0;
    shared->key = value;
    shared->value = equals + 1;
    return true;
}

static const struct {
    unsigned bit;
    struct option_row row;
} shared_rows[] = {
    {SHARED_BASELINE, {"--baseline", 0, option_text, offsetof(struct shared, baseline)}},
    {SHARED_CATALOGUE, {"--catalogue", 0, option_source, offsetof(struct shared, catalogues)}},
    {SHARED_DEADLINES, {"--deadlines", 0, option_text, offsetof(struct shared, deadlines)}},
    {SHARED_FAIL_BELOW, {"--fail-below", 0, take_threshold, offsetof(struct shared, fail_below)}},
    {SHARED_FAIL_ON, {"--fail-on", 0, option_fail_on, offsetof(struct shared, fail_on)}},
    {SHARED_FORCE, {"--force", 0, option_flag, offsetof(struct shared, force)}},
    {SHARED_GROUP, {"--group", 0, take_group, 0}},
    {SHARED_LANGUAGE, {"--lang", 0, option_language, offsetof(struct shared, language)}},
    {SHARED_ORGANIZATION, {"--org", 0, option_text, offsetof(struct shared, only)}},
    {SHARED_OUTPUT, {"--output", 'o', option_output, offsetof(struct shared, outputs)}},
    {SHARED_PORTS, {"--ports", 'p', option_ports, offsetof(struct shared, ports)}},
    {SHARED_RUN, {"--run", 0, option_text, offsetof(struct shared, run)}},
    {SHARED_SCOPE, {"--scope", 0, option_text, offsetof(struct shared, scope_path)}},
    {SHARED_STORE, {"--store", 'd', option_text, offsetof(struct shared, store_path)}},
    {SHARED_VANTAGE, {"--vantage", 0, take_vantage, 0}},
    {SHARED_WITHOUT_ADDRESSES,
     {"--without-addresses", 0, option_flag, offsetof(struct shared, without_addresses)}},
};

#define ROWS_MAX 32
/* What getopt_long gives for rows without a letter: this and their number. */
#define LONG_ONLY 256

/* The rows of a command, as getopt_long wants them. */
struct table {
    const struct option_row *rows[ROWS_MAX];
    struct option known[ROWS_MAX + 2];
    char letters[3 + 2 * ROWS_MAX];
    size_t count;
};

static void add_row(struct table *table, const struct option_row *row)
{
    int has_value = row->take == option_flag ? no_argument : required_argument;
    assert(table->count < ROWS_MAX);
    table->known[table->count] = (struct option){row->name + 2, has_value, NULL,
                                                 row->letter ? row->letter : LONG_ONLY + (int)table->count};
    table->rows[table->count++] = row;
    if (row->letter)
        strcat(table->letters, (const char[]){row->letter, has_value ? ':' : 0, 0});
}

static void make_table(struct table *table, const struct options *options)
{
    *table = (struct table){.letters = ":h"};
    for (size_t i = 0; i < sizeof shared_rows / sizeof shared_rows[0]; i++)
        if (options->shared & shared_rows[i].bit)
            add_row(table, &shared_rows[i].row);
    for (const struct option_row *row = options->own; row && row->name; row++)
        add_row(table, row);
    table->known[table->count] = (struct option){"help", no_argument, NULL, 'h'};
}

/* In lines of at most so many columns. */
#define HELP_WIDTH 100

static void print_forms(size_t indent)
{
    const struct report_form *const *forms = report_forms;
    for (size_t i = 0, column = indent; forms[i]; i++) {
        size_t size = strlen(forms[i]->name) + 2;
        bool next = i && column + size > HELP_WIDTH;
        if (next)
            printf("\n%*s", (int)indent, "");
        printf("%s%s%s", i && !next ? " " : "", forms[i]->name, forms[i + 1] ? "," : "");
        column = (next ? indent : column) + size;
    }
}

static int print_help(const struct options *options)
{
    static const char mark[] = "{forms}";
    const char *help = options->help, *at = strstr(help, mark), *line = at;
    while (line && line > help && line[-1] != '\n')
        line--;
    if (at) {
        fwrite(help, 1, (size_t)(at - help), stdout);
        print_forms((size_t)(at - line));
    }
    fputs(at ? at + strlen(mark) : help, stdout);
    if (options->help_more)
        options->help_more();
    return EXIT_DONE;
}

/* What getopt_long could not use. */
static int refuse_unknown(const char *command, char **argv, int character)
{
    char shown[128];
    const char *text = optind > 0 && argv[optind - 1] ? argv[optind - 1] : "";
    text_safe((struct span){(const uint8_t *)text, strlen(text)}, shown, sizeof shown);
    fprintf(stderr, "auscult %s: %s '%s'; `auscult %s --help` lists the options\n", command,
            character == ':' ? "a value is missing after" : "there is no option", shown, command);
    return EXIT_USAGE;
}

static int take(const struct table *table, int value, void *settings)
{
    size_t i = 0;
    while (table->known[i].val != value)
        i++;
    const struct option_row *row = table->rows[i];
    return row->take(row->name, optarg, (char *)settings + row->place) ? -1 : EXIT_USAGE;
}

static void set_defaults(const struct options *options, struct shared *shared)
{
    shared->store_path = "auscult.db";
    shared->language = option_language_default();
    shared->outputs.forms = options->forms ? options->forms : report_forms;
}

/* The form for when none was named, and whether all can be written as they are asked for. */
static int settle_outputs(struct shared *shared)
{
    outputs_default(&shared->outputs);
    return !shared->without_addresses || outputs_withhold(&shared->outputs) ? -1 : EXIT_USAGE;
}

int options_read(const struct options *options, void *settings, int argc, char **argv)
{
    struct table table;
    int code = -1;
    make_table(&table, options);
    if (options->shared)
        set_defaults(options, settings);
    opterr = 0;
    optind = 1;
    for (int value; code < 0 && (value = getopt_long(argc, argv, table.letters, table.known, NULL)) != -1;)
        code = value == 'h'                   ? print_help(options)
               : value == '?' || value == ':' ? refuse_unknown(options->command, argv, value)
                                              : take(&table, value, settings);
    if (code < 0 && options->wants && (argc - optind < options->least || argc - optind > options->most))
        code = options_refuse(options);
    return code < 0 && options->shared & SHARED_OUTPUT ? settle_outputs(settings) : code;
}

int options_refuse(const struct options *options)
{
    fprintf(stderr, "auscult %s: %s; `auscult %s --help` tells more\n", options->command, options->wants,
            options->command);
    return EXIT_USAGE;
}
