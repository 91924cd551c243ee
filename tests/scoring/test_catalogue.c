#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scoring/catalogue.h"

#define HEAD "{\"auscult_catalogue\": 1, \"name\": \"base\""
#define TREE                                                                                                 \
    "\"domains\": [{\"id\": \"H\", \"zh\": \"主机\", \"en\": \"Host\"}],\n"                                \
    "\"dimensions\": [{\"id\": \"H04\", \"domain\": \"H\", \"zh\": \"库\", \"en\": \"Databases\"}],\n"
#define ITEM                                                                                                 \
    "\"id\": \"H04-1\", \"dimension\": \"H04\", \"zh\": \"库\", \"en\": \"Database\", \"source\": "         \
    "\"scan\", "                                                                                             \
    "\"risk\": 1, \"severity\": 4, \"asset\": 5, \"confidence\": 5"
#define BASE HEAD ",\n" TREE "\"items\": [{" ITEM "}]}"

static enum status parse(struct catalogue *catalogue, const char *text, struct complaints *complaints)
{
    complaints_init(complaints, "test");
    return catalogue_parse(catalogue, text, strlen(text), complaints);
}

static void fail_with(const struct complaints *complaints)
{
    char *text = complaints_format(complaints);
    print_error("%s", text);
    free(text);
    fail();
}

static void parse_good(struct catalogue *catalogue, const char *text)
{
    struct complaints complaints;
    enum status status = parse(catalogue, text, &complaints);
    if (status != STATUS_OK)
        fail_with(&complaints);
    assert_int_equal(complaints.count, 0);
    complaints_deinit(&complaints);
}

static void what_is_left_out_has_its_default(void **state)
{
    (void)state;
    struct catalogue catalogue;
    parse_good(&catalogue, BASE);
    assert_string_equal(catalogue.name, "base");
    assert_int_equal(catalogue.frequency, FREQUENCY_PRINTED);
    assert_true(catalogue.log_base == 2);
    assert_int_equal(catalogue.g.kind, G_IDENTITY);
    assert_true(isnan(catalogue.domains[0].omega));
    assert_true(catalogue.dimensions[0].weight == 1);
    const struct item *item = &catalogue.items[0];
    assert_true(item->threshold == 1);
    assert_true(item->alpha == 8);
    assert_int_equal(item->unit, UNIT_ENDPOINT);
    assert_int_equal(item->ports.count, 0);
    assert_null(item->when);
    assert_null(item->references);
    assert_false(item->extension);
    assert_string_equal(words_in(&item->fix, LANGUAGE_EN), "");
    assert_string_equal(words_in(&item->name, LANGUAGE_ZH), "库");
    catalogue_deinit(&catalogue);
}

#define WHOLE                                                                                                \
    "{\"auscult_catalogue\": 1, \"name\": \"whole\", \"frequency\": \"continuous\", \"log_base\": \"e\",\n"  \
    "\"g\": {\"kind\": \"quantile\", \"knots\": [[0, 10], [500, 600], [1000, 600]]},\n"                      \
    "\"domains\": [{\"id\": \"H\", \"zh\": \"主机\", \"en\": \"Host\", \"omega\": 3}],\n"                  \
    "\"dimensions\": [{\"id\": \"H04\", \"domain\": \"H\", \"zh\": \"库\", \"en\": \"DB\", \"weight\": "    \
    "2}],\n"                                                                                                 \
    "\"items\": [{" ITEM ", \"threshold\": 0, \"alpha\": 0.5, \"unit\": \"key\",\n"                          \
    "\"ports\": \"3306,161/udp\", \"when\": {\"service\": \"mysql\"}, \"waits\": {\"en\": \"a feed\"},\n"    \
    "\"fix\": {\"zh\": \"关\", \"en\": \"Close it\"}, \"reference\": [\"one\", \"two\"]}]}"

