#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "scoring/facts.h"

static struct observation empty(void)
{
    struct observation observation;
    observation_init(&observation, address_from_ipv4(0xc0000201), (struct port){3306, TRANSPORT_TCP});
    return observation;
}

static const struct fact *named(const char *name)
{
    const struct fact *fact = fact_named(name);
    if (!fact)
        fail_msg("no fact %s", name);
    return fact;
}

static void fill(struct observation *observation)
{
    observation_bool(observation, named("mysql.tls_offered"), false);
    observation_integer(observation, named("mysql.error_code"), INT64_MIN);
    observation_integer(observation, named("mysql.protocol"), 10);
    observation_words(observation, named("mysql.server_version"), "医院 \"quoted\" \\x1b[2J </script>");
    observation_time(observation, named("x509.not_before"), INT64_C(253402300800));
    observation_time(observation, named("x509.not_after"), -1);
    observation_undetermined(observation, named("mysql.tls_works"), "the handshake did not end");
    observation_undetermined(observation, named("mysql.auth_plugin"), "too short");
}

static void read_back(const cJSON *object, struct observation *observation,
                      const char *(*set)(struct observation *, const cJSON *))
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, object) assert_null(set(observation, member));
}

static void assert_same(const struct observation *a, const struct observation *b)
{
    assert_int_equal(a->facts_count, b->facts_count);
    for (size_t i = 0; i < a->facts_count; i++) {
        const struct fact_value *left = &a->facts[i];
        const struct fact_value *right = observation_find(b, left->fact->name);
        assert_non_null(right);
        assert_ptr_equal(left->fact, right->fact);
        assert_int_equal(left->undetermined != NULL, right->undetermined != NULL);
        if (left->undetermined)
            assert_string_equal(left->undetermined, right->undetermined);
        else if (left->fact->type == FACT_TEXT)
            assert_string_equal(left->text, right->text);
        else
            assert_int_equal(left->number, right->number);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    struct observation observation = empty(), back = empty();
    fill(&observation);
    cJSON *known = facts_known(&observation), *unknown = facts_undetermined(&observation);
    char *known_text = cJSON_PrintUnformatted(known), *unknown_text = cJSON_PrintUnformatted(unknown);
    cJSON *known_back = cJSON_Parse(known_text), *unknown_back = cJSON_Parse(unknown_text);
    read_back(known_back, &back, facts_set);
    read_back(unknown_back, &back, facts_set_undetermined);
    cJSON *trees[] = {known, unknown, known_back, unknown_back};
    for (size_t i = 0; i < 4; i++)
        cJSON_Delete(trees[i]);
    cJSON_free(known_text);
    cJSON_free(unknown_text);
    /* The reasons outlive the documents that they came from. */
    assert_same(&observation, &back);
    observation_deinit(&observation);
    observation_deinit(&back);
}

static void test_form(void **state)
{
    (void)state;
    struct observation observation = empty();
    fill(&observation);
    cJSON *known = facts_known(&observation);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(known, "mysql.tls_offered")));
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(known, "mysql.error_code")->valuestring,
                        "-9223372036854775808");
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(known, "mysql.protocol")->valueint, 10);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(known, "x509.not_after")->valuestring,
                        "1969-12-31T23:59:59Z");
    assert_true(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(known, "x509.not_before")));
    assert_null(cJSON_GetObjectItemCaseSensitive(known, "mysql.tls_works"));
    cJSON_Delete(known);
    observation_deinit(&observation);
}

static void refused(const char *json)
{
    struct observation observation = empty();
    cJSON *object = cJSON_Parse(json);
    assert_non_null(object);
    const char *why = facts_set(&observation, object->child);
    if (!why)
        fail_msg("taken: %s", json);
    assert_int_equal(observation.facts_count, 0);
    cJSON_Delete(object);
    observation_deinit(&observation);
}

static void test_refused(void **state)
{
    (void)state;
    refused("{\"mysql.nothing\":true}");
    refused("{\"mysql.tls_offered\":1}");
    refused("{\"mysql.tls_offered\":null}");
    refused("{\"mysql.protocol\":1.5}");
    refused("{\"mysql.protocol\":1e300}");
    refused("{\"mysql.protocol\":\"\"}");
    refused("{\"mysql.protocol\":\" 1\"}");
    refused("{\"mysql.protocol\":\"1x\"}");
    refused("{\"mysql.protocol\":\"99999999999999999999\"}");
    refused("{\"mysql.server_version\":5}");
    refused("{\"x509.not_after\":\"tomorrow\"}");
    refused("{\"x509.not_after\":true}");
}

static void test_hostile_text(void **state)
{
    (void)state;
    struct observation observation = empty();
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "mysql.server_version",
                            "a\x1b[31m\xff\xe2\x80\xae"
                            "b");
    cJSON_AddStringToObject(object, "mysql.tls_works", "\x1b]0;owned\x07");
    assert_null(facts_set(&observation, object->child));
    assert_null(facts_set_undetermined(&observation, object->child->next));
    const char *text = observation_find(&observation, "mysql.server_version")->text;
    const char *why = observation_find(&observation, "mysql.tls_works")->undetermined;
    assert_null(strpbrk(text, "\x1b\xff"));
    assert_null(strpbrk(why, "\x1b\x07"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    cJSON_Delete(object);
    observation_deinit(&observation);
}

/* What is known is not made undetermined, and what was undetermined may become known. */
static void test_precedence(void **state)
{
    (void)state;
    struct observation observation = empty();
    const struct fact *fact = named("mysql.server_version");
    observation_undetermined_copy(&observation, fact, "first");
    observation_undetermined_copy(&observation, fact, "second");
    assert_string_equal(observation_find(&observation, fact->name)->undetermined, "first");
    observation_undetermined(&observation, fact, "static");
    assert_string_equal(observation_find(&observation, fact->name)->undetermined, "static");
    observation_words(&observation, fact, "8.0");
    assert_null(observation_find(&observation, fact->name)->undetermined);
    observation_undetermined_copy(&observation, fact, "third");
    assert_null(observation_find(&observation, fact->name)->undetermined);
    assert_string_equal(observation_find(&observation, fact->name)->text, "8.0");
    observation_deinit(&observation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_form),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_precedence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
