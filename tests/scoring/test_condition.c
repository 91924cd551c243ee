#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "scoring/condition.h"

#define NOW_S 1780000000 /* 2026-05-28 */

static struct condition *read_good(const char *text)
{
    struct complaints complaints;
    struct document document;
    complaints_init(&complaints, "when");
    assert_int_equal(document_parse(&document, text, strlen(text), &complaints), STATUS_OK);
    struct condition *condition = condition_read(&document, document.root, &complaints);
    if (!condition)
        fail_msg("%s: %s", text, complaints_format(&complaints));
    assert_int_equal(complaints.count, 0);
    document_deinit(&document);
    complaints_deinit(&complaints);
    return condition;
}

/* A MariaDB that offers TLS, whose handshake failed, and whose certificate has ended. */
static void observe_mysql(struct observation *observation)
{
    observation_init(observation, address_from_ipv4(0xc0000201), (struct port){3306, TRANSPORT_TCP});
    observation->service = "mysql";
    observation->time_ms = INT64_C(1000) * NOW_S;
    observation_product(observation, "MariaDB");
    observation_version(observation, (struct span){(const uint8_t *)"10.11.6", 7});
    observation_bool(observation, fact_named("mysql.tls_offered"), true);
    observation_integer(observation, fact_named("mysql.protocol"), 10);
    observation_words(observation, fact_named("mysql.auth_plugin"), "mysql_native_password");
    observation_words(observation, fact_named("mysql.server_version"), "unknown");
    observation_undetermined(observation, fact_named("mysql.tls_works"), "the handshake did not end");
    observation_time(observation, fact_named("x509.not_after"), NOW_S - 1);
    observation_time(observation, fact_named("x509.not_before"), NOW_S);
}

static const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"no", "yes", "undetermined"};
    return names[verdict];
}

struct judgement_case {
    const char *when;
    enum verdict verdict;
};

static void assert_judged(const struct observation *observation, const struct judgement_case *cases,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct condition *condition = read_good(cases[i].when);
        enum verdict verdict = condition_judge(condition, observation);
        if (verdict != cases[i].verdict)
            fail_msg("%s: %s, expected %s", cases[i].when, verdict_name(verdict),
                     verdict_name(cases[i].verdict));
        condition_free(&condition);
        assert_null(condition);
    }
}

#define assert_cases(observation, cases) assert_judged(observation, cases, sizeof(cases) / sizeof *(cases))

static void comparisons_follow_the_type_of_their_subject(void **state)
{
    (void)state;
    static const struct judgement_case cases[] = {
        {"{\"service\": \"mysql\"}", VERDICT_YES},
        {"{\"service\": \"redis\"}", VERDICT_NO},
        {"{\"service\": {\"ne\": \"redis\"}}", VERDICT_YES},
        {"{\"service\": {\"in\": [\"http\", \"mysql\"]}}", VERDICT_YES},
        {"{\"service\": {\"in\": [\"http\"]}}", VERDICT_NO},
        {"{\"product\": \"MariaDB\"}", VERDICT_YES},
        {"{\"port\": 3306}", VERDICT_YES},
        {"{\"port\": {\"ge\": 3306, \"le\": 3306}}", VERDICT_YES},
        {"{\"port\": {\"gt\": 3306}}", VERDICT_NO},
        {"{\"port\": {\"lt\": 3306}}", VERDICT_NO},
        {"{\"port\": {\"in\": [22, 3306]}}", VERDICT_YES},
        {"{\"transport\": \"tcp\"}", VERDICT_YES},
        {"{\"transport\": \"udp\"}", VERDICT_NO},
        {"{\"tls\": false}", VERDICT_YES},
        {"{\"tls\": {\"ne\": false}}", VERDICT_NO},
        {"{\"mysql.tls_offered\": true}", VERDICT_YES},
        {"{\"mysql.tls_offered\": false}", VERDICT_NO},
        {"{\"mysql.protocol\": 10}", VERDICT_YES},
        {"{\"mysql.protocol\": {\"ne\": 10}}", VERDICT_NO},
        {"{\"mysql.protocol\": {\"ge\": 9, \"lt\": 10}}", VERDICT_NO},
        {"{\"mysql.auth_plugin\": \"mysql_native_password\"}", VERDICT_YES},
        {"{\"mysql.auth_plugin\": \"Mysql_native_password\"}", VERDICT_NO},
    };
    struct observation observation;
    observe_mysql(&observation);
    assert_cases(&observation, cases);
    observation_deinit(&observation);
}

