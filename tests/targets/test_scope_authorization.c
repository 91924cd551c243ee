#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "refusal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
/* One more key of the authorization. */
#define KEY(text) "\"reference\": \"R-1\"", "\"reference\": \"R-1\", " text
#define FROM      "\"valid_from\": \"2026-01-01\""
#define UNTIL     "\"valid_until\": \"2026-12-31\""

static const struct refusal required[] = {
    {"\"authorization\": { \"reference\": \"R-1\", ", "\"authorization\": @{ ",
     "add \"reference\": \"contract 2026-017\""},
    {"{ \"reference\": \"R-1\", \"authorized_by\": \"Dr. A\",", "@{ \"reference\": \"R-1\",",
     "add \"authorized_by\":"},
    {"\"reference\": \"R-1\"", "\"reference\": @\"\"", "is empty"},
    {"\"reference\": \"R-1\"", "\"reference\": @\"  \"", "is empty"},
    {"\"reference\": \"R-1\"", "\"reference\": @17", "must be a string, not a number"},
    {"\"reference\": \"R-1\"", "\"reference\": @{}", "must be a string, not an object"},
    {"\"reference\": \"R-1\"", "\"reference\": @\"R\\u001b[2J\"", "U+001B"},
    {"\"reference\": \"R-1\"", "\"reference\": @\"R\\u202e\"", "U+202E"},
    {"\"reference\": \"R-1\"", "\"reference\": @\"R\xe2\x80\xae\"", "U+202E"},
    {"\"reference\": \"R-1\"", "\"reference\": @\"R\\n2\"", "U+000A"},
    {"\"authorized_by\": \"Dr. A\"", "\"authorized_by\": @null", "must be a string, not null"},
    {"\"contact\": \"+86 10 0000\"", "\"contact\": @[]", "must be a string, not an array"},
    {KEY("@\"referense\": \"x\""), "did you mean \"reference\"?"},
    {KEY("@\"signature\": \"x\""),
     "known here: reference, authorized_by, contact, valid_from, valid_until, hours, "
     "timezone, max_rate, max_rate_per_host, max_rate_per_network, ports, exclude_ports"},
};

static const struct refusal dates[] = {
    {FROM, "\"valid_from\": @\"2026-02-29\"", "\"2026-02-29\" is not a day"},
    {FROM, "\"valid_from\": @\"2026-13-01\"", "is not a day"},
    {FROM, "\"valid_from\": @\"2026-00-10\"", "is not a day"},
    {FROM, "\"valid_from\": @\"2026-1-1\"", "is not a day"},
    {FROM, "\"valid_from\": @\"01.01.2026\"", "year-month-day"},
    {FROM, "\"valid_from\": @\"2026-01-01T00:00\"", "is not a day"},
    {FROM, "\"valid_from\": @\"\"", "is not a day"},
    {FROM, "\"valid_from\": @20260101", "must be a string"},
    {UNTIL, "\"valid_until\": @\"2026-04-31\"", "is not a day"},
    {UNTIL, "\"valid_until\": @\"2025-12-31\"",
     "comes before \"valid_from\"; write a day from 2026-01-01 on"},
    {UNTIL, "\"valid_until\": @\"2926-12-31\"", "more than 100 years"},
};

static const struct refusal hours[] = {
    {KEY("\"hours\": @\"22:00-06:00\""), "must be an array"},
    {KEY("\"hours\": @[]"), "leave it out to allow all hours"},
    {KEY("\"hours\": [@22]"), "must be a string"},
    {KEY("\"hours\": [\"01:00-02:00\", @\"22:00-6:00\"]"), "as in \"22:00-06:00\""},
    {KEY("\"hours\": [@\"24:00-06:00\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"22:60-06:00\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"22:00-24:01\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"22:00 06:00\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"22.00-06.00\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"-1:00-06:00\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"\"]"), "no span of hours"},
    {KEY("\"hours\": [@\"08:00-08:00\"]"), "for the whole day write \"00:00-24:00\""},
    {KEY("\"timezone\": @\"\""), "is empty"},
    {KEY("\"timezone\": @8"), "must be a string"},
    {KEY("\"timezone\": @\"Mars/Olympus\""), "\"Mars/Olympus\" is no time zone"},
    {KEY("\"timezone\": @\"asia/shanghai\""), "is no time zone"},
    {KEY("\"timezone\": @\"../../../etc/passwd\""), "is no time zone"},
    {KEY("\"timezone\": @\"/usr/share/zoneinfo/Asia/Shanghai\""), "is no time zone"},
    {KEY("\"timezone\": @\"Asia/../Asia/Shanghai\""), "is no time zone"},
    {KEY("\"timezone\": @\"Asia//Shanghai\""), "is no time zone"},
    {KEY("\"timezone\": @\"Asia/\""), "is no time zone"},
    {KEY("\"timezone\": @\"Asia\""), "is no time zone"},
    {KEY("\"timezone\": @\"CST-8\""), "is no time zone"},
    {KEY("\"timezone\": @\"tzdata.zi\""), "is no time zone"},
    {KEY("\"timezone\": @\"UTC+8\""), "is no time zone"},
};

