#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/commands/command.h"
#include "scanner/commands/listing.h"
#include "scanner/commands/present.h"
#include "scanner/commands/scope_verbs.h"
#include "targets/calendar.h"
#include "targets/domain.h"

static const char help[] =
    "Usage: auscult scope init [FILE] [OPTION…]\n"
    "Writes a scope file (scope.json) from the options; on a terminal, asks for what they leave out. A file "
    "that is there is\n"
    "left as it is.\n\n"
    "      --org ID=NAME      an organization; the five that follow are of the one named last; repeatable\n"
    "      --range RANGE      its addresses, like 192.0.2.0/24; repeatable\n"
    "      --fragile RANGE    those of them that are only touched with care; repeatable\n"
    "      --domain NAME      repeatable\n"
    "      --province NAME\n"
    "      --level LEVEL\n" DRAFT_HELP "      --lang zh|en       of the questions\n"
    "  -h, --help\n\n"
    "Exit: 0 done, 1 failed, 2 wrong usage, or something is missing or wrong.\n";

/* A scope in the making. */
struct making {
    struct shared shared;
    struct draft_authorization authorization;
    struct draft_organization **organizations;
    size_t count;
    struct arena arena; /* has what was typed */
};

static bool add_organization(struct making *making, const char *id, const char *name, const char *option)
{
    struct draft_organization **grown = reallocarray(making->organizations, making->count + 1, sizeof *grown);
    if (!grown)
        return false;
    making->organizations = grown;
    struct draft_organization *one = calloc(1, sizeof *one);
    if (!one)
        return false;
    const struct place place = {0, 0, option};
    *one = (struct draft_organization){.place = place, .id = {id, place}, .name = {name, place}};
    making->organizations[making->count++] = one;
    return true;
}

static bool take_organization(const char *option, char *value, void *making)
{
    char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1]) {
        fprintf(stderr, "auscult: %s: want ID=NAME, like h001='First Hospital'\n", option);
        return false;
    }
    *equals = 0;
    return add_organization(making, value, equals + 1, option);
}

/* The organization that the options are of which follow one --org; NULL and a message where there was none. */
static struct draft_organization *named_last(const struct making *making, const char *option)
{
    if (making->count == 0)
        fprintf(stderr, "auscult: %s: want --org ID=NAME before it\n", option);
    return making->count ? making->organizations[making->count - 1] : NULL;
}

static bool take_listed(const char *option, char *value, void *making)
{
    struct draft_organization *one = named_last(making, option);
    if (!one)
        return false;
    struct draft_list *list = strcmp(option, "--range") == 0     ? &one->ranges
                              : strcmp(option, "--fragile") == 0 ? &one->fragile
                                                                 : &one->domains;
    return draft_list_add(list, (struct draft_value){value, {0, 0, option}});
}

static bool take_detail(const char *option, char *value, void *making)
{
    struct draft_organization *one = named_last(making, option);
    if (!one)
        return false;
    struct draft_value *detail = strcmp(option, "--province") == 0 ? &one->province : &one->level;
    *detail = (struct draft_value){value, {0, 0, option}};
    return true;
}

static const struct option_row own[] = {
    {"--org", 0, take_organization, 0},
    {"--range", 0, take_listed, 0},
    {"--fragile", 0, take_listed, 0},
    {"--domain", 0, take_listed, 0},
    {"--province", 0, take_detail, 0},
    {"--level", 0, take_detail, 0},
    DRAFT_ROWS(offsetof(struct making, authorization)),
    {0},
};

/* Each says NULL for an answer that is right, else why it is not. */
static const char *judge_text(const char *text)
{
    return text[0] ? NULL : "want something here";
}

static const char *judge_day(const char *text)
{
    int day;
    return calendar_parse(text, &day) ? NULL : "want a day like 2026-12-31";
}

static const char *judge_id(const char *text)
{
    size_t size = strlen(text);
    bool good = size >= 1 && size <= 40 &&
                strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == size;
    return good ? NULL : "want 1 to 40 letters, digits, dots, dashes or underscores, like h001";
}

