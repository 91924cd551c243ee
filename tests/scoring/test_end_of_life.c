#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "scoring/data.h"
#include "scoring/end_of_life.h"
#include "scoring/finding.h"
#include "scoring/timestamp.h"
#include "targets/calendar.h"

static const char table_text[] =
    "{\"auscult_end_of_life\":1,\"date\":\"2026-05-05\",\"products\":[{\"product\":\"MySQL\",\"cycles\":["
    "{\"cycle\":\"5.7\",\"end\":\"2023-10-31\"},{\"cycle\":\"8.0\",\"end\":\"2026-04-30\",\"packaged\":"
    "\"2032-05-31\"},{\"cycle\":\"8\",\"end\":\"2020-01-01\"},{\"cycle\":\"9.9\",\"end\":null}]},{"
    "\"product\":"
    "\"Server\",\"cycles\":[{\"cycle\":\"13.0\",\"end\":\"2026-07-14\",\"extended\":\"2029-07-17\"}]}]}";

static struct observation seen(const char *product, const char *version, const char *when)
{
    struct observation observation;
    observation_init(&observation, address_from_ipv4(1), (struct port){3306, TRANSPORT_TCP});
    observation.service = "mysql";
    observation_product(&observation, product);
    observation_version(&observation, (struct span){(const uint8_t *)version, strlen(version)});
    if (when && !timestamp_parse(when, &observation.time_ms))
        fail_msg("no time: %s", when);
    return observation;
}

static enum verdict judge(const char *text, const char *product, const char *version, const char *when,
                          const char *distribution)
{
    struct end_of_life table;
    struct observation observation = seen(product, version, when);
    const char *why = NULL;
    int day = 0;
    if (distribution)
        observation_words(&observation, fact_named("software.distribution"), distribution);
    assert_int_equal(end_of_life_read(text, &table), STATUS_OK);
    enum verdict verdict = end_of_life_judge(&table, &observation, &why, &day);
    assert_int_equal(verdict == VERDICT_UNDETERMINED, why != NULL);
    end_of_life_deinit(&table);
    observation_deinit(&observation);
    return verdict;
}

#define NOW "2026-11-22T12:00:00Z"