static void versions_and_times_are_ordered(void **state)
{
    (void)state;
    static const struct judgement_case cases[] = {
        {"{\"version\": {\"version_lt\": \"10.11.7\"}}", VERDICT_YES},
        {"{\"version\": {\"version_lt\": \"10.11.6\"}}", VERDICT_NO},
        {"{\"version\": {\"version_lt\": \"10.9\"}}", VERDICT_NO},
        {"{\"mysql.server_version\": {\"version_lt\": \"99\"}}", VERDICT_UNDETERMINED},
        {"{\"x509.not_after\": {\"before\": \"now\"}}", VERDICT_YES},
        {"{\"x509.not_before\": {\"before\": \"now\"}}", VERDICT_NO},
        {"{\"x509.not_after\": {\"before\": \"2026-05-28\"}}", VERDICT_NO},
        {"{\"x509.not_after\": {\"before\": \"2026-05-29\"}}", VERDICT_YES},
        {"{\"x509.not_after\": {\"before\": \"1970-01-01\"}}", VERDICT_NO},
    };
    struct observation observation;
    observe_mysql(&observation);
    assert_cases(&observation, cases);
    static const struct judgement_case unknown_time[] = {
        {"{\"x509.not_after\": {\"before\": \"now\"}}", VERDICT_UNDETERMINED},
        {"{\"x509.not_after\": {\"before\": \"2026-05-29\"}}", VERDICT_YES},
    };
    observation.time_ms = 0;
    assert_cases(&observation, unknown_time);
    observation_deinit(&observation);
}

/* tls_works was tried and is not known, x509.key_bits was not looked at, product and version can be untold.
 */
static void what_is_not_known_is_neither_yes_nor_no(void **state)
{
    (void)state;
    static const struct judgement_case cases[] = {
        {"{\"mysql.tls_works\": true}", VERDICT_UNDETERMINED},
        {"{\"mysql.tls_works\": {\"ne\": true}}", VERDICT_UNDETERMINED},
        {"{\"x509.key_bits\": {\"lt\": 2048}}", VERDICT_UNDETERMINED},
        {"{\"undetermined\": \"mysql.tls_works\"}", VERDICT_YES},
        {"{\"undetermined\": \"x509.key_bits\"}", VERDICT_YES},
        {"{\"undetermined\": \"mysql.tls_offered\"}", VERDICT_NO},
        {"{\"undetermined\": \"version\"}", VERDICT_NO},
        {"{\"undetermined\": \"port\"}", VERDICT_NO},
        {"{\"service\": \"mysql\", \"mysql.tls_works\": false}", VERDICT_UNDETERMINED},
        {"{\"service\": \"http\", \"mysql.tls_works\": false}", VERDICT_NO},
    };
    struct observation observation;
    observe_mysql(&observation);
    assert_cases(&observation, cases);
    static const struct judgement_case untold[] = {
        {"{\"product\": \"MariaDB\"}", VERDICT_UNDETERMINED},
        {"{\"product\": {\"ne\": \"MariaDB\"}}", VERDICT_UNDETERMINED},
        {"{\"version\": {\"version_lt\": \"9\"}}", VERDICT_UNDETERMINED},
        {"{\"undetermined\": \"product\"}", VERDICT_YES},
    };
    observation.product[0] = observation.version[0] = 0;
    assert_cases(&observation, untold);
    observation_deinit(&observation);
}

