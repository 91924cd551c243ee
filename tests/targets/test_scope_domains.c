#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsed.h"
#include "random.h"
#include "refusal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIRST(text)  "\"id\": \"h001\"", "\"id\": \"h001\", \"domains\": " text
/* The first organization's domains, and the second's. */
#define BOTH(first, second)                                                                                  \
    "\"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\"] },\n    { \"id\": \"h002\"",      \
        "\"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\"], \"domains\": " first         \
        " },\n    { \"id\": \"h002\", \"domains\": " second

static const struct refusal refusals[] = {
    {FIRST("@\"a.example\""), "must be an array"},
    {FIRST("[@1]"), "must be a string"},
    {FIRST("[@\"\"]"), "is empty"},
    {FIRST("[@\"a\\u200b.example\"]"), "U+200B"},
    {FIRST("[\"a.example\", @\"example\"]"), "\"example\" is not a domain: it has one label only"},
    {FIRST("[@\"192.0.2.1\"]"), "write it in \"ranges\""},
    {FIRST("[@\"*.a.example\"]"), "leave the \"*.\" off"},
    {FIRST("[\"a.example\", @\"A.example.\"]"), "\"a.example\" is named already"},
    {FIRST("[\"医院.中国\", @\"xn--ekrs67m.xn--fiqs8s\"]"), "is named already"},
    {BOTH("[\"a.example\"]", "[@\"a.example\"]"),
     "\"a.example\" of \"h002\" and \"a.example\" of \"h001\" both hold a.example; give each name one owner"},
    {BOTH("[\"a.example\"]", "[\"b.example\", @\"c.b.a.example\"]"),
     "\"c.b.a.example\" of \"h002\" and \"a.example\" of \"h001\" both hold c.b.a.example"},
    {BOTH("[\"c.a.example\"]", "[@\"a.example\"]"),
     "\"a.example\" of \"h002\" and \"c.a.example\" of \"h001\" both hold c.a.example"},
    /* What sorts between the two must not hide the one above. */
    {BOTH("[\"a.example\", \"b-a.example\"]", "[\"aa.example\", @\"b.a.example\"]"), "both hold b.a.example"},
};

static void wrong_ones_are_refused_where_they_stand(void **state)
{
    (void)state;
    assert_refused(refusals, COUNT(refusals));
}

static const char *owner(const struct scope *scope, const char *name)
{
    const struct organization *organization = scope_domain_owner(scope, name);
    return organization ? organization->id : "nobody";
}

static void owners_are_found(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope,
                BOTH("[\"a.example\", \"mail.a.example\", \"医院.中国\"]", "[\"B.example\", \"c.cn\"]"));
    assert_int_equal(scope.organizations[0].domains_count, 3);
    assert_string_equal(scope.organizations[0].domains[2], "xn--ekrs67m.xn--fiqs8s");
    assert_string_equal(scope.organizations[1].domains[0], "b.example");
    static const char *const names[][2] = {
        {"a.example", "h001"},        {"A.EXAMPLE.", "h001"},   {"_sip._tcp.a.example", "h001"},
        {"x.mail.a.example", "h001"}, {"b.example", "h002"},    {"www.b.example", "h002"},
        {"挂号.医院.中国", "h001"},   {"c.cn", "h002"},         {"aa.example", "nobody"},
        {"example", "nobody"},        {"xa.example", "nobody"}, {"a.example.org", "nobody"},
        {"a.examples", "nobody"},     {"", "nobody"},           {".", "nobody"},
        {"..a.example", "h001"},      {"cn", "nobody"},         {"\xff.a.example", "nobody"},
    };
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(owner(&scope, names[i][0]), names[i][1]);
    scope_deinit(&scope);
}

static void without_domains_nobody_owns_one(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, FIRST("[]"));
    assert_null(scope_domain_owner(&scope, "a.example"));
    scope_deinit(&scope);
}

/* Many organizations with names over three letters, against a search through all of them. */
static void owners_agree_with_a_model(void **state)
{
    (void)state;
    struct random random = {11};
    size_t refused = 0, found = 0;
    for (int round = 0; round < 300; round++) {
        char names[8][64], text[4096];
        int count = 2 + (int)random_below(&random, 6);
        size_t used = (size_t)snprintf(text, sizeof text,
                                       "{ \"auscult\": 1, \"authorization\": { \"reference\": \"r\", "
                                       "\"authorized_by\": \"a\", \"contact\": \"c\", \"valid_from\": "
                                       "\"2026-01-01\", \"valid_until\": \"2026-01-01\" }, "
                                       "\"organizations\": [");
        for (int i = 0; i < count; i++) {
            size_t length = 0;
            for (size_t labels = 1 + random_below(&random, 4); labels > 0; labels--)
                length += (size_t)snprintf(names[i] + length, sizeof names[i] - length, "%c.",
                                           (int)('a' + random_below(&random, 3)));
            snprintf(names[i] + length, sizeof names[i] - length, "cn");
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "%s{ \"id\": \"h%d\", \"name\": \"n\", \"ranges\": [\"10.0.0.%d\"], "
                                     "\"domains\": [\"%s\"] }",
                                     i ? ", " : "", i, i + 1, names[i]);
        }
        snprintf(text + used, sizeof text - used, "] }");
        bool overlap = false;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++) {
                size_t below = strlen(names[i]), above = strlen(names[j]);
                overlap |= i != j && below >= above && strcmp(names[i] + below - above, names[j]) == 0;
            }
        struct scope scope;
        struct complaints complaints;
        complaints_init(&complaints, "s");
        assert_int_equal(scope_parse(&scope, text, strlen(text), &complaints),
                         overlap ? STATUS_WRONG_FILE : STATUS_OK);
        refused += overlap;
        for (int i = 0; i < count && !overlap; i++) {
            char id[16], below[80];
            snprintf(id, sizeof id, "h%d", i);
            snprintf(below, sizeof below, "x.y.%s", names[i]);
            assert_string_equal(owner(&scope, names[i]), id);
            assert_string_equal(owner(&scope, below), id);
            found++;
        }
        complaints_deinit(&complaints);
        scope_deinit(&scope);
    }
    assert_in_range(refused, 30, 290);
    assert_in_range(found, 30, 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_ones_are_refused_where_they_stand),
        cmocka_unit_test(owners_are_found),
        cmocka_unit_test(without_domains_nobody_owns_one),
        cmocka_unit_test(owners_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