static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        const char *product, *version, *when, *distribution;
        enum verdict verdict;
    } cases[] = {
        {"MySQL", "5.7.44", NOW, NULL, VERDICT_YES},
        {"MySQL", "5.7", NOW, NULL, VERDICT_YES},
        {"MySQL", "5.7.44", "2023-10-31T23:59:59Z", NULL, VERDICT_NO}, /* that day included */
        {"MySQL", "5.7.44", "2023-11-01T00:00:00Z", NULL, VERDICT_YES},
        {"MySQL", "5.70.1", NOW, NULL, VERDICT_UNDETERMINED},
        {"MySQL", "5.7.44", NOW, "Ubuntu", VERDICT_UNDETERMINED},
        {"MySQL", "5.7.44", "2020-01-01T00:00:00Z", "Ubuntu", VERDICT_NO},
        {"MySQL", "8.0.36", NOW, NULL, VERDICT_UNDETERMINED}, /* the longest cycle, and packaged */
        {"MySQL", "8.0.36", "2032-06-01T00:00:00Z", NULL, VERDICT_YES},
        {"MySQL", "8.1.0", NOW, NULL, VERDICT_YES},
        {"MySQL", "9.9.1", NOW, NULL, VERDICT_NO},
        {"MySQL", "9.9.1", "2027-05-06T00:00:00Z", NULL, VERDICT_UNDETERMINED}, /* the table is too old */
        {"MySQL", "5.7.44", NULL, NULL, VERDICT_UNDETERMINED},
        {"MySQL", "", NOW, NULL, VERDICT_UNDETERMINED},
        {"", "5.7.44", NOW, NULL, VERDICT_UNDETERMINED},
        {"mysql", "5.7.44", NOW, NULL, VERDICT_UNDETERMINED},
        {"Server", "13.0.5026", NOW, NULL, VERDICT_UNDETERMINED}, /* for money */
        {"Server", "13.0.5026", "2029-07-18T00:00:00Z", NULL, VERDICT_YES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (judge(table_text, cases[i].product, cases[i].version, cases[i].when, cases[i].distribution) !=
            cases[i].verdict)
            fail_msg("case %zu: %s %s", i, cases[i].product, cases[i].version);
}

/* What is sure of the built-in table, and what must not be said of software that distributions maintain. */
static void test_built_in(void **state)
{
    (void)state;
    assert_int_equal(judge(NULL, "MySQL", "5.5.62", NOW, NULL), VERDICT_YES);
    assert_int_equal(judge(NULL, "MySQL", "8.4.3", NOW, NULL), VERDICT_NO);
    assert_int_equal(judge(NULL, "MariaDB", "10.11.6", NOW, "Debian"), VERDICT_NO);
    assert_int_equal(judge(NULL, "MariaDB", "10.1.48", NOW, NULL), VERDICT_YES);
    assert_int_equal(judge(NULL, "MariaDB", "10.3.9", NOW, NULL), VERDICT_UNDETERMINED);
    assert_int_equal(judge(NULL, "nginx", "1.22.1", NOW, NULL), VERDICT_UNDETERMINED);
    assert_int_equal(judge(NULL, "nginx", "1.13.6", NOW, NULL), VERDICT_YES);
    assert_int_equal(judge(NULL, "Exim", "4.96", NOW, NULL), VERDICT_UNDETERMINED);
    assert_int_equal(judge(NULL, "Elasticsearch", "7.10.2", NOW, NULL), VERDICT_YES);
    assert_int_equal(judge(NULL, "Elasticsearch", "8.19.2", NOW, NULL), VERDICT_NO);
    assert_int_equal(judge(NULL, "Oracle Database", "11.2.0.4.0", NOW, NULL), VERDICT_YES);
    assert_int_equal(judge(NULL, "Oracle Database", "19.0.0.0.0", NOW, NULL), VERDICT_NO);
    assert_int_equal(judge(NULL, "Microsoft SQL Server", "10.50.1600", NOW, NULL), VERDICT_YES);
    assert_int_equal(judge(NULL, "Microsoft SQL Server", "13.0.5026", NOW, NULL), VERDICT_UNDETERMINED);
    assert_int_equal(judge(NULL, "Microsoft SQL Server", "15.0.2000", NOW, NULL), VERDICT_NO);
    assert_int_equal(judge(NULL, "OpenSSH", "6.6.1p1", NOW, NULL), VERDICT_UNDETERMINED);
}

static void test_table_is_in_order(void **state)
{
    (void)state;
    struct end_of_life table;
    assert_int_equal(end_of_life_read(NULL, &table), STATUS_OK);
    assert_true(table.products_count >= 10 && table.day > 20260101);
    for (size_t i = 0; i < table.products_count; i++)
        for (size_t j = 0; j < table.products[i].cycles_count; j++) {
            const struct end_of_life_cycle *cycle = &table.products[i].cycles[j];
            bool later = (!cycle->extended_day || cycle->extended_day > cycle->end_day) &&
                         (!cycle->packaged_day || cycle->packaged_day > cycle->end_day) &&
                         (cycle->end_day || (!cycle->extended_day && !cycle->packaged_day));
            if (!later)
                fail_msg("%s %s ends before it ends", table.products[i].product, cycle->cycle);
            for (size_t k = 0; k < j; k++)
                assert_string_not_equal(table.products[i].cycles[k].cycle, cycle->cycle);
        }
    end_of_life_deinit(&table);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"auscult_end_of_life\":1,\"products\":[]}",
        "{\"auscult_end_of_life\":1,\"date\":\"2026-02-30\",\"products\":[]}",
        "{\"auscult_end_of_life\":1,\"date\":\"2026-02-01\",\"products\":[{\"product\":\"\",\"cycles\":[]}]}",
        "{\"auscult_end_of_life\":1,\"date\":\"2026-02-01\",\"products\":[{\"product\":\"a\"}]}",
        "{\"auscult_end_of_life\":1,\"date\":\"2026-02-01\",\"products\":[{\"product\":\"a\",\"cycles\":[{"
        "\"cycle\":"
        "\"1\"}]}]}",
        "{\"auscult_end_of_life\":1,\"date\":\"2026-02-01\",\"products\":[{\"product\":\"a\",\"cycles\":[{"
        "\"cycle\":"
        "\"1\",\"end\":2020}]}]}",
        "{\"auscult_end_of_life\":1,\"date\":\"2026-02-01\",\"products\":[{\"product\":\"a\",\"cycles\":[{"
        "\"cycle\":"
        "\"12345678901234567\",\"end\":null}]}]}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct end_of_life table;
        if (end_of_life_read(wrong[i], &table) != STATUS_WRONG_FILE)
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(table.products_count, 0);
    }
}

static void load(struct catalogue *catalogue)
{
    struct complaints complaints;
    complaints_init(&complaints, "");
    assert_int_equal(catalogue_load(catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
}

/* From the catalogue's condition to a finding that says when the end was. */
static void test_finding(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct judgement judgement;
    struct observation observation = seen("MySQL", "5.6.51", NOW);
    load(&catalogue);
    assert_int_equal(judgement_make(&catalogue, &observation, &judgement), STATUS_OK);
    const struct finding *found = NULL;
    for (size_t i = 0; i < judgement.count; i++)
        if (strcmp(judgement.findings[i].item, "H09-2") == 0)
            found = &judgement.findings[i];
    assert_non_null(found);
    assert_non_null(strstr(found->why, "MySQL 5.6.51; end of life 2021-02-28"));
    assert_non_null(strstr(found->facts, "\"software.end_of_life\":\"2021-02-28\""));
    judgement_deinit(&judgement);
    observation_deinit(&observation);
    observation = seen("nginx", "1.22.1", NOW);
    observation.service = "http";
    assert_int_equal(judgement_make(&catalogue, &observation, &judgement), STATUS_OK);
    size_t item = catalogue_item(&catalogue, "H09-2");
    assert_true(judgement.asked[item] && judgement.undetermined[item]);
    judgement_deinit(&judgement);
    observation_deinit(&observation);
    observation = seen("", "", NOW);
    assert_int_equal(judgement_make(&catalogue, &observation, &judgement), STATUS_OK);
    assert_false(judgement.asked[item]);
    judgement_deinit(&judgement);
    observation_deinit(&observation);
    catalogue_deinit(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),          cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_table_is_in_order), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
