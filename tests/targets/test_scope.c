#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parsed.h"
#include "refusal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The example of contract.md, with everything that it names. */
static const char full_scope[] =
    "{ \"auscult\": 1,\n"
    "  \"authorization\": { \"reference\": \"2026-017\", \"authorized_by\": \"Dr. Li\", \"contact\": "
    "\"a@b.example\",\n"
    "    \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\", \"hours\": [\"22:00-06:00\"],\n"
    "    \"timezone\": \"Asia/Shanghai\", \"max_rate\": 2000, \"max_rate_per_host\": 20, "
    "\"max_rate_per_network\": 200, \"ports\": "
    "\"1-1024,161/udp\",\n"
    "    \"exclude_ports\": \"25\" },\n"
    "  \"vantage\": \"partner\",\n"
    "  \"exclude\": [\"192.0.2.66\", \"198.51.100.128/28\", \"224.0.0.0/4\", \"2001:db9::/32\"],\n"
    "  \"organizations\": [ { \"id\": \"h001\", \"name\": \"北京医院\", \"province\": \"Beijing\", "
    "\"level\": \"3A\",\n"
    "    \"informatization\": 4.5, \"ranges\": [\"192.0.2.0/24\", \"2001:db8::/120\", "
    "\"198.51.100.10-198.51.100.20\"],\n"
    "    \"fragile\": [\"192.0.2.128/26\"], \"tags\": { \"ownership\": \"public\" }, \"domains\": "
    "[\"a.example\"],\n"
    "    \"assets\": [ { \"range\": \"192.0.2.10\", \"value\": 5, \"name\": \"HIS database\" } ] } ],\n"
    "  \"accepted\": [ { \"item\": \"H03-2\", \"where\": \"192.0.2.5\", \"reason\": \"…\", \"by\": \"Dr. "
    "Li\",\n"
    "    \"from\": \"2026-01-01\", \"until\": \"2026-06-30\" } ] }\n";

static void the_whole_contract_is_read(void **state)
{
    (void)state;
    struct scope scope;
    assert_parsed(&scope, full_scope);
    assert_string_equal(scope.reference, "2026-017");
    assert_string_equal(scope.authorized_by, "Dr. Li");
    assert_string_equal(scope.contact, "a@b.example");
    assert_int_equal(scope.valid_from_day, 20260101);
    assert_int_equal(scope.valid_until_day, 20261231);
    assert_int_equal(scope.hours_count, 1);
    assert_int_equal(scope.hours[0].from_minute, 22 * 60);
    assert_int_equal(scope.hours[0].to_minute, 6 * 60);
    assert_string_equal(scope.timezone, "Asia/Shanghai");
    assert_true(scope.max_rate == 2000 && scope.max_rate_per_host == 20 && scope.max_rate_per_network == 200);
    assert_int_equal(scope.ports.count, 1025);
    assert_int_equal(scope.exclude_ports.count, 1);
    assert_int_equal(scope.vantage, VANTAGE_PARTNER);
    assert_int_equal(scope.exclude.count, 4);
    const struct organization *first = &scope.organizations[0];
    assert_string_equal(first->id, "h001");
    assert_string_equal(first->name, "北京医院");
    assert_string_equal(organization_tag(first, "province"), "Beijing");
    assert_string_equal(organization_tag(first, "level"), "3A");
    assert_string_equal(organization_tag(first, "ownership"), "public");
    assert_true(first->informatization == 4.5);
    assert_int_equal(first->ranges.count, 3);
    assert_true(ranges_size(&first->ranges) == 256 + 256 + 11);
    assert_true(ranges_size(&first->fragile) == 64);
    assert_int_equal(first->assets_count, 1);
    assert_int_equal(first->assets[0].value, 5);
    assert_string_equal(first->assets[0].name, "HIS database");
    assert_string_equal(scope.accepted[0].item, "H03-2");
    assert_null(scope.accepted[0].organization);
    assert_int_equal(scope.accepted[0].where.count, 1);
    assert_int_equal(scope.accepted[0].from_day, 20260101);
    assert_int_equal(scope.accepted[0].until_day, 20260630);
    scope_deinit(&scope);
}