/* Kleene's tables for "all", "any" and "not": every pair of N, Y and U. */
static void connectives_follow_kleene(void **state)
{
    (void)state;
    static const char *const parts[] = {"{\"port\": 1}", "{\"port\": 3306}", "{\"mysql.tls_works\": true}"};
    static const enum verdict all[3][3] = {{VERDICT_NO, VERDICT_NO, VERDICT_NO},
                                           {VERDICT_NO, VERDICT_YES, VERDICT_UNDETERMINED},
                                           {VERDICT_NO, VERDICT_UNDETERMINED, VERDICT_UNDETERMINED}};
    static const enum verdict any[3][3] = {{VERDICT_NO, VERDICT_YES, VERDICT_UNDETERMINED},
                                           {VERDICT_YES, VERDICT_YES, VERDICT_YES},
                                           {VERDICT_UNDETERMINED, VERDICT_YES, VERDICT_UNDETERMINED}};
    static const enum verdict not [3] = {VERDICT_YES, VERDICT_NO, VERDICT_UNDETERMINED};
    struct observation observation;
    char text[200];
    observe_mysql(&observation);
    for (size_t a = 0; a < 3; a++) {
        snprintf(text, sizeof text, "{\"not\": %s}", parts[a]);
        assert_judged(&observation, &(struct judgement_case){text, not [a]}, 1);
        for (size_t b = 0; b < 3; b++) {
            snprintf(text, sizeof text, "{\"all\": [%s, %s]}", parts[a], parts[b]);
            assert_judged(&observation, &(struct judgement_case){text, all[a][b]}, 1);
            snprintf(text, sizeof text, "{\"any\": [%s, %s]}", parts[a], parts[b]);
            assert_judged(&observation, &(struct judgement_case){text, any[a][b]}, 1);
        }
    }
    observation_deinit(&observation);
}

static bool concerns(const struct observation *observation, const char *when)
{
    struct condition *condition = read_good(when);
    bool answer = condition_concerns(condition, observation);
    condition_free(&condition);
    return answer;
}

static void only_what_was_looked_at_concerns_an_endpoint(void **state)
{
    (void)state;
    struct observation observation;
    observe_mysql(&observation);
    assert_true(concerns(&observation, "{\"service\": \"mysql\"}"));
    assert_true(concerns(&observation, "{\"service\": \"mysql\", \"mysql.tls_offered\": false}"));
    assert_true(concerns(&observation, "{\"service\": \"mysql\", \"x509.key_bits\": {\"lt\": 2048}}"));
    assert_false(concerns(&observation, "{\"service\": \"redis\", \"mysql.tls_offered\": true}"));
    assert_false(concerns(&observation, "{\"any\": [{\"service\": \"redis\"}, {\"port\": 1}]}"));
    assert_true(concerns(&observation, "{\"any\": [{\"service\": \"redis\"}, {\"port\": 3306}]}"));
    assert_true(concerns(&observation, "{\"not\": {\"port\": 22}}"));
    assert_true(concerns(&observation, "{\"x509.not_after\": {\"before\": \"now\"}}"));
    assert_true(concerns(&observation, "{\"mysql.tls_works\": true}"));
    assert_false(concerns(&observation, "{\"x509.key_bits\": {\"lt\": 2048}}"));
    assert_false(concerns(&observation, "{\"undetermined\": \"x509.key_bits\"}"));
    assert_true(concerns(&observation, "{\"product\": \"nginx\"}"));
    observation.service = "unknown";
    assert_false(concerns(&observation, "{\"product\": \"nginx\"}"));
    observation_deinit(&observation);
}

struct named {
    char text[200];
};

static void name_fact(void *context, const char *fact)
{
    struct named *named = context;
    size_t size = strlen(named->text);
    snprintf(named->text + size, sizeof named->text - size, "%s ", fact);
}

static void facts_are_named_once_each(void **state)
{
    (void)state;
    struct named named = {""};
    struct condition *condition =
        read_good("{\"service\": \"mysql\", \"any\": [{\"mysql.tls_offered\": false}, "
                  "{\"not\": {\"mysql.protocol\": {\"ge\": 1, \"lt\": 10}}}, "
                  "{\"undetermined\": \"mysql.tls_offered\"}]}");
    condition_facts(condition, name_fact, &named);
    assert_string_equal(named.text, "mysql.tls_offered mysql.protocol ");
    condition_free(&condition);
}

