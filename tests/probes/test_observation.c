#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/observation.h"

enum { YES, NUMBER, TEXT, WHEN };

static const struct fact facts[] = {
    [YES] = {"test.yes", FACT_BOOL, "a", "a"},
    [NUMBER] = {"test.number", FACT_INTEGER, "b", "b"},
    [TEXT] = {"test.text", FACT_TEXT, "c", "c"},
    [WHEN] = {"test.when", FACT_TIME, "d", "d"},
    {0},
};

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static int begin(void **state)
{
    static struct observation observation;
    observation_init(&observation, address_from_ipv4(0xc0000201), (struct port){3306, TRANSPORT_TCP});
    *state = &observation;
    return 0;
}

static int end(void **state)
{
    observation_deinit(*state);
    return 0;
}

static void test_init(void **state)
{
    struct observation *o = *state;
    assert_string_equal(o->service, "unknown");
    assert_int_equal(o->state, ENDPOINT_OPEN);
    assert_int_equal(o->facts_count, 0);
    assert_null(observation_find(o, "test.yes"));
    assert_false(observation_is_true(o, &facts[YES]));
}

static void test_values(void **state)
{
    struct observation *o = *state;
    observation_bool(o, &facts[YES], true);
    observation_integer(o, &facts[NUMBER], -5);
    observation_time(o, &facts[WHEN], 253402300799);
    observation_text(o, &facts[TEXT],
                     span_of("a\x1b"
                             "b"));
    assert_true(observation_is_true(o, &facts[YES]));
    assert_int_equal(observation_find(o, "test.number")->number, -5);
    assert_true(observation_find(o, "test.when")->number == 253402300799);
    assert_string_equal(observation_find(o, "test.text")->text, "a\\x1bb");
    assert_ptr_equal(observation_find(o, "test.text")->fact, &facts[TEXT]);
    assert_int_equal(o->facts_count, 4);
    assert_false(o->full);
}

static void test_later_replaces(void **state)
{
    struct observation *o = *state;
    observation_bool(o, &facts[YES], true);
    observation_bool(o, &facts[YES], false);
    observation_words(o, &facts[TEXT], "one");
    observation_words(o, &facts[TEXT], "two");
    assert_false(observation_is_true(o, &facts[YES]));
    assert_string_equal(observation_find(o, "test.text")->text, "two");
    assert_int_equal(o->facts_count, 2);
}

static void test_undetermined(void **state)
{
    struct observation *o = *state;
    observation_undetermined(o, &facts[YES], "first");
    assert_string_equal(observation_find(o, "test.yes")->undetermined, "first");
    assert_false(observation_is_true(o, &facts[YES]));
    observation_undetermined(o, &facts[YES], "second");
    assert_string_equal(observation_find(o, "test.yes")->undetermined, "second");
    observation_bool(o, &facts[YES], true);
    assert_null(observation_find(o, "test.yes")->undetermined);
    observation_undetermined(o, &facts[YES], "third"); /* what is known stays known */
    assert_true(observation_is_true(o, &facts[YES]));
    observation_bool(o, &facts[NUMBER - 1], false);
    observation_undetermined(o, &facts[YES], "fourth"); /* false is known as well */
    assert_null(observation_find(o, "test.yes")->undetermined);
    observation_undetermined(o, &facts[TEXT], "why");
    observation_words(o, &facts[TEXT], "known");
    assert_null(observation_find(o, "test.text")->undetermined);
    assert_int_equal(o->facts_count, 2);
}

static void test_names(void **state)
{
    struct observation *o = *state;
    char names[200];
    memset(names, 'x', sizeof names - 1);
    names[sizeof names - 1] = 0;
    observation_product(o, "MariaDB");
    observation_version(o, span_of("10.11.6\n"));
    assert_string_equal(o->product, "MariaDB");
    assert_string_equal(o->version, "10.11.6\\x0a");
    observation_product(o, names);
    observation_version(o, span_of(names));
    assert_int_equal(strlen(o->product), sizeof o->product - 1);
    assert_int_equal(strlen(o->version), sizeof o->version - 1);
}

