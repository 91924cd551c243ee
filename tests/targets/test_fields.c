#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "targets/fields.h"
#include "targets/utf8.h"

/* The fields of one object, and what it has complained of so far. */
struct bench {
    struct document document;
    struct complaints complaints;
    struct fields fields;
};

static const cJSON *set_up(struct bench *bench, const char *text)
{
    *bench = (struct bench){.fields = {&bench->document, &bench->complaints, utf8_unsafe, STATUS_OK}};
    complaints_init(&bench->complaints, "f");
    assert_int_equal(document_parse(&bench->document, text, strlen(text), &bench->complaints), STATUS_OK);
    return bench->document.root;
}

static void take_down(struct bench *bench, const char *said)
{
    char *found = complaints_format(&bench->complaints);
    assert_string_equal(found, said);
    free(found);
    complaints_deinit(&bench->complaints);
    document_deinit(&bench->document);
    assert_int_equal(bench->fields.status, STATUS_OK);
}

static void members_are_found_by_exact_name(void **state)
{
    (void)state;
    struct bench bench;
    const cJSON *root = set_up(&bench, "{\"A\":1,\"b\":null}");
    assert_null(fields_member(&bench.fields, root, "a", FIELD_OPTIONAL, "1"));
    assert_null(fields_member(&bench.fields, root, "a", FIELD_REQUIRED, "1"));
    assert_non_null(fields_member(&bench.fields, root, "A", FIELD_REQUIRED, "1"));
    assert_null(fields_typed(&bench.fields, root, "b", cJSON_Array, FIELD_OPTIONAL, "[]"));
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
    fields_number(&bench.fields, root, "absent", FIELD_OPTIONAL, 0, 1, "1", &number);
    fields_number(&bench.fields, root, "text", FIELD_OPTIONAL, 0, 9, "1", &number);
    fields_number(&bench.fields, root, "less", FIELD_OPTIONAL, 0.5, 3, "1", &number);
    fields_number(&bench.fields, root, "less", FIELD_OPTIONAL, 0.5, DBL_MAX, "1", &number);
    assert_true(number == 7);
    fields_number(&bench.fields, root, "low", FIELD_OPTIONAL, 0.5, 3, "1", &number);
    assert_true(number == 0.5);
    fields_number(&bench.fields, root, "high", FIELD_OPTIONAL, 0.5, 3, "1", &number);
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
    char *text = NULL;
    fields_text(&bench.fields, root, "a", FIELD_REQUIRED, "\"x\"", &text);
    assert_string_equal(text, "中 b");
    free(text);
    text = NULL;
    fields_text(&bench.fields, root, "none", FIELD_OPTIONAL, "\"x\"", &text);
    assert_null(text);
    assert_true(fields_is_name(&bench.fields, root->child));
    assert_false(fields_is_name(&bench.fields, root->child->next));
    assert_false(fields_is_name(&bench.fields, root->child->next->next));
    assert_false(fields_is_text(&bench.fields, root->child->next->next, "c", "\"x\""));
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
    assert_int_equal(fields_day(&bench.fields, root, "d", "\"2026-01-01\""), 20260228);
    assert_int_equal(fields_day(&bench.fields, root, "e", "\"2026-01-01\""), 0);
    assert_false(fields_ranges(&bench.fields, cJSON_GetObjectItemCaseSensitive(root, "r"), "r", &ranges));
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
    struct fields fields = {.status = STATUS_OK};
    assert_true(fields_keep(&fields, STATUS_OK));
    assert_false(fields_keep(&fields, STATUS_NO_MEMORY));
    assert_true(fields_keep(&fields, STATUS_OK));
    assert_int_equal(fields.status, STATUS_NO_MEMORY);
}

static void words_ids_and_whole_numbers_are_checked(void **state)
{
    (void)state;
    static const char *const words[] = {"low", "high", NULL};
    struct bench bench;
    int choice = 7, whole = 7;
    const cJSON *root = set_up(&bench, "{\"w\":\"high\",\"v\":\"High\",\"n\":5,\"m\":4.5,\"id\":\"a b\"}");
    fields_choice(&bench.fields, root, "v", FIELD_REQUIRED, words, &choice);
    fields_whole(&bench.fields, root, "m", FIELD_REQUIRED, 1, 5, &whole);
    assert_true(choice == 7 && whole == 7);
    fields_choice(&bench.fields, root, "w", FIELD_REQUIRED, words, &choice);
    fields_whole(&bench.fields, root, "n", FIELD_REQUIRED, 1, 5, &whole);
    assert_true(choice == 1 && whole == 5);
    assert_true(fields_is_id(&bench.fields, root->child, "w", "\"a\""));
    assert_false(fields_is_id(&bench.fields, cJSON_GetObjectItemCaseSensitive(root, "id"), "id", "\"a\""));
    assert_int_equal(fields_complaints(&bench.complaints), 3);
    take_down(&bench, "f:1:17: \"v\" must be one of \"low\", \"high\"\n"
                      "f:1:34: \"m\" must be a whole number from 1 to 5\n"
                      "f:1:43: \"id\" must be 1 to 40 letters, digits, dots, dashes or underscores; write "
                      "\"a\"\n");
}

static bool is_dash(uint32_t code)
{
    return code == '-';
}

static void each_reader_says_what_no_text_may_hold(void **state)
{
    (void)state;
    struct bench bench;
    char *text = strdup("before");
    const cJSON *root = set_up(&bench, "{\"a\":\"x-y\",\"b\":\"x y\"}");
    bench.fields.unsafe = is_dash;
    fields_text(&bench.fields, root, "a", FIELD_REQUIRED, "\"x\"", &text);
    assert_string_equal(text, "before");
    fields_text(&bench.fields, root, "b", FIELD_REQUIRED, "\"x\"", &text);
    assert_string_equal(text, "x y");
    free(text);
    take_down(&bench, "f:1:6: \"a\" holds a control or invisible character (U+002D); remove it\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_by_exact_name),
        cmocka_unit_test(numbers_keep_to_their_bounds),
        cmocka_unit_test(texts_and_names_are_plain),
        cmocka_unit_test(days_and_ranges_are_read),
        cmocka_unit_test(want_of_memory_sticks),
        cmocka_unit_test(words_ids_and_whole_numbers_are_checked),
        cmocka_unit_test(each_reader_says_what_no_text_may_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
