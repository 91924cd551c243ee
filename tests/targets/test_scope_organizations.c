#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "refusal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
/* One more key of the first organization, the ranges of which are 192.0.2.0/24. */
#define KEY(text)    "\"id\": \"h001\"", "\"id\": \"h001\", " text
#define RANGES(text) "[\"192.0.2.0/24\"]", text
#define SECOND       "[\"198.51.100.0/24\"]"

static const struct refusal keys[] = {
    {"\"organizations\": [", "\"organizations\": [ @7,", "must be an object, not a number"},
    {"{ \"id\": \"h001\", ", "@{ ", "add \"id\": \"h001\""},
    {"{ \"id\": \"h001\", \"name\": \"First\", ", "@{ \"id\": \"h001\", ", "add \"name\":"},
    {"{ \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\"] }",
     "@{ \"id\": \"h001\", \"name\": \"First\" }", "add \"ranges\": [\"192.0.2.0/24\"]"},
    {"\"id\": \"h001\"", "\"id\": @\"\"", "is empty"},
    {"\"id\": \"h001\"", "\"id\": @1", "must be a string"},
    {"\"id\": \"h001\"", "\"id\": @\"h\\u0007\"", "U+0007"},
    {"\"id\": \"h002\"", "\"id\": @\"h001\"", "has the id \"h001\" already"},
    {"\"name\": \"First\"", "\"name\": @\"\"", "is empty"},
    {"\"name\": \"First\"", "\"name\": @false", "must be a string"},
    {KEY("@\"rangs\": []"), "did you mean \"ranges\"?"},
    {KEY("@\"city\": \"x\""),
     "known here: id, name, ranges, fragile, assets, informatization, province, level, tags"},
    {KEY("@\"Level\": \"3A\""), "did you mean \"level\"?"},
    {KEY("\"province\": @7"), "\"province\" must be a string"},
    {KEY("\"level\": @\"\""), "\"level\" is empty"},
    {KEY("\"informatization\": @-0.5"), "must be 0 or more"},
    {KEY("\"informatization\": @\"4.5\""), "must be a number"},
    {KEY("\"informatization\": @1e400"), "too large"},
    {KEY("\"tags\": @[]"), "must be an object"},
    {KEY("\"tags\": { \"ownership\": @3 }"), "\"ownership\" must be a string"},
    {KEY("\"tags\": { @\"\": \"x\" }"), "the key is empty"},
    {KEY("\"tags\": { @\"a\\tb\": \"x\" }"), "U+0009"},
    {KEY("\"tags\": { @\"province\": \"x\" }"), "write it beside \"tags\""},
    {KEY("\"tags\": { @\"all\": \"x\" }"), "stands for every organization"},
    {KEY("\"tags\": { \"a\": \"x\", @\"a\": \"y\" }"), "more than once"},
    {KEY("\"domains\": @\"a.example\""), "must be an array"},
    {KEY("\"domains\": [@1]"), "must be a string"},
};

static const struct refusal ranges[] = {
    {RANGES("@[]"), "\"ranges\" is empty"},
    {RANGES("@\"192.0.2.0/24\""), "must be an array, not a string"},
    {RANGES("[@7]"), "must be a string"},
    {RANGES("[@\"\"]"), "write an address"},
    {RANGES("[@\"hospital.example\"]"), "\"hospital.example\" is not an address range"},
    {RANGES("[@\"192.0.2.1/24\"]"), "bits are set behind the prefix"},
    {RANGES("[@\"2001:db8::1/120\"]"), "bits are set behind the prefix"},
    {RANGES("[@\"192.0.2.9-192.0.2.1\"]"), "lower address first"},
    {RANGES("[@\"10.0.0.0/7\"]"), "wider than an IPv4 /8"},
    {RANGES("[@\"10.0.0.0-11.0.0.0\"]"), "wider than an IPv4 /8"},
    {RANGES("[@\"0.0.0.0/0\"]"), "wider than an IPv4 /8"},
    {RANGES("[@\"2001:db8::/95\"]"), "wider than an IPv6 /96"},
    {RANGES("[@\"2001:db8::-2001:db8::1:0:0\"]"), "wider than an IPv6 /96"},
    {RANGES("[@\"2001:db8::/32\"]"), "wider than an IPv6 /96"},
    {RANGES("[@\"::/0\"]"), "write a range for each"},
    {RANGES("[@\"0.0.0.0\"]"), "holds 0.0.0.0, which is unspecified"},
    {RANGES("[@\"0.1.2.0/24\"]"), "holds 0.1.2.0, which is reserved"},
    {RANGES("[@\"0.255.255.0-1.0.0.9\"]"), "holds 0.255.255.0, which is reserved"},
    {RANGES("[\"192.0.2.0/24\", @\"224.0.0.1\"]"), "holds 224.0.0.1, which is multicast"},
    {RANGES("[@\"223.255.255.0-224.0.0.0\"]"), "holds 224.0.0.0, which is multicast"},
    {RANGES("[@\"240.0.0.0/8\"]"), "holds 240.0.0.0, which is reserved"},
    {RANGES("[@\"255.255.255.255\"]"), "holds 255.255.255.255, which is broadcast"},
    {RANGES("[@\"::\"]"), "holds ::, which is unspecified"},
    {RANGES("[@\"::/124\"]"), "holds ::, which is unspecified"},
    {RANGES("[@\"ff02::1\"]"), "holds ff02::1, which is multicast"},
    {RANGES("[@\"fe80::1\"]"), "holds fe80::1, which is link-local"},
    {RANGES("[@\"fe80::1%eth0\"]"), "write an address"},
};