static void what_is_given_is_read(void **state)
{
    (void)state;
    struct catalogue catalogue;
    parse_good(&catalogue, WHOLE);
    assert_int_equal(catalogue.frequency, FREQUENCY_CONTINUOUS);
    assert_true(catalogue.log_base == 0);
    assert_int_equal(catalogue.g.kind, G_QUANTILE);
    assert_int_equal(catalogue.g.knots_count, 3);
    assert_true(catalogue.g.knots[1][1] == 600);
    assert_true(catalogue.domains[0].omega == 3);
    assert_true(catalogue.dimensions[0].weight == 2);
    const struct item *item = &catalogue.items[0];
    assert_true(item->threshold == 0);
    assert_true(item->alpha == 0.5);
    assert_string_equal(item_unit_name(item->unit), "key");
    assert_string_equal(item_source_name(item->source), "scan");
    assert_true(ports_contain(&item->ports, 161, TRANSPORT_UDP));
    assert_non_null(item->when);
    assert_string_equal(words_in(&item->waits, LANGUAGE_ZH), "a feed");
    assert_string_equal(item->references[1], "two");
    assert_null(item->references[2]);
    struct ports ports;
    assert_int_equal(catalogue_ports(&catalogue, TRANSPORT_TCP, &ports), STATUS_OK);
    assert_int_equal(ports.count, 1);
    assert_int_equal(ports.items[0].number, 3306);
    ports_deinit(&ports);
    assert_int_equal(catalogue_item(&catalogue, "H04-1"), 0);
    assert_true(catalogue_item(&catalogue, "H04-2") == SIZE_MAX);
    assert_int_equal(catalogue_dimensions_of(&catalogue, 0), 1);
    catalogue_deinit(&catalogue);
}

static void assert_refused(const char *text, unsigned line, const char *words)
{
    struct catalogue catalogue;
    struct complaints complaints;
    assert_int_equal(parse(&catalogue, text, &complaints), STATUS_WRONG_FILE);
    bool found = false;
    for (size_t i = 0; i < complaints.count; i++)
        found |= complaints.items[i].line == line && complaints.items[i].column > 0 &&
                 strstr(complaints.items[i].text, words);
    if (!found) {
        print_error("%s\nexpected in line %u: %s\n", text, line, words);
        fail_with(&complaints);
    }
    assert_null(catalogue.items);
    catalogue_deinit(&catalogue);
    complaints_deinit(&complaints);
}

static void the_file_as_a_whole_is_checked(void **state)
{
    (void)state;
    assert_refused("[]", 1, "must be an object");
    assert_refused("{\"name\": \"x\"}", 1, "\"auscult_catalogue\" is missing");
    assert_refused("{\"auscult_catalogue\": 2}", 1, "must be 1");
    assert_refused("{\"auscult_catalogue\": 1}", 1, "\"name\" is missing");
    assert_refused("{\"auscult_catalogue\": 1, \"name\": \"a+b\"}", 1, "letters, digits");
    assert_refused("{\"auscult_catalogue\": 1, \"name\": \"a\",\n\"itms\": []}", 2, "did you mean \"items\"");
    assert_refused(HEAD "}", 1, "\"domains\" is missing");
    assert_refused(HEAD ", \"domains\": []}", 1, "is empty");
    assert_refused(HEAD ", \"domains\": {}}", 1, "must be an array");
    assert_refused(HEAD ",\n\"frequency\": \"often\"}", 2, "\"printed\", \"continuous\"");
    assert_refused(HEAD ",\n\"log_base\": 1}", 2, "above 1");
    assert_refused(HEAD ",\n\"log_base\": \"ten\"}", 2, "above 1");
    assert_refused(HEAD ",\n\"extends\": \"nowhere\"}", 2, "no catalogue \"nowhere\" is loaded");
    assert_refused(HEAD ",\n\"extends\": 3}", 2, "must be a string");
}

#define WITH_G(g) HEAD ",\n\"g\": " g ",\n" TREE "\"items\": [{" ITEM "}]}"