static void test_long_text(void **state)
{
    struct observation *o = *state;
    char text[OBSERVATION_TEXT_MAX + 1];
    memset(text, 'x', sizeof text - 1);
    text[OBSERVATION_TEXT_MAX] = 0;
    observation_text(o, &facts[TEXT], span_first(span_of(text), OBSERVATION_TEXT_MAX - 1));
    assert_int_equal(strlen(observation_find(o, "test.text")->text), OBSERVATION_TEXT_MAX - 1);
    assert_false(o->full);
    observation_text(o, &facts[TEXT], span_of(text));
    assert_int_equal(strlen(observation_find(o, "test.text")->text), OBSERVATION_TEXT_MAX - 1);
    assert_true(o->full);
}

static void test_too_many(void **state)
{
    struct observation *o = *state;
    static struct fact many[OBSERVATION_FACTS_MAX + 1];
    static char names[OBSERVATION_FACTS_MAX + 1][16];
    for (size_t i = 0; i < OBSERVATION_FACTS_MAX + 1; i++) {
        snprintf(names[i], sizeof names[i], "many.%zu", i);
        many[i] = (struct fact){names[i], FACT_INTEGER, "", ""};
        observation_integer(o, &many[i], (int64_t)i);
        assert_int_equal(o->full, i == OBSERVATION_FACTS_MAX);
    }
    assert_int_equal(o->facts_count, OBSERVATION_FACTS_MAX);
    observation_integer(o, &many[3], 33);
    assert_int_equal(observation_find(o, "many.3")->number, 33);
    assert_null(observation_find(o, "many.96"));
    observation_undetermined(o, &facts[YES], "no room");
    assert_null(observation_find(o, "test.yes"));
}

static void test_clear(void **state)
{
    struct observation *o = *state;
    observation_words(o, &facts[TEXT], "one");
    observation_product(o, "Redis");
    o->service = "redis";
    o->tls = true;
    o->evidence_size = 3;
    observation_clear(o);
    assert_int_equal(o->facts_count, 0);
    assert_int_equal(o->evidence_size, 0);
    assert_string_equal(o->product, "");
    assert_string_equal(o->service, "unknown");
    assert_false(o->tls);
    assert_int_equal(o->port.number, 3306);
    assert_int_equal(address_compare(o->address, address_from_ipv4(0xc0000201)), 0);
}

/* The copy has its own of everything: the first may go. */
static void test_copy(void **state)
{
    struct observation *o = *state, copy;
    char why[] = "it timed out";
    observation_bool(o, &facts[YES], true);
    observation_text(o, &facts[TEXT], span_of("said"));
    observation_undetermined_copy(o, &facts[NUMBER], why);
    observation_undetermined(o, &facts[WHEN], "static");
    observation_product(o, "Product");
    o->evidence[0] = 7;
    o->evidence_size = 1;
    observation_copy(&copy, o);
    observation_clear(o);
    assert_int_equal(copy.facts_count, 4);
    assert_int_equal(copy.port.number, 3306);
    assert_true(observation_is_true(&copy, &facts[YES]));
    assert_string_equal(observation_find(&copy, "test.text")->text, "said");
    assert_string_equal(observation_find(&copy, "test.number")->undetermined, "it timed out");
    assert_string_equal(observation_find(&copy, "test.when")->undetermined, "static");
    assert_string_equal(copy.product, "Product");
    assert_int_equal(copy.evidence[0], 7);
    assert_false(copy.full);
    observation_deinit(&copy);
}

static void test_state_names(void **state)
{
    (void)state;
    assert_string_equal(endpoint_state_name(ENDPOINT_OPEN), "open");
    assert_string_equal(endpoint_state_name(ENDPOINT_SYNTHETIC), "synthetic");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_init),  TEST(test_values),      TEST(test_later_replaces), TEST(test_undetermined),
        TEST(test_names), TEST(test_long_text),   TEST(test_too_many),       TEST(test_clear),
        TEST(test_copy),  TEST(test_state_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
