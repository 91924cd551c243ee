#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"

static const char help[] = "Usage: auscult catalogue check FILE…\n"
                           "       auscult catalogue list [--catalogue NAME|FILE]… [--lang zh|en]\n"
                           "       auscult catalogue show ITEM [--catalogue NAME|FILE]… [--lang zh|en]\n"
                           "Checks catalogue files, lists the items, or explains one. Without --catalogue: "
                           "cn-medical-2018 with auscult-2026.\n";

static const char *determined_by(const struct item *item)
{
    return item->when ? "scan" : "waits";
}

static void print_item_line(const struct catalogue *catalogue, size_t number, enum language language)
{
    const struct item *item = &catalogue->items[number];
    printf("%-8s %-6s %-7s R%d S%d A%d C%d  %s\n", item->id, determined_by(item),
           item_source_name(item->source), item->risk, item->severity, item->asset, item->confidence,
           words_in(&item->name, language));
}

static int list(const struct catalogue *catalogue, enum language language)
{
    for (size_t d = 0; d < catalogue->domains_count; d++) {
        printf("%s  %s\n", catalogue->domains[d].id, words_in(&catalogue->domains[d].name, language));
        for (size_t m = 0; m < catalogue->dimensions_count; m++) {
            if (catalogue->dimensions[m].domain != d)
                continue;
            printf("  %s  %s\n", catalogue->dimensions[m].id,
                   words_in(&catalogue->dimensions[m].name, language));
            for (size_t i = 0; i < catalogue->items_count; i++)
                if (catalogue->items[i].dimension == m) {
                    printf("    ");
                    print_item_line(catalogue, i, language);
                }
        }
    }
    printf("%zu domains, %zu dimensions, %zu items\n", catalogue->domains_count, catalogue->dimensions_count,
           catalogue->items_count);
    return EXIT_DONE;
}

static int show(const struct catalogue *catalogue, const char *id, enum language language)
{
    size_t number = catalogue_item(catalogue, id);
    if (number == SIZE_MAX) {
        fprintf(stderr, "auscult: there is no such item; `auscult catalogue list` lists them\n");
        return EXIT_USAGE;
    }
    const struct item *item = &catalogue->items[number];
    const struct dimension *dimension = &catalogue->dimensions[item->dimension];
    char *ports = ports_format(&item->ports);
    print_item_line(catalogue, number, language);
    printf("  %s · %s\n", words_in(&catalogue->domains[dimension->domain].name, language),
           words_in(&dimension->name, language));
    printf("  unit %s, threshold %g, alpha %g%s%s\n", item_unit_name(item->unit), item->threshold,
           item->alpha, ports && *ports ? ", ports " : "", ports ? ports : "");
    if (item->window_days)
        printf("  counts for %d days\n", item->window_days);
    if (!item->when && *words_in(&item->waits, language))
        printf("  waits for: %s\n", words_in(&item->waits, language));
    printf("  fix: %s\n", words_in(&item->fix, language));
    for (char **reference = item->references; reference && *reference; reference++)
        printf("  see: %s\n", *reference);
    free(ports);
    return EXIT_DONE;
}

static int check(int count, char **files)
{
    int code = EXIT_DONE;
    for (int i = 0; i < count; i++) {
        struct catalogue catalogue;
        const struct sources source = {{files[i]}, 1};
        if (!present_catalogue(&catalogue, &source)) {
            code = EXIT_USAGE;
            continue;
        }
        printf("%s: right; %zu domains, %zu dimensions, %zu items\n", files[i], catalogue.domains_count,
               catalogue.dimensions_count, catalogue.items_count);
        catalogue_deinit(&catalogue);
    }
    return code;
}

static int run(int argc, char **argv)
{
    static const struct options options = {
        .command = "catalogue", .help = help, .shared = SHARED_CATALOGUE | SHARED_LANGUAGE};
    struct shared shared = {.only = NULL};
    int code = options_read(&options, &shared, argc, argv);
    if (code >= 0)
        return code;
    int left = argc - optind;
    const char *verb = left ? argv[optind] : "list";
    if (strcmp(verb, "check") == 0 && left > 1)
        return check(left - 1, argv + optind + 1);
    bool lists = strcmp(verb, "list") == 0 && left <= 1;
    if (!lists && (strcmp(verb, "show") != 0 || left != 2)) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    struct catalogue catalogue;
    if (!present_catalogue(&catalogue, &shared.catalogues))
        return EXIT_USAGE;
    code = lists ? list(&catalogue, shared.language) : show(&catalogue, argv[optind + 1], shared.language);
    catalogue_deinit(&catalogue);
    return code;
}

const struct command command_catalogue = {"catalogue", "check|list|show",
                                          "check, list or explain catalogue files",
                                          "检查、列出或说明检查项目录", run};