static void what_is_left_out_has_defaults(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, "", "");
    assert_int_equal(scope.vantage, VANTAGE_INTERNET);
    assert_int_equal(scope.hours_count, 0);
    assert_null(scope.timezone);
    assert_true(scope.max_rate == 0 && scope.max_rate_per_host == 0 && scope.max_rate_per_network == 0);
    assert_int_equal(scope.ports.count, 0);
    assert_int_equal(scope.exclude_ports.count, 9);
    assert_true(ports_contain(&scope.exclude_ports, 9100, TRANSPORT_TCP));
    assert_true(ports_contain(&scope.exclude_ports, 515, TRANSPORT_TCP));
    assert_int_equal(scope.exclude.count, 0);
    assert_int_equal(scope.accepted_count, 0);
    assert_true(scope.organizations[0].informatization != scope.organizations[0].informatization);
    assert_int_equal(scope.organizations[0].tags_count, 0);
    scope_deinit(&scope);
}

#define AUSCULT "\"auscult\": 1,"

static const struct refusal refusals[] = {
    /* the file */
    {right_scope, "@", "empty"},
    {right_scope, "@[]", "must be an object"},
    {"{ \"auscult\"", "{ @auscult\"", "double quotes"},
    {"] } ] }\n", "] } ] }\n@x", "behind its one value"},
    {"] } ] }\n", "] } ]@", "close it with \"}\""},
    {"\"ranges\": [\"192.0.2.0/24\"]", "\"ranges\": [\"192.0.2.0/24\",@]", "a value is missing"},
    {"\"name\": \"First\"", "\"name\": \"Fi@\nrst\"", "line break in a string"},
    {"\"name\": \"First\"", "\"name\": \"Fi@\xff\"", "UTF-8"},
    /* keys */
    {AUSCULT, AUSCULT " @\"acceptd\": [],", "did you mean \"accepted\"?"},
    {AUSCULT, AUSCULT " @\"targets\": [],",
     "known here: auscult, authorization, vantage, exclude, organizations, accepted"},
    {AUSCULT, AUSCULT " @\"Vantage\": \"internet\",", "did you mean \"vantage\"?"},
    {AUSCULT, AUSCULT " @\"auscult\": 1,", "more than once"},
    {AUSCULT, AUSCULT " @\"a\\u0075scult\": 1,", "more than once"},
    {AUSCULT, AUSCULT " @\"evil\\u001b[31m\\u202e\": 1,", "\"evil\\x1b[31m\\u{202e}\""},
    {"\"reference\": \"R-1\"", "\"reference\": \"R-1\", @\"reference\": \"R-2\"", "more than once"},
    {"\"id\": \"h001\"", "\"id\": \"h001\", @\"id\": \"h003\"", "more than once"},
    /* version */
    {"{ \"auscult\": 1,", "@{", "add \"auscult\": 1"},
    {AUSCULT, "\"auscult\": @2,", "version 1"},
    {AUSCULT, "\"auscult\": @1.5,", "version 1"},
    {AUSCULT, "\"auscult\": @\"1\",", "must be a number, not a string"},
    {AUSCULT, "\"auscult\": @true,", "must be a number, not true or false"},
    {AUSCULT, "\"auscult\": @null,", "must be a number, not null"},
    {AUSCULT, "\"auscult\": @1e999,", "too large"},
    /* vantage */
    {AUSCULT, AUSCULT " \"vantage\": @\"Internet\",", "\"internet\", \"partner\" or \"internal\""},
    {AUSCULT, AUSCULT " \"vantage\": @\"\",", "\"internet\", \"partner\" or \"internal\""},
    {AUSCULT, AUSCULT " \"vantage\": @1,", "must be a string"},
    /* exclusions */
    {AUSCULT, AUSCULT " \"exclude\": @\"192.0.2.1\",", "must be an array"},
    {AUSCULT, AUSCULT " \"exclude\": [\"192.0.2.1\", @\"192.0.2.1/24\"],", "bits are set"},
    {AUSCULT, AUSCULT " \"exclude\": [@\"\"],", "write an address"},
    {AUSCULT, AUSCULT " \"exclude\": [@[\"192.0.2.1\"]],", "must be a string"},
    {AUSCULT, AUSCULT " \"exclude\": [@\"host.example\"],", "is not an address range"},
};

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    assert_refused(refusals, COUNT(refusals));
}