static const struct refusal limits[] = {
    {KEY("\"max_rate\": @0"), "between 0.001 and"},
    {KEY("\"max_rate\": @-5"), "between 0.001 and"},
    {KEY("\"max_rate\": @1e10"), "between 0.001 and"},
    {KEY("\"max_rate\": @1e999"), "too large"},
    {KEY("\"max_rate\": @\"2000\""), "must be a number, not a string; write 2000"},
    {KEY("\"max_rate\": @null"), "must be a number"},
    {KEY("\"max_rate_per_host\": @0"), "between 0.001 and"},
    {KEY("\"max_rate_per_host\": @1e-9"), "between 0.001 and"},
    {KEY("\"max_rate_per_host\": @[20]"), "must be a number, not an array; write 20"},
    {KEY("\"max_rate_per_network\": @0"), "between 0.001 and"},
    {KEY("\"max_rate_per_network\": @\"100\""), "must be a number, not a string; write 100"},
    {KEY("\"ports\": @[22]"), "must be a string"},
    {KEY("\"ports\": @\"\""), "leave it out for no limit"},
    {KEY("\"ports\": @\"22,http\""), "\"ports\" is wrong from \"http\" on: write a port number"},
    {KEY("\"ports\": @\"22,0\""), "from 1 to 65535"},
    {KEY("\"ports\": @\"90-80\""), "lower port first"},
    {KEY("\"exclude_ports\": @\"80;81\""),
     "\"exclude_ports\" is wrong from \";81\" on: separate ports by commas"},
    {KEY("\"exclude_ports\": @9100"), "must be a string"},
};

static void what_is_required_is_demanded(void **state)
{
    (void)state;
    assert_refused(required, COUNT(required));
}

static void dates_are_checked(void **state)
{
    (void)state;
    assert_refused(dates, COUNT(dates));
}

static void hours_and_zone_are_checked(void **state)
{
    (void)state;
    assert_refused(hours, COUNT(hours));
}

static void rates_and_ports_are_checked(void **state)
{
    (void)state;
    assert_refused(limits, COUNT(limits));
}

static void one_day_is_enough(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, UNTIL, "\"valid_until\": \"2026-01-01\"");
    assert_int_equal(scope.valid_from_day, scope.valid_until_day);
    scope_deinit(&scope);
    assert_read(&scope, FROM, "\"valid_from\": \"2024-02-29\"");
    assert_int_equal(scope.valid_from_day, 20240229);
    scope_deinit(&scope);
}

static void hours_are_minutes_of_the_day(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope,
                KEY("\"hours\": [\"22:00-06:30\", \"00:00-24:00\", \"12:00-13:01\", \"23:59-00:00\"]"));
    static const struct hours right[] = {{1320, 390}, {0, 1440}, {720, 781}, {1439, 0}};
    assert_int_equal(scope.hours_count, COUNT(right));
    assert_memory_equal(scope.hours, right, sizeof right);
    scope_deinit(&scope);
}

static void zones_that_exist_are_taken(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC",          "Asia/Shanghai", "America/Argentina/Buenos_Aires",
                                        "Etc/GMT-14",   "Asia/Urumqi",   "America/Port-au-Prince",
                                        "Europe/Berlin"};
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct scope scope;
        char key[200] = "\"reference\": \"R-1\", \"timezone\": \"";
        strcat(strcat(key, zones[i]), "\"");
        assert_read(&scope, "\"reference\": \"R-1\"", key);
        assert_string_equal(scope.timezone, zones[i]);
        scope_deinit(&scope);
    }
}

static void ports_may_be_limited_and_the_printers_asked_for(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, KEY("\"ports\": \"22, 161/udp\", \"exclude_ports\": \"\", \"max_rate\": 0.5"));
    assert_int_equal(scope.ports.count, 2);
    assert_int_equal(scope.exclude_ports.count, 0);
    assert_true(scope.max_rate == 0.5);
    scope_deinit(&scope);
    assert_read(&scope, KEY("\"exclude_ports\": \"23,514/udp\""));
    assert_int_equal(scope.exclude_ports.count, 2);
    assert_true(ports_contain(&scope.exclude_ports, 514, TRANSPORT_UDP));
    scope_deinit(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_required_is_demanded),
        cmocka_unit_test(dates_are_checked),
        cmocka_unit_test(hours_and_zone_are_checked),
        cmocka_unit_test(rates_and_ports_are_checked),
        cmocka_unit_test(one_day_is_enough),
        cmocka_unit_test(hours_are_minutes_of_the_day),
        cmocka_unit_test(zones_that_exist_are_taken),
        cmocka_unit_test(ports_may_be_limited_and_the_printers_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