static const struct refusal owners[] = {
    {SECOND, "[@\"192.0.2.0/24\"]",
     "\"192.0.2.0/24\" of \"h002\" and \"192.0.2.0/24\" of \"h001\" both hold 192.0.2.0"},
    {SECOND, "[\"198.51.100.0/24\", @\"192.0.2.255\"]",
     "\"h001\" both hold 192.0.2.255; give each address one owner"},
    {SECOND, "[@\"192.0.0.0/16\"]", "both hold 192.0.2.0"},
    {SECOND, "[@\"192.0.1.0-192.0.2.0\"]", "both hold 192.0.2.0"},
    {SECOND, "[@\"::ffff:192.0.2.9\"]", "both hold 192.0.2.9"},
    /* A short range of the same owner between the two must not hide the long one. */
    {"[\"192.0.2.0/24\"] },\n    { \"id\": \"h002\", \"name\": \"第二\", \"ranges\": [\"198.51.100.0/24\"]",
     "[\"198.51.99.0-198.51.100.9\", \"198.51.99.1\"] },\n    { \"id\": \"h002\", \"name\": \"第二\", "
     "\"ranges\": [@\"198.51.100.0/24\"]",
     "both hold 198.51.100.0"},
};

static const struct refusal insides[] = {
    {KEY("\"fragile\": @\"192.0.2.1\""), "must be an array"},
    {KEY("\"fragile\": [@null]"), "must be a string"},
    {KEY("\"fragile\": [@\"192.0.2.129/26\"]"), "bits are set"},
    {KEY("\"fragile\": [@\"192.0.3.0/26\"]"), "the fragile range \"192.0.3.0/26\" is not inside"},
    {KEY("\"fragile\": [\"192.0.2.1\", @\"192.0.2.0/23\"]"),
     "is not inside the organization's own \"ranges\""},
    {KEY("\"fragile\": [@\"198.51.100.1\"]"), "is not inside"},
    {KEY("\"assets\": @{}"), "must be an array"},
    {KEY("\"assets\": [@5]"), "must be an object"},
    {KEY("\"assets\": [@{ \"value\": 5 }]"), "add \"range\":"},
    {KEY("\"assets\": [@{ \"range\": \"192.0.2.1\" }]"), "add \"value\": 5"},
    {KEY("\"assets\": [{ \"range\": @[\"192.0.2.1\"], \"value\": 5 }]"), "must be a string"},
    {KEY("\"assets\": [{ \"range\": @\"192.0.2.\", \"value\": 5 }]"), "is not an address range"},
    {KEY("\"assets\": [{ \"range\": @\"192.0.1.255-192.0.2.0\", \"value\": 5 }]"), "the asset range"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": @0 }]"), "whole number from 1 to 5"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": @6 }]"), "whole number from 1 to 5"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": @2.5 }]"), "whole number from 1 to 5"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": @-1 }]"), "whole number from 1 to 5"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": @\"5\" }]"), "must be a number"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": 5, \"name\": @\"\" }]"), "is empty"},
    {KEY("\"assets\": [{ \"range\": \"192.0.2.1\", \"value\": 5, @\"nam\": \"\" }]"),
     "did you mean \"name\"?"},
};

