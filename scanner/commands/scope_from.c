#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/listing.h"
#include "scanner/commands/present.h"
#include "scanner/commands/scope_verbs.h"
#include "targets/document.h"

static const char help[] =
    "Usage: auscult scope from CSV [OPTION…]\n"
    "Makes a scope file of the list that an authority keeps: one line for each organization, or several that "
    "say the same\n"
    "id or, without ids, the same name. The first line names the columns, in Chinese or English, in any "
    "order: name\n"
    "机构名称, ranges IP地址段, and where there are id 编号, province 省份, level 级别, informatization "
    "信息化水平,\n"
    "domains 域名, fragile 脆弱地址. A cell holds any number of ranges or domains. UTF-8 or GB18030. Without "
    "a column of ids\n"
    "they are made of the names, and stay the same in the next list. Every mistake is named by line and "
    "column.\n\n"
    "  -o, --output FILE      where the scope file goes; it must not be there yet; standard output "
    "otherwise\n"
    "      --map PART=COLUMN  a column that is called otherwise: --map ranges=公网出口; repeatable\n"
    "      --delimiter C      between the columns: , or ; or tab; as the first line has it otherwise\n"
    "      --fill-down        a line without id and name goes on with the organization above it\n" DRAFT_HELP
    "  -h, --help\n\n"
    "Exit: 0 done, 1 failed, 2 wrong usage or a list that is wrong.\n";

struct settings {
    struct draft_authorization authorization;
    struct listing_options listing;
    const char *output;
};

static bool take_map(const char *option, char *value, void *place)
{
    struct listing_options *listing = place;
    const char *equals = strchr(value, '=');
    enum listing_part part = equals ? listing_part_named(value, (size_t)(equals - value)) : LISTING_PARTS;
    if (part == LISTING_PARTS || !equals[1]) {
        fprintf(stderr, "auscult: %s: want PART=COLUMN; the parts are", option);
        for (int i = 0; i < LISTING_PARTS; i++)
            fprintf(stderr, " %s", listing_part_name((enum listing_part)i));
        fputc('\n', stderr);
        return false;
    }
    listing->columns[part] = equals + 1;
    return true;
}

static bool take_delimiter(const char *option, char *value, void *place)
{
    struct listing_options *listing = place;
    bool tab = strcmp(value, "tab") == 0 || strcmp(value, "\t") == 0;
    if (!tab && strcmp(value, ",") != 0 && strcmp(value, ";") != 0) {
        fprintf(stderr, "auscult: %s: want , or ; or tab\n", option);
        return false;
    }
    listing->delimiter = tab ? '\t' : value[0];
    return true;
}

static const struct option_row own[] = {
    {"--output", 'o', option_text, offsetof(struct settings, output)},
    {"--map", 0, take_map, offsetof(struct settings, listing)},
    {"--delimiter", 0, take_delimiter, offsetof(struct settings, listing)},
    {"--fill-down", 0, option_flag, offsetof(struct settings, listing.fill_down)},
    DRAFT_ROWS(offsetof(struct settings, authorization)),
    {0},
};

/* What a list with mistakes says otherwise is looked at too, so that all of them are named at once. */
static enum status make(const struct settings *settings, const struct listing *listing, struct draft *draft,
                        struct complaints *complaints, enum status so_far)
{
    enum status status = draft_write(draft, &settings->authorization, listing->organizations, listing->count);
    if (status == STATUS_OK)
        status = draft_check(draft, complaints);
    return status == STATUS_OK ? so_far : status;
}

static void tell(const struct listing *listing, const char *path)
{
    if (listing->unused && listing->unused[0])
        fprintf(stderr, "auscult: %s: columns left out: %s\n", path, listing->unused);
    fprintf(stderr, "auscult: %zu organizations\n", listing->count);
}

static int convert(const struct settings *settings, const char *path)
{
    struct complaints complaints;
    struct listing listing = {.count = 0};
    struct draft draft = {.failed = false};
    char *text = NULL;
    size_t size = 0;
    complaints_init(&complaints, path);
    enum status status = document_load(path, &text, &size, &complaints);
    if (status == STATUS_OK)
        status = listing_read(&listing, text, size, &settings->listing, &complaints);
    if (status == STATUS_OK || (status == STATUS_WRONG_FILE && listing.count))
        status = make(settings, &listing, &draft, &complaints, status);
    free(text);
    int code = present_complaints(status, path, &complaints) ? EXIT_DONE : EXIT_USAGE;
    if (code == EXIT_DONE)
        code = present_status(draft_save(&draft, settings->output),
                              settings->output ? settings->output : "standard output", NULL);
    if (code == EXIT_DONE)
        tell(&listing, path);
    draft_deinit(&draft);
    listing_deinit(&listing);
    return code;
}

int scope_from(int argc, char **argv)
{
    static const struct options options = {
        .command = "scope from", .help = help, .own = own, .wants = "want one table", .least = 1, .most = 1};
    struct settings settings = {.output = NULL};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (!draft_is_complete(&settings.authorization, "scope from"))
        return EXIT_USAGE;
    return convert(&settings, argv[optind]);
}