static void a_map_to_the_index_never_falls(void **state)
{
    (void)state;
    assert_refused(WITH_G("5"), 2, "must be an object");
    assert_refused(WITH_G("{}"), 2, "\"kind\" is missing");
    assert_refused(WITH_G("{\"kind\": \"square\"}"), 2, "\"identity\", \"power\", \"quantile\"");
    assert_refused(WITH_G("{\"kind\": \"identity\", \"gamma\": 1}"), 2, "unknown key \"gamma\"");
    assert_refused(WITH_G("{\"kind\": \"power\"}"), 2, "\"gamma\" is missing");
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": 0}"), 2, "between 0.01 and 100");
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": -1}"), 2, "between 0.01 and 100");
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": 1, \"kappa\": -1}"), 2, "between 0 and 100");
    assert_refused(WITH_G("{\"kind\": \"quantile\"}"), 2, "\"knots\" is missing");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 0]]}"), 2, "2 to 1000 pairs");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 0],\n[9, 9],\n[9, 9]]}"), 4,
                   "does not rise");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 7],\n[9, 6]]}"), 3, "from 7 to 6");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 7],\n[9]]}"), 3, "two numbers");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 7],\n[9, 9, 9]]}"), 3, "two numbers");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 7],\n[9, 1001]]}"), 3, "from 0 to 1000");
    assert_refused(WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 7],\n[9, \"9\"]]}"), 3, "two numbers");
    struct catalogue catalogue;
    parse_good(&catalogue, WITH_G("{\"kind\": \"power\", \"gamma\": 1.5, \"kappa\": 0.1, \"f_ref\": 4}"));
    assert_true(catalogue.g.gamma == 1.5 && catalogue.g.kappa == 0.1 && catalogue.g.f_ref == 4);
    catalogue_deinit(&catalogue);
}

#define FITTED "\"name\": \"fit-1\", \"date\": \"2026-11-26\", \"population\": \"956 organizations\""

static void a_fitted_map_says_to_what(void **state)
{
    (void)state;
    struct catalogue catalogue;
    parse_good(&catalogue, WITH_G("{\"kind\": \"power\", \"gamma\": 1.5, " FITTED
                                  ", \"baseline\": \"cn-2018-08\", \"error\": 4.9}"));
    assert_string_equal(catalogue.g.fit.name, "fit-1");
    assert_int_equal(catalogue.g.fit.day, 20261126);
    assert_string_equal(catalogue.g.fit.population, "956 organizations");
    assert_string_equal(catalogue.g.fit.baseline, "cn-2018-08");
    assert_true(catalogue.g.fit.error == 4.9);
    catalogue_deinit(&catalogue);
    parse_good(&catalogue, WITH_G("{\"kind\": \"quantile\", \"knots\": [[0, 0], [9, 9]], " FITTED "}"));
    assert_null(catalogue.g.fit.baseline);
    assert_true(isnan(catalogue.g.fit.error));
    catalogue_deinit(&catalogue);
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": 1, \"name\": \"x\"}"), 2, "\"date\" is missing");
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": 1, \"baseline\": \"x\"}"), 2,
                   "\"name\" is missing");
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": 1, " FITTED ", \"error\": -1}"), 2, "between");
    assert_refused(WITH_G("{\"kind\": \"power\", \"gamma\": 1, \"name\": \"x\", \"population\": \"y\", "
                          "\"date\": \"2026-02-30\"}"),
                   2, "not a day");
    assert_refused(WITH_G("{\"kind\": \"identity\", \"name\": \"x\"}"), 2, "unknown key \"name\"");
}

#define WITH_DOMAIN(domain)                                                                                  \
    HEAD ",\n\"domains\": [" domain "], \"dimensions\": [{\"id\": \"H04\", \"domain\": \"H\", "              \
         "\"zh\": \"库\", \"en\": \"DB\"}], \"items\": [{" ITEM "}]}"
#define WITH_DIMENSION(dimension)                                                                            \
    HEAD ", \"domains\": [{\"id\": \"H\", \"zh\": \"机\", \"en\": \"Host\"}],\n\"dimensions\": [" dimension  \
         "], \"items\": [{" ITEM "}]}"

