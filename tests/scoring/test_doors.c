#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hospitals.h"
#include "scoring/changes.h"
#include "scoring/report/doors.h"

static struct finding at(const char *address, uint16_t port, char *key)
{
    struct finding finding = {.port = {port, TRANSPORT_TCP}, .key = key, .count = 1};
    finding.has_address = address && address_parse(address, strlen(address), &finding.address);
    return finding;
}

static void test_places(void **state)
{
    (void)state;
    char key[] = "bucket", other[] = "another";
    struct finding mysql = at("192.0.2.10", 3306, NULL), rdp = at("192.0.2.10", 3389, NULL);
    struct finding ipv6 = at("2001:db8::1", 443, NULL), bucket = at(NULL, 0, key),
                   another = at(NULL, 0, other);
    assert_int_equal(door_place_compare(UNIT_HOST, &mysql, &rdp), 0);
    assert_true(door_place_compare(UNIT_ENDPOINT, &mysql, &rdp) < 0);
    assert_true(door_place_compare(UNIT_ENDPOINT, &rdp, &mysql) > 0);
    assert_true(door_place_compare(UNIT_HOST, &mysql, &ipv6) != 0);
    assert_true(door_place_compare(UNIT_KEY, &bucket, &another) > 0);
    assert_int_equal(door_place_compare(UNIT_KEY, &bucket, &bucket), 0);
    assert_int_equal(door_place_compare(UNIT_ORGANIZATION, &bucket, &mysql), 0);
    assert_true(door_place_compare(UNIT_ENDPOINT, &mysql, &bucket) < 0);
}

static void says(enum item_unit unit, struct finding finding, const char *expected)
{
    char text[DOOR_PLACE_MAX];
    door_place(unit, &finding, text);
    assert_string_equal(text, expected);
}

static void test_place_texts(void **state)
{
    (void)state;
    char key[] = "bucket", *long_key = malloc(5000);
    says(UNIT_ENDPOINT, at("192.0.2.10", 3306, NULL), "192.0.2.10:3306");
    says(UNIT_ENDPOINT, at("2001:db8::1", 443, NULL), "[2001:db8::1]:443");
    says(UNIT_HOST, at("2001:db8::1", 443, NULL), "2001:db8::1");
    says(UNIT_KEY, at(NULL, 0, key), "bucket");
    says(UNIT_KEY, at("192.0.2.10", 80, key), "192.0.2.10:80 bucket");
    says(UNIT_ORGANIZATION, at(NULL, 0, NULL), "");
    struct finding udp = at("2001:db8::1", 161, NULL);
    udp.port.transport = TRANSPORT_UDP;
    says(UNIT_ENDPOINT, udp, "[2001:db8::1]:161/udp");
    char text[DOOR_PLACE_MAX];
    memset(long_key, 'k', 4999);
    long_key[4999] = 0;
    struct finding wide = at("2001:db8::1", 443, long_key), keyed = at(NULL, 0, long_key);
    door_place(UNIT_KEY, &wide, text);
    assert_int_equal(strlen(text), DOOR_PLACE_MAX - 1);
    door_place(UNIT_KEY, &keyed, text);
    assert_int_equal(strlen(text), DOOR_PLACE_MAX - 1);
    free(long_key);
}

static void test_collect(void **state)
{
    (void)state;
    struct hospitals hospitals;
    struct doors doors;
    hospitals_init(&hospitals);
    assert_int_equal(doors_collect(&hospitals.report, &hospitals.organizations[0], &doors), STATUS_OK);
    assert_int_equal(doors.count, 11);
    size_t answered = 0;
    for (size_t i = 0; i < doors.count; i++) {
        const struct door *door = &doors.items[i];
        assert_null(door->risk);
        assert_false(isnan(door->gain));
        assert_true(i == 0 || doors.items[i - 1].gain >= door->gain - 1e-9);
        assert_int_equal(door->first_ms, 1780000001005);
        answered += door->answer != NULL;
        if (door->answer) {
            assert_string_equal(door->answer->version, "10.11.6");
            assert_string_equal(door->asset->name, "HIS数据库");
            assert_int_equal(door->finding.asset, 5);
        }
    }
    assert_int_equal(answered, 2); /* two items at the one endpoint that was observed */
    doors_deinit(&doors);
    hospitals_deinit(&hospitals);
}

/* What the scope accepts is listed once, behind what counts, and in force it is none. */
static void test_left_out(void **state)
{
    (void)state;
    struct hospitals hospitals;
    struct doors doors;
    hospitals_init(&hospitals);
    assert_int_equal(doors_collect(&hospitals.report, &hospitals.organizations[1], &doors), STATUS_OK);
    assert_int_equal(doors.count, 2);
    assert_string_equal(doors.items[0].finding.item, "H03-1");
    assert_string_equal(doors.items[1].finding.item, "H03-2");
    assert_true(isnan(doors.items[1].gain));
    assert_string_equal(doors.items[1].risk->by, "信息科");
    assert_false(doors.items[1].marked);
    doors_deinit(&doors);
    hospitals.report.scope = NULL;
    assert_int_equal(doors_collect(&hospitals.report, &hospitals.organizations[1], &doors), STATUS_OK);
    assert_int_equal(doors.count, 1);
    doors_deinit(&doors);
    hospitals_deinit(&hospitals);
}

/* A change is the door's of the same item and place, and knows since when it is there. */
static void test_changes(void **state)
{
    (void)state;
    struct hospitals hospitals;
    struct doors doors;
    hospitals_init(&hospitals);
    const struct catalogue *catalogue = &hospitals.catalogue;
    struct finding places[] = {at("192.0.2.10", 3306, NULL), at("2001:db8::10", 3306, NULL),
                               at("192.0.2.99", 3306, NULL), at("192.0.2.10", 3306, NULL)};
    struct change items[] = {
        {.kind = CHANGE_OPEN,
         .organization = "h001",
         .item = catalogue_item(catalogue, "H04-1"),
         .first_ms = 5},
        {.kind = CHANGE_NEW,
         .organization = "h001",
         .item = catalogue_item(catalogue, "H04-1"),
         .first_ms = 6},
        {.kind = CHANGE_MENDED,
         .organization = "h001",
         .item = catalogue_item(catalogue, "H04-1"),
         .first_ms = 7},
        {.kind = CHANGE_BACK,
         .organization = "h002",
         .item = catalogue_item(catalogue, "H04-2"),
         .first_ms = 8},
    };
    for (size_t i = 0; i < 4; i++)
        items[i].finding = &places[i];
    const struct changes changes = {.items = items, .count = 4};
    hospitals.report.changes = &changes;
    assert_int_equal(doors_collect(&hospitals.report, &hospitals.organizations[0], &doors), STATUS_OK);
    assert_int_equal(doors.places_count, 3);
    size_t found = 0;
    for (size_t i = 0; i < doors.count; i++) {
        const struct door *door = &doors.items[i];
        bool mysql = strcmp(door->finding.item, "H04-1") == 0;
        assert_int_equal(door->change != NULL, mysql);
        if (mysql) {
            bool ipv4 = address_is_ipv4(door->finding.address);
            assert_int_equal(door->change->kind, ipv4 ? CHANGE_OPEN : CHANGE_NEW);
            assert_int_equal(door->first_ms, ipv4 ? 5 : 6);
            found++;
        }
    }
    assert_int_equal(found, 2);
    doors_deinit(&doors);
    hospitals_deinit(&hospitals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),   cmocka_unit_test(test_place_texts), cmocka_unit_test(test_collect),
        cmocka_unit_test(test_left_out), cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
