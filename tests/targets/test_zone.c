#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "targets/zone.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HOUR         3600

static const char *const zones[] = {"UTC",
                                    "Asia/Shanghai",
                                    "Europe/Berlin",
                                    "America/New_York",
                                    "Asia/Kathmandu",
                                    "Pacific/Apia",
                                    "Australia/Lord_Howe",
                                    "America/Sao_Paulo",
                                    "Africa/Casablanca",
                                    "Pacific/Kiritimati",
                                    "America/St_Johns"};

static void set_zone(const char *name)
{
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
}

static int32_t library_offset(int64_t now_s)
{
    time_t now = (time_t)now_s;
    struct tm tm;
    assert_non_null(localtime_r(&now, &tm));
    return (int32_t)tm.tm_gmtoff;
}

/* Random moments of sixty years, and the seconds around every change. */
static void offsets_agree_with_the_library(void **state)
{
    (void)state;
    const int64_t from_s = 946684800 - INT64_C(20) * 365 * 86400;
    const int64_t until_s = 946684800 + INT64_C(40) * 365 * 86400;
    struct random random = {41};
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct zone zone;
        set_zone("America/Bogota");
        assert_int_equal(zone_init(&zone, zones[i], from_s, until_s), STATUS_OK);
        assert_string_equal(getenv("TZ"), "America/Bogota");
        set_zone(zones[i]);
        for (int j = 0; j < 4000; j++) {
            int64_t now_s = from_s + (int64_t)random_below(&random, (uint64_t)(until_s - from_s));
            assert_int_equal(zone_offset(&zone, now_s), library_offset(now_s));
        }
        for (int64_t at = zone_next_change(&zone, from_s); at != INT64_MAX;
             at = zone_next_change(&zone, at)) {
            assert_int_equal(zone_offset(&zone, at), library_offset(at));
            assert_int_equal(zone_offset(&zone, at - 1), library_offset(at - 1));
            assert_int_not_equal(zone_offset(&zone, at - 1), zone_offset(&zone, at));
        }
        zone_deinit(&zone);
    }
}

static void the_machines_zone_is_taken_without_a_name(void **state)
{
    (void)state;
    struct zone zone;
    set_zone("Asia/Kathmandu");
    assert_int_equal(zone_init(&zone, NULL, 1700000000, 1800000000), STATUS_OK);
    assert_int_equal(zone_offset(&zone, 1750000000), 5 * HOUR + 45 * 60);
    zone_deinit(&zone);
}

/* TZ is as it was, set or not, and the C library with it. */
static void the_process_keeps_its_zone(void **state)
{
    (void)state;
    struct zone zone;
    unsetenv("TZ");
    tzset();
    int32_t before = library_offset(1750000000);
    assert_int_equal(zone_init(&zone, "Asia/Kathmandu", 1700000000, 1800000000), STATUS_OK);
    assert_null(getenv("TZ"));
    assert_int_equal(library_offset(1750000000), before);
    zone_deinit(&zone);
    set_zone("Europe/Berlin");
    assert_int_equal(zone_init(&zone, "Asia/Kathmandu", 1700000000, 1800000000), STATUS_OK);
    assert_int_equal(library_offset(1750000000), 2 * HOUR);
    set_zone("UTC");
    assert_int_equal(zone_offset(&zone, 1750000000), 5 * HOUR + 45 * 60);
    zone_deinit(&zone);
}

/* Berlin in 2026: 29 March and 25 October, both at 01:00 UTC. */
static void changes_are_found_to_the_second(void **state)
{
    (void)state;
    struct zone zone;
    assert_int_equal(zone_init(&zone, "Europe/Berlin", 1767225600, 1798761600), STATUS_OK);
    assert_int_equal(zone.count, 3);
    assert_int_equal(zone_next_change(&zone, 0), 1774746000);
    assert_int_equal(zone_next_change(&zone, 1774745999), 1774746000);
    assert_int_equal(zone_next_change(&zone, 1774746000), 1792890000);
    assert_true(zone_next_change(&zone, 1792890000) == INT64_MAX);
    assert_int_equal(zone_offset(&zone, 1774745999), HOUR);
    assert_int_equal(zone_offset(&zone, 1774746000), 2 * HOUR);
    assert_int_equal(zone_offset(&zone, INT64_MIN), HOUR);
    assert_int_equal(zone_offset(&zone, INT64_MAX), HOUR);
    zone_deinit(&zone);
}

static void only_zones_are_known(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",
                                          ".",
                                          "..",
                                          "/",
                                          "Asia",
                                          "Asia/",
                                          "/Asia",
                                          "Asia//Tokyo",
                                          "asia/Tokyo",
                                          "Asia/Tokyo/",
                                          "zone.tab",
                                          "posix/Asia/Tokyo",
                                          "right/UTC",
                                          "posixrules",
                                          "localtime",
                                          "Asia/../UTC",
                                          "../zoneinfo/UTC",
                                          "UTC0",
                                          "CST-8",
                                          ":UTC",
                                          "Asia/Tokyo ",
                                          "A sia",
                                          "Asia/Tokio",
                                          "Europe/Berlin\n"};
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_false(zone_is_known(unknown[i]));
    for (size_t i = 0; i < COUNT(zones); i++)
        assert_true(zone_is_known(zones[i]));
    char longest[300];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_false(zone_is_known(longest));
}

/* A file in the folder that is no zone is none, and neither is a folder or nothing. */
static void only_zone_files_are_zones(void **state)
{
    (void)state;
    char folder[] = "/tmp/auscult_test_zone_XXXXXX";
    char path[64];
    static const char *const contents[] = {"TZif2", "TZi", "Text that is longer"};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/Somewhere", folder);
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    assert_false(zone_is_known("Somewhere"));
    for (size_t i = 0; i < COUNT(contents); i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(contents[i], file);
        fclose(file);
        assert_int_equal(zone_is_known("Somewhere"), i == 0);
    }
    unsetenv("TZDIR");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* Without a folder of zones there is still UTC. */
static void utc_needs_no_files(void **state)
{
    (void)state;
    struct zone zone;
    assert_int_equal(setenv("TZDIR", "/nonexistent", 1), 0);
    assert_true(zone_is_known("UTC"));
    assert_false(zone_is_known("Asia/Shanghai"));
    assert_int_equal(zone_init(&zone, "UTC", 1700000000, 1800000000), STATUS_OK);
    assert_int_equal(zone_offset(&zone, 1750000000), 0);
    zone_deinit(&zone);
    unsetenv("TZDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_agree_with_the_library),
        cmocka_unit_test(the_machines_zone_is_taken_without_a_name),
        cmocka_unit_test(the_process_keeps_its_zone),
        cmocka_unit_test(changes_are_found_to_the_second),
        cmocka_unit_test(only_zones_are_known),
        cmocka_unit_test(only_zone_files_are_zones),
        cmocka_unit_test(utc_needs_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
