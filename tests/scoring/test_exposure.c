#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ward.h"

/* Every port is one that a scan by the built-in catalogue asks, or nothing could be said of it. */
static void test_asked_by_default(void **state)
{
    (void)state;
    struct exposures exposures;
    struct catalogue catalogue;
    struct complaints complaints;
    struct ports asked;
    complaints_init(&complaints, "catalogue");
    assert_int_equal(catalogue_load(&catalogue, NULL, 0, &complaints), STATUS_OK);
    assert_int_equal(catalogue_ports(&catalogue, TRANSPORT_TCP, &asked), STATUS_OK);
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    for (size_t i = 0; i < exposures.count; i++)
        for (size_t j = 0; j < exposures.items[i].ports.count; j++)
            if (!ports_contain(&asked, exposures.items[i].ports.items[j].number, TRANSPORT_TCP))
                fail_msg("%s: %u is not asked", exposures.items[i].id,
                         exposures.items[i].ports.items[j].number);
    exposures_deinit(&exposures);
    ports_deinit(&asked);
    catalogue_deinit(&catalogue);
    complaints_deinit(&complaints);
}

static bool has(const struct exposures *exposures, const char *id)
{
    for (size_t i = 0; i < exposures->count; i++)
        if (strcmp(exposures->items[i].id, id) == 0)
            return true;
    return false;
}

static void test_own(void **state)
{
    (void)state;
    static const char *const own[] = {"open-3306", "open-3389",         "open-445",    "open-1433",
                                      "open-1521", "open-5432",         "open-6379",   "open-27017",
                                      "open-9200", "open-11211",        "open-54321",  "open-database",
                                      "open-mail", "open-remote-login", "open-medical"};
    struct exposures exposures;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    assert_int_equal(exposures.count, sizeof own / sizeof own[0]);
    for (size_t i = 0; i < exposures.count; i++) {
        assert_true(has(&exposures, own[i]));
        assert_true(exposures.items[i].names[LANGUAGE_ZH] && exposures.items[i].names[LANGUAGE_EN]);
        assert_int_equal(exposures_find(&exposures, &exposures.items[i].ports), i);
    }
    exposures_deinit(&exposures);
}

/* A baseline brings its own ports, once each; those of the program's stay the program's. */
static void test_of_a_baseline(void **state)
{
    (void)state;
    struct baseline baseline;
    struct exposures exposures;
    ward_load(&baseline, NULL);
    assert_int_equal(exposures_init(&exposures, &baseline), STATUS_OK);
    assert_int_equal(exposures.count, 15);
    exposures_deinit(&exposures);
    baseline_deinit(&baseline);
    ward_load(
        &baseline,
        "{\"auscult_baseline\": 1, \"name\": \"b\", \"date\": \"2026\", \"population\": {\"en\": \"p\"},"
        " \"source\": {\"en\": \"s\"}, \"figures\": ["
        "{\"id\": \"web\", \"zh\": \"网\", \"en\": \"web\", \"ports\": \"80,443\", \"denominator\": "
        "\"host\", "
        "\"share\": 0.5},"
        "{\"id\": \"web-orgs\", \"zh\": \"网\", \"en\": \"web\", \"ports\": \"443,80\", \"denominator\": "
        "\"organization\", \"share\": 0.9},"
        "{\"id\": \"dns\", \"zh\": \"域\", \"en\": \"dns\", \"ports\": \"80,443/udp\", \"denominator\": "
        "\"host\", \"share\": 0.9}]}");
    assert_int_equal(exposures_init(&exposures, &baseline), STATUS_OK);
    assert_int_equal(exposures.count, 17);
    assert_string_equal(exposures.items[15].id, "web");
    assert_string_equal(exposures.items[15].names[LANGUAGE_ZH], "网");
    assert_int_equal(exposures_find(&exposures, &baseline.figures[1].ports), 15);
    exposures_deinit(&exposures);
    baseline_deinit(&baseline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_by_default),
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_of_a_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
