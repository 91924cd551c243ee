#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "targets/reading.h"

/* A reading of one object, and what it has complained of so far. */
struct bench {
    struct scope scope;
    struct complaints complaints;
    struct reading reading;
};

static const cJSON *set_up(struct bench *bench, const char *text)
{
    *bench = (struct bench){.reading = {.scope = &bench->scope, .complaints = &bench->complaints}};
    complaints_init(&bench->complaints, "f");
    assert_int_equal(document_parse(&bench->reading.document, text, strlen(text), &bench->complaints),
                     STATUS_OK);
    return bench->reading.document.root;
}

static void take_down(struct bench *bench, const char *said)
{
    char *found = complaints_format(&bench->complaints);
    assert_string_equal(found, said);
    free(found);
    complaints_deinit(&bench->complaints);
    document_deinit(&bench->reading.document);
    assert_int_equal(bench->reading.status, STATUS_OK);
}

static void members_are_found_by_exact_name(void **state)
{
    (void)state;
    struct bench bench;
    const cJSON *root = set_up(&bench, "{\"A\":1,\"b\":null}");
    assert_null(reading_member(&bench.reading, root, "a", NEED_OPTIONAL, "1"));
    assert_null(reading_member(&bench.reading, root, "a", NEED_REQUIRED, "1"));
    assert_non_null(reading_member(&bench.reading, root, "A", NEED_REQUIRED, "1"));
    assert_null(reading_typed(&bench.reading, root, "b", cJSON_Array, NEED_OPTIONAL, "[]"));
    take_down(
        &bench,
        "f:1:1: \"a\" is missing here; add \"a\": 1\nf:1:12: \"b\" must be an array, not null; write []\n");
}

static void numbers_keep_to_their_bounds(void **state)
{
    (void)state;
    struct bench bench;
    double number = 7;
    const cJSON *root = set_up(&bench, "{\"low\":0.5,\"high\":3,\"text\":\"2\",\"less\":0.49}");
    reading_number(&bench.reading, root, "absent", 0, 1, "1", &number);
    reading_number(&bench.reading, root, "text", 0, 9, "1", &number);
    reading_number(&bench.reading, root, "less", 0.5, 3, "1", &number);
    reading_number(&bench.reading, root, "less", 0.5, DBL_MAX, "1", &number);
    assert_true(number == 7);
    reading_number(&bench.reading, root, "low", 0.5, 3, "1", &number);
    assert_true(number == 0.5);
    reading_number(&bench.reading, root, "high", 0.5, 3, "1", &number);
    assert_true(number == 3);
    take_down(&bench, "f:1:28: \"text\" must be a number, not a string; write 1\n"
                      "f:1:39: \"less\" must lie between 0.5 and 3; write 1\n"
                      "f:1:39: \"less\" must be 0.5 or more; write 1\n");
}

static void texts_and_names_are_plain(void **state)
{
    (void)state;
    struct bench bench;
    const cJSON *root = set_up(&bench, "{\"a\":\"中 b\",\" \":1,\"c\\u0007\":\" \"}");
    char *text = reading_text(&bench.reading, root, "a", NEED_REQUIRED, "\"x\"");
    assert_string_equal(text, "中 b");
    free(text);
    assert_null(reading_text(&bench.reading, root, "none", NEED_OPTIONAL, "\"x\""));
    assert_true(reading_is_name(&bench.reading, root->child));
    assert_false(reading_is_name(&bench.reading, root->child->next));
    assert_false(reading_is_name(&bench.reading, root->child->next->next));
    assert_false(reading_is_text(&bench.reading, root->child->next->next, "c", "\"x\""));
    take_down(&bench, "f:1:14: the key is empty; give it a name\n"
                      "f:1:20: the key holds a control or invisible character (U+0007); remove it\n"
                      "f:1:30: \"c\" is empty; write \"x\"\n");
}

static void days_and_ranges_are_read(void **state)
{
    (void)state;
    struct bench bench;
    struct ranges ranges;
    const cJSON *root =
        set_up(&bench, "{\"d\":\"2026-02-28\",\"e\":\"2026-02-29\",\"r\":[\"10.0.0.1\",\"x\",\"10.0.0.0\"]}");
    ranges_init(&ranges);
    assert_int_equal(reading_day(&bench.reading, root, "d", "\"2026-01-01\""), 20260228);
    assert_int_equal(reading_day(&bench.reading, root, "e", "\"2026-01-01\""), 0);
    assert_false(reading_ranges(&bench.reading, cJSON_GetObjectItemCaseSensitive(root, "r"), "r", &ranges));
    assert_int_equal(ranges.count, 1);
    assert_true(ranges_size(&ranges) == 2);
    ranges_deinit(&ranges);
    take_down(
        &bench,
        "f:1:23: \"2026-02-29\" is not a day of the calendar; write year-month-day, as in \"2026-01-01\"\n"
        "f:1:52: \"x\" is not an address range: write an address (192.0.2.1, 2001:db8::1), a prefix "
        "(192.0.2.0/24) or two addresses (192.0.2.10-192.0.2.20)\n");
}

static void want_of_memory_sticks(void **state)
{
    (void)state;
    struct reading reading = {.status = STATUS_OK};
    assert_true(reading_keep(&reading, STATUS_OK));
    assert_false(reading_keep(&reading, STATUS_NO_MEMORY));
    assert_true(reading_keep(&reading, STATUS_OK));
    assert_int_equal(reading.status, STATUS_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_by_exact_name), cmocka_unit_test(numbers_keep_to_their_bounds),
        cmocka_unit_test(texts_and_names_are_plain),       cmocka_unit_test(days_and_ranges_are_read),
        cmocka_unit_test(want_of_memory_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
