#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scanner/commands/scope_verbs.h"
#include "targets/authorization.h"
#include "targets/calendar.h"

static const char help[] =
    "Usage: auscult scope check FILE\n"
    "       auscult scope show FILE\n"
    "       auscult scope init [FILE]\n"
    "       auscult scope from CSV\n"
    "       auscult scope keygen NAME\n"
    "       auscult scope sign SCOPE --key PRIVATE\n"
    "       auscult scope verify SCOPE --key PUBLIC…\n"
    "Checks a scope file: every mistake with line, column and what would be right. `show` also says whom it\n"
    "authorizes, from when until when, how fast, and whether a scan would be allowed now. `keygen` makes the "
    "keys with\n"
    "which its owner signs it, `sign` does, `verify` says whether they did. Sends nothing. `auscult scope "
    "sign --help`, and\n"
    "so on, tell more.\n\n"
    "      --key FILE         a key of `scope keygen`: the private one signs, public ones verify\n"
    "  -h, --help\n\n"
    "Exit: 0 the file is right, 2 it is not, 3 not signed.\n";

static void print_day(const char *label, int day)
{
    char text[CALENDAR_TEXT_MAX];
    printf("%-16s %s\n", label, calendar_format(day, text));
}

static void print_rate(const char *label, double rate, const char *otherwise)
{
    if (rate > 0)
        printf("%-16s %g probes a second\n", label, rate);
    else
        printf("%-16s %s\n", label, otherwise);
}

static void print_hours(const struct scope *scope)
{
    printf("%-16s ", "hours");
    for (size_t i = 0; i < scope->hours_count; i++)
        printf("%s%02d:%02d-%02d:%02d", i ? ", " : "", scope->hours[i].from_minute / 60,
               scope->hours[i].from_minute % 60, scope->hours[i].to_minute / 60,
               scope->hours[i].to_minute % 60);
    printf("%s%s%s\n", scope->hours_count ? "" : "all", scope->timezone ? " " : "",
           scope->timezone ? scope->timezone : "");
}

static void print_ports(const char *label, const struct ports *ports, const char *none)
{
    char *text = ports_format(ports);
    printf("%-16s %s\n", label, ports->count ? (text ? text : "") : none);
    free(text);
}

static void print_organization(const struct organization *organization)
{
    printf("\n%s  %s\n", organization->id, organization->name);
    for (size_t i = 0; i < organization->tags_count; i++)
        printf("  %-14s %s\n", organization->tags[i].key, organization->tags[i].value);
    printf("  %-14s %" PRIu64 "\n", "addresses", ranges_size(&organization->ranges));
    printf("  %-14s %" PRIu64 "\n", "fragile", ranges_size(&organization->fragile));
    printf("  %-14s %zu\n", "assets", organization->assets_count);
    for (size_t i = 0; i < organization->domains_count; i++)
        printf("  %-14s %s\n", i ? "" : "domains", organization->domains[i]);
    for (size_t i = 0; i < organization->names_count; i++)
        printf("  %-14s %s\n", i ? "" : "names", organization->names[i]);
}

static int show(const struct scope *scope)
{
    struct authorization *authorization;
    enum status status = authorization_new(scope, &authorization);
    if (status != STATUS_OK)
        return present_status(status, "the authorization", NULL);
    enum refusal refusal = authorization_moment(authorization, clock_epoch_ms() / 1000);
    authorization_free(&authorization);
    printf("%-16s %s\n%-16s %s\n%-16s %s\n", "reference", scope->reference, "authorized by",
           scope->authorized_by, "contact", scope->contact);
    print_day("valid from", scope->valid_from_day);
    print_day("valid until", scope->valid_until_day);
    print_hours(scope);
    print_rate("in total", scope->max_rate, "no ceiling but --rate");
    print_rate("to one host", scope->max_rate_per_host, "50 probes a second");
    print_rate("to one network", scope->max_rate_per_network, "no ceiling of its own");
    print_ports("ports", &scope->ports, "any");
    print_ports("excluded ports", &scope->exclude_ports, "none");
    printf("%-16s %s\n%-16s %" PRIu64 " addresses\n", "vantage", vantage_name(scope->vantage), "excluded",
           ranges_size(&scope->exclude));
    char canary[ADDRESS_PORT_TEXT_MAX];
    for (size_t i = 0; i < scope->canaries_count; i++) {
        address_format_port(scope->canaries[i].address, scope->canaries[i].port.number, canary);
        printf("%-16s %s\n", i ? "" : "canaries", canary);
    }
    printf("%-16s %s\n", "a scan now", refusal == REFUSAL_NONE ? "would be allowed" : refusal_text(refusal));
    for (size_t i = 0; i < scope->organizations_count; i++)
        print_organization(&scope->organizations[i]);
    return EXIT_DONE;
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {"init", scope_init}, {"from", scope_from},     {"keygen", scope_keygen},
    {"sign", scope_sign}, {"verify", scope_verify},
};

static int run(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    bool shows = argc == 3 && strcmp(argv[1], "show") == 0;
    if (argc != 3 || (!shows && strcmp(argv[1], "check") != 0)) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    struct scope scope;
    if (!present_scope(&scope, argv[2]))
        return EXIT_USAGE;
    int code = EXIT_DONE;
    if (shows)
        code = show(&scope);
    else
        printf("%s: right; %zu organizations\n", argv[2], scope.organizations_count);
    scope_deinit(&scope);
    return code;
}

const struct command command_scope = {"scope", "VERB FILE", "check, explain, sign or verify a scope file",
                                      "检查、说明、签名或验证授权范围文件", run};