static void keys_are_checked(void **state)
{
    (void)state;
    assert_refused(keys, COUNT(keys));
}

static void ranges_are_checked(void **state)
{
    (void)state;
    assert_refused(ranges, COUNT(ranges));
}

static void an_address_has_one_owner(void **state)
{
    (void)state;
    assert_refused(owners, COUNT(owners));
}

static void fragile_and_assets_lie_inside(void **state)
{
    (void)state;
    assert_refused(insides, COUNT(insides));
}

static void the_widest_ranges_are_taken(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(
        &scope,
        RANGES("[\"10.0.0.0/8\", \"2001:db8::/96\", \"127.0.0.0/8\", \"::1\", \"fc00::1\", \"1.0.0.0\"]"));
    assert_true(ranges_size(&scope.organizations[0].ranges) ==
                2 * (UINT64_C(1) << 24) + (UINT64_C(1) << 32) + 3);
    scope_deinit(&scope);
}

static void own_ranges_may_overlap_and_touch_others(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, RANGES("[\"198.51.99.0/24\", \"198.51.101.0/24\", \"198.51.99.128/25\"]"));
    assert_int_equal(scope.organizations[0].ranges.count, 2);
    scope_deinit(&scope);
}

/* An asset or a fragile range may lie across two ranges that touch. */
static void insides_may_span_ranges_that_touch(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, RANGES("[\"192.0.2.0/25\", \"192.0.2.128/25\"], \"fragile\": [\"192.0.2.0/24\"]"));
    assert_true(ranges_size(&scope.organizations[0].fragile) == 256);
    scope_deinit(&scope);
}

#define SPAN 400

/* Organizations of random ranges, and who the first two owners of a common address are, if any. */
static bool has_overlap(const int first[][2], const int last[][2], int organizations)
{
    int owner[SPAN];
    for (int i = 0; i < SPAN; i++)
        owner[i] = -1;
    for (int organization = 0; organization < organizations; organization++)
        for (int r = 0; r < 2; r++)
            for (int i = first[organization][r]; i <= last[organization][r]; i++) {
                if (owner[i] >= 0 && owner[i] != organization)
                    return true;
                owner[i] = organization;
            }
    return false;
}

static void overlaps_agree_with_a_model(void **state)
{
    (void)state;
    struct random random = {21};
    int overlapping = 0;
    for (int round = 0; round < 600; round++) {
        int first[6][2], last[6][2];
        int organizations = 2 + (int)random_below(&random, 5);
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        fputs("{ \"auscult\": 1, \"authorization\": { \"reference\": \"r\", \"authorized_by\": \"a\", "
              "\"contact\": \"c\", "
              "\"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-01-01\" }, \"organizations\": [",
              out);
        for (int i = 0; i < organizations; i++) {
            for (int r = 0; r < 2; r++) {
                first[i][r] = (int)random_below(&random, SPAN - 20);
                last[i][r] = first[i][r] + (int)random_below(&random, 20);
            }
            fprintf(out, "%s{ \"id\": \"h%d\", \"name\": \"n\", \"ranges\": [", i ? ", " : "", i);
            for (int r = 0; r < 2; r++)
                fprintf(out, "%s\"10.0.%d.%d-10.0.%d.%d\"", r ? ", " : "", first[i][r] / 256,
                        first[i][r] % 256, last[i][r] / 256, last[i][r] % 256);
            fputs("] }", out);
        }
        fputs("] }", out);
        fclose(out);
        struct scope scope;
        struct complaints complaints;
        complaints_init(&complaints, "s");
        bool overlap = has_overlap((const int(*)[2])first, (const int(*)[2])last, organizations);
        enum status status = scope_parse(&scope, text, size, &complaints);
        assert_int_equal(status, overlap ? STATUS_WRONG_FILE : STATUS_OK);
        overlapping += overlap;
        scope_deinit(&scope);
        complaints_deinit(&complaints);
        free(text);
    }
    assert_in_range(overlapping, 100, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(an_address_has_one_owner),
        cmocka_unit_test(fragile_and_assets_lie_inside),
        cmocka_unit_test(the_widest_ranges_are_taken),
        cmocka_unit_test(own_ranges_may_overlap_and_touch_others),
        cmocka_unit_test(insides_may_span_ranges_that_touch),
        cmocka_unit_test(overlaps_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