static void domains_and_dimensions_are_checked(void **state)
{
    (void)state;
    assert_refused(WITH_DOMAIN("3"), 2, "must be an object");
    assert_refused(WITH_DOMAIN("{\"zh\": \"机\", \"en\": \"Host\"}"), 2, "\"id\" is missing");
    assert_refused(WITH_DOMAIN("{\"id\": \"\", \"zh\": \"机\", \"en\": \"Host\"}"), 2, "1 to 40 letters");
    assert_refused(WITH_DOMAIN("{\"id\": \"H\", \"zh\": \"机\"}"), 2, "\"en\" is missing");
    assert_refused(WITH_DOMAIN("{\"id\": \"H\", \"zh\": \" \", \"en\": \"x\"}"), 2, "\"zh\" is empty");
    assert_refused(WITH_DOMAIN("{\"id\": \"H\", \"zh\": \"a\\u001bb\", \"en\": \"x\"}"), 2, "control");
    assert_refused(WITH_DOMAIN("{\"id\": \"H\", \"zh\": \"机\", \"en\": \"x\", \"omega\": 0}"), 2, "between");
    assert_refused(WITH_DOMAIN("{\"id\": \"H\", \"zh\": \"机\", \"en\": \"x\"},\n"
                               "{\"id\": \"H\", \"zh\": \"机\", \"en\": \"x\"}"),
                   3, "more than once");
    assert_refused(WITH_DIMENSION("{\"id\": \"H04\", \"zh\": \"库\", \"en\": \"x\"}"), 2,
                   "\"domain\" is missing");
    assert_refused(WITH_DIMENSION("{\"id\": \"H04\", \"domain\": \"K\", \"zh\": \"库\", \"en\": \"x\"}"), 2,
                   "no domain has the id \"K\"");
    assert_refused(WITH_DIMENSION("{\"id\": \"H04\", \"domain\": \"H\", \"zh\": \"库\", \"en\": \"x\", "
                                  "\"weight\": -1}"),
                   2, "between");
    assert_refused(WITH_DIMENSION("{\"id\": \"H04\", \"domain\": \"H\", \"zh\": \"库\", \"en\": \"x\", "
                                  "\"beta\": 1}"),
                   2, "unknown key \"beta\"");
}

/* The item of BASE with one member changed, in line 5. */
static void assert_item_refused(const char *member, const char *value, const char *words)
{
    char text[2000], item[1000] = ITEM, name[40];
    snprintf(name, sizeof name, "\"%s\": ", member);
    char *at = strstr(item, name);
    if (at) {
        char rest[1000];
        snprintf(rest, sizeof rest, "%s", strchr(at, ',') ? strchr(at, ',') : "");
        snprintf(at, sizeof item - (size_t)(at - item), "%s%s%s", name, value, rest);
    } else {
        snprintf(item + strlen(item), sizeof item - strlen(item), ", %s%s", name, value);
    }
    snprintf(text, sizeof text, HEAD ",\n" TREE "\"items\": [\n{%s}]}", item);
    assert_refused(text, 5, words);
}

static void items_are_checked(void **state)
{
    (void)state;
    static const char *const scales[] = {"severity", "asset", "confidence"};
    assert_item_refused("id", "\"H 1\"", "1 to 40 letters");
    assert_item_refused("id", "7", "must be a string");
    assert_item_refused("dimension", "\"H05\"", "no dimension has the id \"H05\"");
    assert_item_refused("source", "\"rumour\"", "\"scan\", \"import\", \"survey\"");
    assert_item_refused("risk", "0", "from 1 to 2");
    assert_item_refused("risk", "3", "from 1 to 2");
    for (size_t i = 0; i < 3; i++) {
        assert_item_refused(scales[i], "0", "from 1 to 5");
        assert_item_refused(scales[i], "6", "from 1 to 5");
        assert_item_refused(scales[i], "2.5", "from 1 to 5");
        assert_item_refused(scales[i], "\"4\"", "must be a number");
    }
    assert_item_refused("threshold", "-1", "between 0 and");
    assert_item_refused("alpha", "-0.5", "between 0 and");
    assert_item_refused("window_days", "0", "from 1 to 3660");
    assert_item_refused("unit", "\"hosts\"", "\"endpoint\", \"host\"");
    assert_item_refused("ports", "\"22,80000\"", "at character 4");
    assert_item_refused("ports", "22", "must be a string");
    assert_item_refused("when", "{\"mysql.tsl\": true}", "no fact");
    assert_item_refused("when", "null", "a condition is an object");
    assert_item_refused("fix", "\"close it\"", "must be an object");
    assert_item_refused("fix", "{}", "is empty");
    assert_item_refused("fix", "{\"de\": \"zu\"}", "unknown key \"de\"");
    assert_item_refused("reference", "\"one\"", "must be an array");
    assert_item_refused("reference", "[1]", "must be a string");
    assert_item_refused("waits", "{\"en\": 1}", "must be a string");
    assert_item_refused("severty", "4", "did you mean \"severity\"");
}

