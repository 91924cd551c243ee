#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsed.h"
#include "refusal.h"
#include "targets/naming.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIRST(text)  "\"id\": \"h001\"", "\"id\": \"h001\", \"names\": " text
/* The first organization's names, and the second's. */
#define BOTH(first, second)                                                                                  \
    "\"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\"] },\n    { \"id\": \"h002\"",      \
        "\"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\"], \"names\": " first           \
        " },\n    { \"id\": \"h002\", \"names\": " second

static const struct refusal refusals[] = {
    {FIRST("@\"www.a.example\""), "must be an array"},
    {FIRST("[@1]"), "must be a string"},
    {FIRST("[@\"\"]"), "is empty"},
    {FIRST("[@\"a\\u200b.example\"]"), "U+200B"},
    {FIRST("[@\"192.0.2.1\"]"), "is not a name: it is an address"},
    {FIRST("[@\"2001:db8::1\"]"), "is not a name"},
    {FIRST("[@\"localhost\"]"), "is not a name"},
    {FIRST("[@\"https://www.a.example/\"]"), "write the name alone"},
    {FIRST("[@\"www.a.example:443\"]"), "write the name alone"},
    {FIRST("[@\"*.a.example\"]"), "is not a name"},
    {FIRST("[@\"www.a.example\\r\\nX: y\"]"), "U+000D"},
    {FIRST("[\"www.a.example\", @\"WWW.A.example.\"]"), "\"www.a.example\" is named already"},
    {FIRST("[\"医院.中国\", @\"xn--ekrs67m.xn--fiqs8s\"]"), "is named already"},
    {BOTH("[\"a.example\"]", "[\"b.example\", @\"a.example\"]"), "\"a.example\" is named already"},
};

static void wrong_ones_are_refused_where_they_stand(void **state)
{
    (void)state;
    assert_refused(refusals, COUNT(refusals));
}

static void right_ones_are_read(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, BOTH("[\"WWW.a.example.\", \"医院.中国\"]", "[]"));
    assert_int_equal(scope.organizations[0].names_count, 2);
    assert_string_equal(scope.organizations[0].names[0], "www.a.example");
    assert_string_equal(scope.organizations[0].names[1], "xn--ekrs67m.xn--fiqs8s");
    assert_int_equal(scope.organizations[1].names_count, 0);
    assert_null(scope_domain_owner(&scope, "www.a.example")); /* a host's name is no domain */
    scope_deinit(&scope);
}

/* As many as may be, and one more. */
static void they_are_capped(void **state)
{
    (void)state;
    for (size_t count = NAMES_MAX; count <= NAMES_MAX + 1; count++) {
        struct scope scope;
        struct complaints complaints;
        char *text = NULL, *names = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&names, &size);
        assert_non_null(out);
        for (size_t i = 0; i < count; i++)
            fprintf(out, "%s\"h%zu.a.example\"", i ? "," : "", i);
        fclose(out);
        const char *found = strstr(right_scope, "\"id\": \"h001\"");
        assert_non_null(found);
        assert_true(asprintf(&text, "%.*s\"names\": [%s], %s", (int)(found - right_scope), right_scope, names,
                             found) > 0);
        complaints_init(&complaints, "scope.json");
        assert_int_equal(scope_parse(&scope, text, strlen(text), &complaints),
                         count > NAMES_MAX ? STATUS_WRONG_FILE : STATUS_OK);
        assert_int_equal(complaints.count, count > NAMES_MAX);
        complaints_deinit(&complaints);
        scope_deinit(&scope);
        free(text);
        free(names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_ones_are_refused_where_they_stand),
        cmocka_unit_test(right_ones_are_read),
        cmocka_unit_test(they_are_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