static void parts_that_are_missing_are_named(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"{ \"auscult\": 1, \"organizations\": [ { \"id\": \"a\", \"name\": \"A\", \"ranges\": "
         "[\"10.0.0.1\"] } ] }",
         "scope.json:1:1: \"authorization\" is missing here; add \"authorization\": {"},
        {"{ \"auscult\": 1, \"authorization\": { \"reference\": \"r\", \"authorized_by\": \"a\", "
         "\"contact\": \"c\", "
         "\"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-01-01\" } }",
         "scope.json:1:1: \"organizations\" is missing here; add \"organizations\": [{"},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct scope scope;
        struct complaints complaints;
        complaints_init(&complaints, "scope.json");
        assert_int_equal(scope_parse(&scope, texts[i][0], strlen(texts[i][0]), &complaints),
                         STATUS_WRONG_FILE);
        char *said = complaints_format(&complaints);
        assert_int_equal(complaints.count, 1);
        assert_memory_equal(said, texts[i][1], strlen(texts[i][1]));
        free(said);
        complaints_deinit(&complaints);
    }
}

static void exclusions_may_be_wide_and_anywhere(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(
        &scope, AUSCULT,
        AUSCULT
        "\"exclude\": [\"0.0.0.0/0\", \"8000::/1\", \"203.0.113.7\", \"255.255.255.255\", \"ff02::1\"],");
    assert_int_equal(scope.exclude.count, 2);
    scope_deinit(&scope);
    assert_read(&scope, AUSCULT, AUSCULT "\"exclude\": [],");
    assert_int_equal(scope.exclude.count, 0);
    scope_deinit(&scope);
}

static void all_mistakes_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    static const char text[] =
        "{ \"auscult\": 3,\n"
        "  \"organizations\": [ 7, { \"id\": \"\", \"name\": \"n\", \"ranges\": [\"x\"] } ],\n"
        "  \"authorization\": { \"reference\": 1 } }\n";
    struct scope scope;
    struct complaints complaints;
    complaints_init(&complaints, "s");
    assert_int_equal(scope_parse(&scope, text, sizeof text - 1, &complaints), STATUS_WRONG_FILE);
    assert_int_equal(complaints.count, 9);
    for (size_t i = 1; i < complaints.count; i++) {
        const struct complaint *a = &complaints.items[i - 1];
        const struct complaint *b = &complaints.items[i];
        assert_true(a->line < b->line || (a->line == b->line && a->column <= b->column));
    }
    assert_int_equal(complaints.items[0].line, 1);
    assert_int_equal(complaints.items[8].line, 3);
    complaints_deinit(&complaints);
}

static void too_many_mistakes_are_counted(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    fputs("{ \"auscult\": 1", out);
    for (int i = 0; i < 20000; i++)
        fprintf(out, ",\n\"k%d\": [[[{}]]]", i);
    fputs("}", out);
    fclose(out);
    struct scope scope;
    struct complaints complaints;
    complaints_init(&complaints, "s");
    assert_int_equal(scope_parse(&scope, text, size, &complaints), STATUS_WRONG_FILE);
    assert_int_equal(complaints.count, COMPLAINTS_MAX);
    assert_int_equal(complaints.left_off, 20000 + 2 - COMPLAINTS_MAX);
    complaints_deinit(&complaints);
    free(text);
}

/* The digest was made by another program. */
static void the_hash_is_of_the_files_bytes(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, "", "");
    assert_string_equal(scope.hash, "00965e6770a2bd28c007d1121b538254721bdb646c8ccd193411d84d18ae03a1");
    scope_deinit(&scope);
}