static void assert_refused(const char *text, unsigned line, unsigned column, const char *words)
{
    struct complaints complaints;
    struct document document;
    complaints_init(&complaints, "when");
    assert_int_equal(document_parse(&document, text, strlen(text), &complaints), STATUS_OK);
    assert_null(condition_read(&document, document.root, &complaints));
    assert_true(complaints.count > 0);
    const struct complaint *first = &complaints.items[0];
    if (first->line != line || first->column != column || !strstr(first->text, words))
        fail_msg("%s: %u:%u: %s", text, first->line, first->column, first->text);
    document_deinit(&document);
    complaints_deinit(&complaints);
}

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    assert_refused("[]", 1, 1, "a condition is an object");
    assert_refused("{}", 1, 1, "a condition is an object");
    assert_refused("{\"mysql.tls\": true}", 1, 2, "\"mysql.tls\" is no fact");
    assert_refused("{\n \"service\": \"mysq\"}", 2, 13, "\"mysq\" is no service");
    assert_refused("{\"service\": 1}", 1, 13, "must be a string");
    assert_refused("{\"service\": [\"http\"]}", 1, 13, "must be a string");
    assert_refused("{\"transport\": \"sctp\"}", 1, 15, "\"tcp\" or \"udp\"");
    assert_refused("{\"port\": 0}", 1, 10, "from 1 to 65535");
    assert_refused("{\"port\": 65536}", 1, 10, "from 1 to 65535");
    assert_refused("{\"mysql.protocol\": 1.5}", 1, 20, "a whole number");
    assert_refused("{\"mysql.protocol\": 1e300}", 1, 20, "a whole number");
    assert_refused("{\"mysql.protocol\": \"10\"}", 1, 20, "must be a number");
    assert_refused("{\"mysql.tls_offered\": 1}", 1, 23, "true or false");
    assert_refused("{\"mysql.tls_offered\": null}", 1, 23, "true or false");
    assert_refused("{\"mysql.tls_offered\": {\"lt\": true}}", 1, 24, "orders whole numbers");
    assert_refused("{\"mysql.tls_offered\": {\"in\": [true]}}", 1, 24, "true or false");
    assert_refused("{\"mysql.auth_plugin\": {\"lt\": \"x\"}}", 1, 24, "write \"version_lt\"");
    assert_refused("{\"mysql.protocol\": {\"version_lt\": \"1\"}}", 1, 21, "orders versions");
    assert_refused("{\"service\": {\"version_lt\": \"1\"}}", 1, 14, "orders versions");
    assert_refused("{\"version\": {\"version_lt\": \"old\"}}", 1, 28, "takes a version");
    assert_refused("{\"version\": {\"version_lt\": 10}}", 1, 28, "takes a version");
    assert_refused("{\"mysql.protocol\": {\"before\": \"now\"}}", 1, 21, "\"before\" is for times");
    assert_refused("{\"x509.not_after\": {\"before\": \"2026-02-30\"}}", 1, 31, "a day such as");
    assert_refused("{\"x509.not_after\": {\"before\": 5}}", 1, 31, "a day such as");
    assert_refused("{\"x509.not_after\": {\"gt\": 5}}", 1, 21, "write \"before\"");
    assert_refused("{\"x509.not_after\": \"2026-01-01\"}", 1, 20, "is a time");
    assert_refused("{\"port\": {\"above\": 5}}", 1, 11, "no comparison");
    assert_refused("{\"port\": {}}", 1, 10, "a comparison is missing");
    assert_refused("{\"port\": {\"in\": []}}", 1, 17, "never true");
    assert_refused("{\"port\": {\"in\": 5}}", 1, 17, "must be an array");
    assert_refused("{\"port\": {\"in\": [5, \"x\"]}}", 1, 21, "must be a number");
    assert_refused("{\"all\": {\"port\": 1}}", 1, 9, "must be an array");
    assert_refused("{\"any\": []}", 1, 9, "is empty");
    assert_refused("{\"not\": []}", 1, 9, "a condition is an object");
    assert_refused("{\"undetermined\": true}", 1, 18, "must be a string");
    assert_refused("{\"undetermined\": \"all\"}", 1, 18, "no fact");
    assert_refused("{\"all\": [{\"port\": 1}, {\"not\": {\"tls\": 3}}]}", 1, 39, "true or false");
}

static void every_mistake_is_named(void **state)
{
    (void)state;
    static const char text[] = "{\"port\": 0, \"tls\": 1, \"nothing\": 1}";
    struct complaints complaints;
    struct document document;
    complaints_init(&complaints, "when");
    assert_int_equal(document_parse(&document, text, strlen(text), &complaints), STATUS_OK);
    assert_null(condition_read(&document, document.root, &complaints));
    assert_int_equal(complaints.count, 3);
    document_deinit(&document);
    complaints_deinit(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_follow_the_type_of_their_subject),
        cmocka_unit_test(versions_and_times_are_ordered),
        cmocka_unit_test(what_is_not_known_is_neither_yes_nor_no),
        cmocka_unit_test(connectives_follow_kleene),
        cmocka_unit_test(only_what_was_looked_at_concerns_an_endpoint),
        cmocka_unit_test(facts_are_named_once_each),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(every_mistake_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