static void conditions_are_for_scans(void **state)
{
    (void)state;
    assert_refused(
        HEAD ",\n" TREE "\"items\": [{\"id\": \"x\", \"dimension\": \"H04\", \"zh\": \"库\", \"en\": \"x\", "
             "\"source\": \"survey\", \"risk\": 1, \"severity\": 1, \"asset\": 1, \"confidence\": 1,\n"
             "\"when\": {\"port\": 1}}]}",
        5, "is judged by a scan");
}

static void required_members_are_named(void **state)
{
    (void)state;
    static const char *const required[] = {"id",   "dimension", "zh",    "en",        "source",
                                           "risk", "severity",  "asset", "confidence"};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        char item[1000] = ITEM, text[2000], name[40], words[60];
        snprintf(name, sizeof name, "\"%s\": ", required[i]);
        snprintf(words, sizeof words, "\"%s\" is missing", required[i]);
        char *at = strstr(item, name);
        assert_non_null(at);
        char *end = strchr(at, ',');
        memmove(at, end ? end + 2 : at + strlen(at), end ? strlen(end + 2) + 1 : 1);
        item[strlen(item) - (end ? 0 : 2)] = 0;
        snprintf(text, sizeof text, HEAD ",\n" TREE "\"items\": [\n{%s}]}", item);
        assert_refused(text, 5, words);
    }
    assert_refused(HEAD ",\n" TREE "\"items\": [{" ITEM "},\n{" ITEM "}]}", 5, "more than once");
}

/* Files in a folder of their own. */
struct files {
    char folder[64];
    char paths[3][96];
};