static void files_are_read_like_memory(void **state)
{
    (void)state;
    char path[] = "/tmp/auscult_test_scope_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, right_scope, strlen(right_scope)), (ssize_t)strlen(right_scope));
    close(file);
    struct scope scope, same;
    struct complaints complaints;
    complaints_init(&complaints, path);
    assert_int_equal(scope_read(&scope, path, &complaints), STATUS_OK);
    assert_read(&same, "", "");
    assert_string_equal(scope.hash, same.hash);
    scope_deinit(&scope);
    scope_deinit(&same);
    unlink(path);
    assert_int_equal(scope_read(&scope, path, &complaints), STATUS_WRONG_FILE);
    assert_int_equal(complaints.count, 1);
    assert_int_equal(complaints.items[0].line, 0);
    assert_non_null(strstr(complaints.items[0].text, "No such file"));
    scope_deinit(&scope);
    complaints_deinit(&complaints);
}

/* Windows' editors put a mark at the start; it shifts no column. */
static void a_byte_order_mark_is_let_pass(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, "{ \"auscult\"", "\xef\xbb\xbf{ \"auscult\"");
    scope_deinit(&scope);
    struct complaints complaints;
    complaints_init(&complaints, "s");
    assert_int_equal(scope_parse(&scope, "\xef\xbb\xbf 7", 5, &complaints), STATUS_WRONG_FILE);
    assert_int_equal(complaints.items[0].column, 2);
    complaints_deinit(&complaints);
}

/* Cut anywhere, the text is refused and nothing is leaked or read past. */
static void every_cut_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof full_scope - 3; size++) {
        struct scope scope;
        struct complaints complaints;
        char *exact = malloc(size ? size : 1);
        assert_non_null(exact);
        memcpy(exact, full_scope, size);
        complaints_init(&complaints, "s");
        assert_int_equal(scope_parse(&scope, exact, size, &complaints), STATUS_WRONG_FILE);
        assert_true(complaints.count == 1 && complaints.items[0].line > 0);
        complaints_deinit(&complaints);
        free(exact);
    }
}

static struct address address(const char *text)
{
    struct address parsed;
    assert_true(address_parse(text, strlen(text), &parsed));
    return parsed;
}

static void owners_are_found(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(
        &scope, "[\"192.0.2.0/24\"]",
        "[\"203.0.113.0/25\", \"192.0.2.0/24\", \"2001:db8::/120\", \"192.0.2.128/25\", \"192.0.3.0\"]");
    static const char *const firsts[] = {"192.0.2.0", "192.0.3.0", "203.0.113.127", "2001:db8::ff"};
    static const char *const nobodys[] = {"192.0.1.255", "192.0.3.1", "203.0.113.128", "2001:db8::100",
                                          "0.0.0.0",     "::",        "ffff::"};
    for (size_t i = 0; i < COUNT(firsts); i++)
        assert_ptr_equal(scope_owner(&scope, address(firsts[i])), scope_organization(&scope, "h001"));
    for (size_t i = 0; i < COUNT(nobodys); i++)
        assert_null(scope_owner(&scope, address(nobodys[i])));
    assert_ptr_equal(scope_owner(&scope, address("198.51.100.7")), scope_organization(&scope, "h002"));
    assert_string_equal(scope_organization(&scope, "h002")->id, "h002");
    assert_null(scope_organization(&scope, "h003"));
    assert_null(scope_organization(&scope, ""));
    scope_deinit(&scope);
    assert_null(scope_owner(&scope, address("192.0.2.0")));
    assert_null(scope_organization(&scope, "h001"));
}

static void vantages_have_names(void **state)
{
    (void)state;
    enum vantage vantage;
    for (enum vantage each = VANTAGE_INTERNET; each <= VANTAGE_INTERNAL; each++) {
        assert_true(vantage_parse(vantage_name(each), &vantage));
        assert_int_equal(vantage, each);
    }
    assert_false(vantage_parse("intern", &vantage));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_contract_is_read),
        cmocka_unit_test(what_is_left_out_has_defaults),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(parts_that_are_missing_are_named),
        cmocka_unit_test(exclusions_may_be_wide_and_anywhere),
        cmocka_unit_test(all_mistakes_come_in_the_order_of_the_file),
        cmocka_unit_test(too_many_mistakes_are_counted),
        cmocka_unit_test(the_hash_is_of_the_files_bytes),
        cmocka_unit_test(files_are_read_like_memory),
        cmocka_unit_test(a_byte_order_mark_is_let_pass),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(owners_are_found),
        cmocka_unit_test(vantages_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