/* The answer, kept; NULL when there is none: the end of the input, or memory is out. */
static const char *ask(struct making *making, const char *en, const char *zh,
                       const char *(*right)(const char *))
{
    char line[4096];
    for (;;) {
        fprintf(stderr, "%s: ", making->shared.language == LANGUAGE_ZH ? zh : en);
        if (!fgets(line, sizeof line, stdin)) {
            fputc('\n', stderr);
            return NULL;
        }
        struct span answer = span_trim((struct span){(const uint8_t *)line, strcspn(line, "\r\n")});
        char *kept = arena_take(&making->arena, answer.size + 1);
        if (!kept)
            return NULL;
        if (answer.size)
            memcpy(kept, answer.bytes, answer.size);
        kept[answer.size] = 0;
        const char *why = right ? right(kept) : NULL;
        if (!why)
            return kept;
        fprintf(stderr, "  %s\n", why);
    }
}

static bool ask_authorization(struct making *making)
{
    static const struct question {
        const char *en, *zh;
        const char *(*right)(const char *text);
    } questions[DRAFT_REQUIRED] = {
        [DRAFT_REFERENCE] = {"What authorizes the scan (contract, letter)", "授权依据（合同、文件编号）",
                             judge_text},
        [DRAFT_BY] = {"Who signed it", "授权人", judge_text},
        [DRAFT_CONTACT] = {"Whom to call while a scan runs", "扫描期间联系人及方式", judge_text},
        [DRAFT_FROM] = {"First day (2026-01-01)", "起始日期（2026-01-01）", judge_day},
        [DRAFT_UNTIL] = {"Last day (2026-12-31)", "截止日期（2026-12-31）", judge_day},
    };
    struct draft_authorization *authorization = &making->authorization;
    for (int i = 0; i < DRAFT_REQUIRED; i++) {
        if (authorization->counts[i])
            continue;
        const char *answer = ask(making, questions[i].en, questions[i].zh, questions[i].right);
        if (!answer)
            return false;
        authorization->values[i][authorization->counts[i]++] = answer;
    }
    return true;
}

static const char *judge_ranges(const char *text)
{
    struct arena arena = {.used = 0};
    struct draft_list list = {.count = 0};
    const char *why = NULL;
    struct range range;
    struct span cell = {(const uint8_t *)text, strlen(text)};
    if (!listing_cell_split(&arena, cell, true, (struct place){0, 0, NULL}, &list))
        why = "out of memory";
    else if (list.count == 0)
        why = "want addresses, like 192.0.2.0/24, 198.51.100.10-198.51.100.20";
    for (size_t i = 0; i < list.count && !why; i++)
        if (!range_parse(list.items[i].text, &range, &why))
            fprintf(stderr, "  %s:\n", quoted(list.items[i].text).text);
    free(list.items);
    arena_deinit(&arena);
    return why;
}

static const char *judge_domains(const char *text)
{
    struct arena arena = {.used = 0};
    struct draft_list list = {.count = 0};
    char name[DOMAIN_TEXT_MAX];
    const char *why = NULL;
    struct span cell = {(const uint8_t *)text, strlen(text)};
    if (!listing_cell_split(&arena, cell, false, (struct place){0, 0, NULL}, &list))
        why = "out of memory";
    for (size_t i = 0; i < list.count && !why; i++)
        why = domain_parse(list.items[i].text, name);
    free(list.items);
    arena_deinit(&arena);
    return why;
}

static bool ask_list(struct making *making, const char *en, const char *zh,
                     const char *(*right)(const char *), bool of_ranges, struct draft_list *list)
{
    const char *answer = ask(making, en, zh, right);
    if (!answer)
        return false;
    struct span cell = {(const uint8_t *)answer, strlen(answer)};
    return listing_cell_split(&making->arena, cell, of_ranges, (struct place){0, 0, "answer"}, list);
}

