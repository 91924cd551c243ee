#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "random.h"
#include "refusal.h"
#include "targets/naming.h"

static struct address parse(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static void assert_kinds(const struct namings *names, const enum naming_kind *kinds, size_t count)
{
    assert_int_equal(names->count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(naming_kind_name(names->items[i].kind), naming_kind_name(kinds[i]));
}

/* The first organization has 192.0.2.0/24, the second 198.51.100.0/24. */
static void the_scope_decides(void **state)
{
    (void)state;
    struct scope scope;
    struct namings names;
    static const struct {
        const char *name, *address;
    } given[] = {
        {"a.example", "192.0.2.1"}, {"a.example", "203.0.113.1"},      {"a.example", "192.0.2.66"},
        {"b.example", "192.0.2.1"}, {"b.example", "192.0.2.2"},        {"b.example", "198.51.100.255"},
        {"c.example", "192.0.2.2"}, {"c.example", "::ffff:192.0.2.3"}, {"c.example", "2001:db8::1"},
        {"c.example", "0.0.0.0"},   {"c.example", "127.0.0.1"},
    };
    static const enum naming_kind kinds[] = {
        NAMING_CARRIED, NAMING_OUTSIDE, NAMING_EXCLUDED, NAMING_ALIAS,   NAMING_CARRIED, NAMING_CARRIED,
        NAMING_ALIAS,   NAMING_CARRIED, NAMING_OUTSIDE,  NAMING_OUTSIDE, NAMING_OUTSIDE, NAMING_MISSING,
    };
    assert_read(&scope, "{ \"auscult\": 1,", "{ \"auscult\": 1, \"exclude\": [\"192.0.2.66\"],");
    namings_init(&names);
    assert_null(namings_at(&names, parse("192.0.2.1")));
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        assert_int_equal(namings_add(&names, &scope, "h001", given[i].name, parse(given[i].address)),
                         STATUS_OK);
    assert_int_equal(namings_add_missing(&names, "h001", "d.example", "why"), STATUS_OK);
    assert_int_equal(namings_index(&names), STATUS_OK);
    assert_kinds(&names, kinds, sizeof kinds / sizeof kinds[0]);
    assert_string_equal(namings_at(&names, parse("192.0.2.1")), "a.example");
    assert_string_equal(namings_at(&names, parse("192.0.2.2")), "b.example");
    assert_string_equal(namings_at(&names, parse("192.0.2.3")), "c.example");
    assert_string_equal(namings_at(&names, parse("198.51.100.255")), "b.example");
    assert_null(namings_at(&names, parse("192.0.2.66")));
    assert_null(namings_at(&names, parse("203.0.113.1")));
    assert_int_equal(namings_index(&names), STATUS_OK); /* once more, and it is the same */
    assert_kinds(&names, kinds, sizeof kinds / sizeof kinds[0]);
    namings_deinit(&names);
    scope_deinit(&scope);
}

/* Whatever comes in whatever order: an address carries the first name that came with it. */
static void the_first_name_is_carried(void **state)
{
    (void)state;
    struct random random = {5};
    struct scope scope;
    struct namings names;
    assert_read(&scope, "R-1", "R-2");
    for (int round = 0; round < 200; round++) {
        const char *first[256] = {NULL};
        namings_init(&names);
        for (int i = 0; i < 300; i++) {
            static const char *const texts[] = {"a.example", "b.example", "c.example", "d.example"};
            const char *text = texts[random_below(&random, 4)];
            uint32_t host = (uint32_t)random_below(&random, 256);
            if (!first[host])
                first[host] = text;
            assert_int_equal(namings_add(&names, &scope, "h001", text, address_from_ipv4(0xc0000200 + host)),
                             STATUS_OK);
        }
        assert_int_equal(namings_index(&names), STATUS_OK);
        for (uint32_t host = 0; host < 256; host++) {
            const char *carried = namings_at(&names, address_from_ipv4(0xc0000200 + host));
            assert_int_equal(carried == NULL, first[host] == NULL);
            if (carried)
                assert_string_equal(carried, first[host]);
        }
        namings_deinit(&names);
    }
    scope_deinit(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scope_decides),
        cmocka_unit_test(the_first_name_is_carried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