static void files_write(struct files *files, size_t number, const char *text)
{
    char folder[sizeof files->folder];
    memcpy(folder, files->folder, sizeof folder);
    snprintf(files->paths[number], sizeof files->paths[number], "%s/%zu.json", folder, number);
    FILE *out = fopen(files->paths[number], "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void files_init(struct files *files)
{
    snprintf(files->folder, sizeof files->folder, "/tmp/auscult-catalogue-XXXXXX");
    assert_non_null(mkdtemp(files->folder));
    files_write(files, 0, BASE);
}

static void files_deinit(struct files *files)
{
    for (size_t i = 0; i < 3; i++)
        unlink(files->paths[i]);
    rmdir(files->folder);
}

static enum status files_load(const struct files *files, size_t count, struct catalogue *catalogue,
                              struct complaints *complaints)
{
    const char *sources[] = {files->paths[0], files->paths[1], files->paths[2]};
    complaints_init(complaints, NULL);
    return catalogue_load(catalogue, sources, count, complaints);
}

static void extensions_add_and_override(void **state)
{
    (void)state;
    struct files files = {"", {""}};
    struct catalogue catalogue;
    struct complaints complaints;
    files_init(&files);
    files_write(
        &files, 1,
        "{\"auscult_catalogue\": 1, \"name\": \"more\", \"extends\": \"base\", \"log_base\": 10, "
        "\"domains\": [{\"id\": \"X\", \"zh\": \"新\", \"en\": \"New\"}, {\"id\": \"H\", \"omega\": 2}], "
        "\"dimensions\": [{\"id\": \"X01\", \"domain\": \"X\", \"zh\": \"新\", \"en\": \"New\"}, "
        "{\"id\": \"H04\", \"weight\": 3}], "
        "\"items\": [{\"id\": \"H04-1\", \"severity\": 2, \"when\": {\"port\": 1}}, "
        "{\"id\": \"X01-1\", \"dimension\": \"X01\", \"zh\": \"新\", \"en\": \"New\", "
        "\"source\": \"import\", \"risk\": 2, \"severity\": 1, \"asset\": 1, \"confidence\": 1}]}");
    files_write(&files, 2,
                "{\"auscult_catalogue\": 1, \"name\": \"third\", \"extends\": \"more\", "
                "\"items\": [{\"id\": \"X01-1\", \"alpha\": 4}, "
                "{\"id\": \"H04-1\", \"when\": {\"port\": 2}, \"en\": \"Renamed\"}]}");
    enum status status = files_load(&files, 3, &catalogue, &complaints);
    if (status != STATUS_OK)
        fail_with(&complaints);
    assert_string_equal(catalogue.name, "base+more+third");
    assert_true(catalogue.log_base == 10);
    assert_int_equal(catalogue.items_count, 2);
    assert_int_equal(catalogue.items[0].severity, 2);
    assert_int_equal(catalogue.items[0].asset, 5);
    assert_string_equal(catalogue.items[0].name.en, "Renamed");
    assert_string_equal(catalogue.items[0].name.zh, "库");
    assert_false(catalogue.items[0].extension);
    assert_true(catalogue.items[1].extension);
    assert_true(catalogue.items[1].alpha == 4);
    assert_int_equal(catalogue.items[1].dimension, 1);
    assert_true(catalogue.domains[0].omega == 2);
    assert_true(catalogue.dimensions[0].weight == 3);
    catalogue_deinit(&catalogue);
    complaints_deinit(&complaints);
    files_deinit(&files);
}

static void assert_second_refused(const char *second, const char *words)
{
    struct files files = {"", {""}};
    struct catalogue catalogue;
    struct complaints complaints;
    files_init(&files);
    files_write(&files, 1, second);
    assert_int_equal(files_load(&files, 2, &catalogue, &complaints), STATUS_WRONG_FILE);
    assert_string_equal(complaints.file, files.paths[1]);
    if (complaints.count == 0 || complaints.items[0].line != 1 || !strstr(complaints.items[0].text, words))
        fail_with(&complaints);
    complaints_deinit(&complaints);
    files_deinit(&files);
}

static void extensions_are_checked(void **state)
{
    (void)state;
    assert_second_refused(BASE, "stands alone");
    assert_second_refused("{\"auscult_catalogue\": 1, \"name\": \"base\", \"extends\": \"base\"}",
                          "loaded already");
    assert_second_refused("{\"auscult_catalogue\": 1, \"name\": \"b\", \"extends\": \"bas\"}",
                          "no catalogue \"bas\" is loaded, but base");
    assert_second_refused("{\"auscult_catalogue\": 1, \"name\": \"b\", \"extends\": \"base\", "
                          "\"items\": [{\"id\": \"H99-1\", \"severity\": 3}]}",
                          "no item \"H99-1\" is there to override");
    assert_second_refused("{\"auscult_catalogue\": 1, \"name\": \"b\", \"extends\": \"base\", "
                          "\"items\": [{\"id\": \"H04-1\", \"severity\": 9}]}",
                          "from 1 to 5");
    assert_second_refused("{\"auscult_catalogue\": 1, \"name\": \"b\", \"extends\": \"base\", \"items\": "
                          "[{\"id\": \"H04-1\", \"source\": \"scan\"}, {\"id\": \"H04-1\", \"risk\": 2}]}",
                          "more than once");
}

static void files_that_are_not_there_are_named(void **state)
{
    (void)state;
    const char *source = "/nonexistent/catalogue.json";
    struct catalogue catalogue;
    struct complaints complaints;
    complaints_init(&complaints, NULL);
    assert_int_equal(catalogue_load(&catalogue, &source, 1, &complaints), STATUS_WRONG_FILE);
    assert_string_equal(complaints.file, source);
    assert_int_equal(complaints.count, 1);
    complaints_deinit(&complaints);
}

static void load_built_in(const char *name, struct catalogue *catalogue)
{
    struct complaints complaints;
    complaints_init(&complaints, NULL);
    if (catalogue_load(catalogue, &name, name ? 1 : 0, &complaints) != STATUS_OK)
        fail_with(&complaints);
    complaints_deinit(&complaints);
}

static void the_built_in_catalogue_has_5_43_106(void **state)
{
    (void)state;
    static const size_t dimensions[] = {7, 14, 11, 6, 5};
    struct catalogue catalogue;
    load_built_in(CATALOGUE_DEFAULT, &catalogue);
    assert_string_equal(catalogue.name, CATALOGUE_DEFAULT);
    assert_int_equal(catalogue.domains_count, 5);
    assert_int_equal(catalogue.dimensions_count, 43);
    assert_int_equal(catalogue.items_count, 106);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(catalogue_dimensions_of(&catalogue, i), dimensions[i]);
    for (size_t i = 0; i < 106; i++)
        assert_true(catalogue.items[i].when || catalogue.items[i].waits.en);
    assert_int_equal(catalogue.items[catalogue_item(&catalogue, "H06-1")].severity, 5);
    catalogue_deinit(&catalogue);
}

static void the_default_has_its_extension(void **state)
{
    (void)state;
    struct catalogue catalogue, named;
    load_built_in(NULL, &catalogue);
    load_built_in(CATALOGUE_EXTENSION, &named);
    assert_string_equal(catalogue.name, CATALOGUE_DEFAULT "+" CATALOGUE_EXTENSION);
    assert_string_equal(named.name, catalogue.name);
    assert_int_equal(catalogue.dimensions_count, 43);
    assert_true(catalogue.items_count > 106);
    assert_int_equal(named.items_count, catalogue.items_count);
    for (size_t i = 0; i < catalogue.items_count; i++)
        assert_int_equal(catalogue.items[i].extension, i >= 106);
    for (size_t i = 0; i < catalogue.items_count; i++)
        assert_int_equal(catalogue_item(&catalogue, catalogue.items[i].id), i);
    assert_true(catalogue_item(&catalogue, "") == SIZE_MAX && catalogue_item(&catalogue, "zzz") == SIZE_MAX);
    catalogue_deinit(&catalogue);
    catalogue_deinit(&named);
}

static void files_extend_what_is_built_in(void **state)
{
    (void)state;
    struct catalogue catalogue;
    parse_good(&catalogue,
               "{\"auscult_catalogue\": 1, \"name\": \"ours\", \"extends\": \"" CATALOGUE_EXTENSION
               "\", \"items\": [{\"id\": \"H06-1\", \"asset\": 3}]}");
    assert_string_equal(catalogue.name, CATALOGUE_DEFAULT "+" CATALOGUE_EXTENSION "+ours");
    assert_int_equal(catalogue.items[catalogue_item(&catalogue, "H06-1")].asset, 3);
    catalogue_deinit(&catalogue);
    assert_second_refused("{\"auscult_catalogue\": 1, \"name\": \"b\", \"extends\": \"" CATALOGUE_DEFAULT
                          "\"}",
                          "is loaded, but base");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(what_is_given_is_read),
        cmocka_unit_test(the_file_as_a_whole_is_checked),
        cmocka_unit_test(a_map_to_the_index_never_falls),
        cmocka_unit_test(a_fitted_map_says_to_what),
        cmocka_unit_test(domains_and_dimensions_are_checked),
        cmocka_unit_test(items_are_checked),
        cmocka_unit_test(conditions_are_for_scans),
        cmocka_unit_test(required_members_are_named),
        cmocka_unit_test(extensions_add_and_override),
        cmocka_unit_test(extensions_are_checked),
        cmocka_unit_test(files_that_are_not_there_are_named),
        cmocka_unit_test(the_built_in_catalogue_has_5_43_106),
        cmocka_unit_test(the_default_has_its_extension),
        cmocka_unit_test(files_extend_what_is_built_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