static bool ask_ranges(struct making *making, struct draft_organization *one)
{
    return ask_list(making, "Its addresses (192.0.2.0/24, …)", "地址段（192.0.2.0/24、…）", judge_ranges,
                    true, &one->ranges);
}

static const char *judge_id_or_none(const char *text)
{
    return text[0] ? judge_id(text) : NULL;
}

/* One organization at least, until an id is left empty. */
static bool ask_organizations(struct making *making)
{
    for (size_t i = 0; i < making->count; i++)
        if (making->organizations[i]->ranges.count == 0) {
            fprintf(stderr, "%s (%s)\n", making->organizations[i]->name.text,
                    making->organizations[i]->id.text);
            if (!ask_ranges(making, making->organizations[i]))
                return false;
        }
    if (making->count)
        return true;
    for (;;) {
        const char *id = making->count == 0 ? ask(making, "Short id of the organization (h001)",
                                                  "机构编号（h001）", judge_id)
                                            : ask(making, "Id of another one, or nothing",
                                                  "下一机构编号，无则直接回车", judge_id_or_none);
        if (!id || !id[0])
            return id != NULL;
        const char *name = ask(making, "Its name", "机构名称", judge_text);
        if (!name || !add_organization(making, id, name, "answer"))
            return false;
        struct draft_organization *one = making->organizations[making->count - 1];
        if (!ask_ranges(making, one) || !ask_list(making, "Its domains, or nothing (hospital.example)",
                                                  "域名，无则直接回车", judge_domains, false, &one->domains))
            return false;
    }
}

/* What the options leave out, where nobody can be asked. */
static bool is_complete(const struct making *making)
{
    bool complete = draft_is_complete(&making->authorization, "scope init");
    if (making->count == 0)
        fputs("auscult scope init: want --org ID=NAME and --range RANGE\n", stderr);
    for (size_t i = 0; i < making->count; i++)
        if (making->organizations[i]->ranges.count == 0) {
            fprintf(stderr, "auscult scope init: --org %s wants --range RANGE\n",
                    making->organizations[i]->id.text);
            complete = false;
        }
    return complete && making->count > 0;
}

static int save(const struct making *making, const char *path)
{
    struct complaints complaints;
    struct draft draft;
    complaints_init(&complaints, path);
    enum status status = draft_write(&draft, &making->authorization, making->organizations, making->count);
    if (status == STATUS_OK)
        status = draft_check(&draft, &complaints);
    int code = present_complaints(status, path, &complaints) ? EXIT_DONE : EXIT_USAGE;
    if (code == EXIT_DONE)
        code = present_status(draft_save(&draft, path), path, NULL);
    if (code == EXIT_DONE)
        fprintf(stderr, "auscult: %s is written; `auscult scan --dry-run %s` counts what would be sent\n",
                path, path);
    draft_deinit(&draft);
    return code;
}

static int init(struct making *making, const char *path)
{
    struct stat there;
    if (lstat(path, &there) == 0) {
        fprintf(stderr, "auscult: %s is there already and stays as it is; name another file\n", path);
        return EXIT_FAILED;
    }
    bool asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    bool complete = asks ? ask_authorization(making) && ask_organizations(making) : is_complete(making);
    return complete ? save(making, path) : EXIT_USAGE;
}

int scope_init(int argc, char **argv)
{
    static const struct options options = {.command = "scope init",
                                           .help = help,
                                           .shared = SHARED_LANGUAGE,
                                           .own = own,
                                           .wants = "want one file",
                                           .most = 1};
    struct making making = {.count = 0};
    int code = options_read(&options, &making, argc, argv);
    if (code < 0)
        code = init(&making, argc - optind == 1 ? argv[optind] : "scope.json");
    for (size_t i = 0; i < making.count; i++) {
        draft_organization_deinit(making.organizations[i]);
        free(making.organizations[i]);
    }
    free(making.organizations);
    arena_deinit(&making.arena);
    return code;
}
