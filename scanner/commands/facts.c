#include <stdio.h>

#include "probes/probe.h"
#include "scanner/commands/command.h"

static const char *type_name(enum fact_type type)
{
    static const char *const names[] = {"bool", "integer", "text", "time"};
    return names[type];
}

static void print_table(const struct fact *fact)
{
    for (; fact && fact->name; fact++)
        printf("%s\t%s\t%s\t%s\n", fact->name, type_name(fact->type), fact->en, fact->zh);
}

static int run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (size_t i = 0; probes[i]; i++)
        print_table(probes[i]->facts);
    for (size_t i = 0; shared_facts[i]; i++)
        print_table(shared_facts[i]);
    return EXIT_DONE;
}

const struct command command_facts = {
    "facts", "", "list every fact that a probe can report", "列出探针可报告的全部事实", run,
};
