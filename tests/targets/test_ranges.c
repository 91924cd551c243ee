#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "targets/ranges.h"

#define MODEL_SIZE 600

/* Where the models' addresses begin: amid IPv4, amid IPv6 over the low word's end, and on both borders
 * between them. */
static const struct address bases[] = {
    {0, UINT64_C(0x0000ffffc0000200)},
    {0x20010db800000000, UINT64_MAX - MODEL_SIZE / 2},
    {0, UINT64_C(0x0000fffeffffffff) - MODEL_SIZE / 2},
    {0, UINT64_C(0x0000ffffffffffff) - MODEL_SIZE / 2},
};
#define BASES (sizeof bases / sizeof *bases)

/* A set of addresses as plainly as can be: one flag each, from a base on. */
struct model {
    struct address base;
    bool in[MODEL_SIZE];
};

static struct address at(const struct model *model, uint64_t i)
{
    return address_add(model->base, i);
}

/* One range of one family, put into both the set and the model. */
static void add_random(struct random *random, struct ranges *ranges, struct model *model, uint64_t longest)
{
    uint64_t first = random_below(random, MODEL_SIZE);
    uint64_t last = first + random_below(random, longest);
    if (last >= MODEL_SIZE)
        last = MODEL_SIZE - 1;
    while (address_is_ipv4(at(model, first)) != address_is_ipv4(at(model, last)))
        last--;
    assert_int_equal(ranges_add(ranges, (struct range){at(model, first), at(model, last)}), STATUS_OK);
    memset(model->in + first, true, last - first + 1);
}

static void fill(struct random *random, struct ranges *ranges, struct model *model, struct address base)
{
    uint64_t count = random_below(random, 40);
    *model = (struct model){.base = base};
    ranges_init(ranges);
    for (uint64_t i = 0; i < count; i++)
        add_random(random, ranges, model, count < 10 ? 90 : 12);
    ranges_normalise(ranges);
}

static void assert_normal(const struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        struct range range = ranges->items[i];
        assert_true(address_compare(range.first, range.last) <= 0);
        assert_int_equal(address_is_ipv4(range.first), address_is_ipv4(range.last));
        if (i == 0)
            continue;
        struct address before = ranges->items[i - 1].last;
        assert_true(address_compare(before, range.first) < 0);
        if (address_is_ipv4(before) == address_is_ipv4(range.first))
            assert_true(address_distance(before, range.first) > 1);
    }
}

static void assert_same(const struct ranges *ranges, const struct model *model)
{
    uint64_t size = 0;
    for (uint64_t i = 0; i < MODEL_SIZE; i++) {
        assert_int_equal(ranges_contain(ranges, at(model, i)), model->in[i]);
        size += model->in[i];
    }
    assert_true(ranges_size(ranges) == size);
    assert_false(ranges_contain(ranges, address_add(model->base, MODEL_SIZE)));
    assert_false(ranges_contain(ranges, (struct address){0, 0}));
    assert_false(ranges_contain(ranges, (struct address){UINT64_MAX, UINT64_MAX}));
}

static void normal_sets_hold_what_was_added(void **state)
{
    (void)state;
    struct random random = {1};
    struct ranges ranges;
    struct model model;
    for (size_t i = 0; i < 800; i++) {
        fill(&random, &ranges, &model, bases[i % BASES]);
        assert_normal(&ranges);
        assert_same(&ranges, &model);
        ranges_deinit(&ranges);
    }
}

static void subtracting_takes_out_just_that(void **state)
{
    (void)state;
    struct random random = {2};
    struct ranges ranges, minus;
    struct model model, taken;
    for (size_t i = 0; i < 800; i++) {
        fill(&random, &ranges, &model, bases[i % BASES]);
        fill(&random, &minus, &taken, bases[i % BASES]);
        assert_int_equal(ranges_subtract(&ranges, &minus), STATUS_OK);
        for (size_t j = 0; j < MODEL_SIZE; j++)
            model.in[j] = model.in[j] && !taken.in[j];
        assert_normal(&ranges);
        assert_same(&ranges, &model);
        ranges_deinit(&ranges);
        ranges_deinit(&minus);
    }
}

static void overlap_and_hold_agree_with_the_model(void **state)
{
    (void)state;
    struct random random = {3};
    struct ranges ranges;
    struct model model;
    for (size_t i = 0; i < 400; i++) {
        fill(&random, &ranges, &model, bases[i % BASES]);
        for (int query = 0; query < 50; query++) {
            uint64_t first = random_below(&random, MODEL_SIZE - 20);
            uint64_t last = first + random_below(&random, 20);
            if (address_is_ipv4(at(&model, first)) != address_is_ipv4(at(&model, last)))
                continue;
            size_t inside = 0;
            for (uint64_t j = first; j <= last; j++)
                inside += model.in[j];
            struct range range = {at(&model, first), at(&model, last)};
            assert_int_equal(ranges_overlap(&ranges, range), inside > 0);
            assert_int_equal(ranges_size_within(&ranges, range), inside);
            assert_int_equal(ranges_hold(&ranges, range), inside == last - first + 1);
        }
        ranges_deinit(&ranges);
    }
}

static void index_counts_every_address_once_and_back(void **state)
{
    (void)state;
    struct random random = {4};
    struct ranges ranges;
    struct model model;
    for (size_t i = 0; i < 400; i++) {
        struct ranges_index index;
        uint64_t number = 0;
        fill(&random, &ranges, &model, bases[i % BASES]);
        assert_int_equal(ranges_index_init(&index, &ranges), STATUS_OK);
        for (uint64_t j = 0; j < MODEL_SIZE; j++) {
            uint64_t found = ranges_index_of(&index, at(&model, j));
            assert_true(found == (model.in[j] ? number : UINT64_MAX));
            if (model.in[j])
                assert_int_equal(address_compare(ranges_index_at(&index, number++), at(&model, j)), 0);
        }
        assert_true(index.total == number);
        ranges_index_deinit(&index);
        ranges_deinit(&ranges);
    }
}

static void copies_stand_alone(void **state)
{
    (void)state;
    struct random random = {5};
    struct ranges ranges, copy;
    struct model model;
    fill(&random, &ranges, &model, bases[0]);
    assert_int_equal(ranges_copy(&copy, &ranges), STATUS_OK);
    ranges_deinit(&ranges);
    assert_same(&copy, &model);
    assert_int_equal(ranges_copy(&ranges, &copy), STATUS_OK);
    ranges_deinit(&copy);
    ranges_deinit(&ranges);
    assert_int_equal(ranges_copy(&copy, &ranges), STATUS_OK);
    assert_int_equal(copy.count, 0);
    ranges_deinit(&copy);
}

static struct range parsed(const char *text)
{
    struct range range;
    const char *why = NULL;
    if (!range_parse(text, &range, &why))
        fail_msg("%s: %s", text, why);
    return range;
}

static void assert_range(const char *text, const char *first, const char *last)
{
    struct range range = parsed(text);
    char form[ADDRESS_TEXT_MAX];
    address_format(range.first, form);
    assert_string_equal(form, first);
    address_format(range.last, form);
    assert_string_equal(form, last);
}

static void ranges_are_read(void **state)
{
    (void)state;
    assert_range("192.0.2.1", "192.0.2.1", "192.0.2.1");
    assert_range("192.0.2.0/24", "192.0.2.0", "192.0.2.255");
    assert_range("192.0.2.4/30", "192.0.2.4", "192.0.2.7");
    assert_range("192.0.2.7/32", "192.0.2.7", "192.0.2.7");
    assert_range("0.0.0.0/0", "0.0.0.0", "255.255.255.255");
    assert_range("10.0.0.0/8", "10.0.0.0", "10.255.255.255");
    assert_range("192.0.2.10-192.0.2.20", "192.0.2.10", "192.0.2.20");
    assert_range("192.0.2.10-192.0.2.10", "192.0.2.10", "192.0.2.10");
    assert_range("2001:db8::/120", "2001:db8::", "2001:db8::ff");
    assert_range("2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff");
    assert_range("2001:db8::/63", "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff");
    assert_range("2001:db8::/65", "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff");
    assert_range("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_range("2001:db8::1/128", "2001:db8::1", "2001:db8::1");
    assert_range("2001:db8::5-2001:db8::1:0", "2001:db8::5", "2001:db8::1:0");
    assert_range("::ffff:192.0.2.0/120", "192.0.2.0", "192.0.2.255");
    assert_range("::ffff:0.0.0.0/96", "0.0.0.0", "255.255.255.255");
    assert_range("8000::/1", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void what_is_no_range_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"", "write an address"},
        {"hospital.example", "write an address"},
        {"192.0.2", "write an address"},
        {"192.0.2.1 ", "write an address"},
        {"192.0.2.1,192.0.2.2", "write an address"},
        {"192.0.2.1/24", "bits are set behind the prefix"},
        {"2001:db8::1/120", "bits are set behind the prefix"},
        {"8000::1/1", "bits are set behind the prefix"},
        {"10.0.0.1/0", "bits are set behind the prefix"},
        {"192.0.2.0/33", "0 to 32"},
        {"192.0.2.0/", "0 to 32"},
        {"192.0.2.0/-1", "0 to 32"},
        {"192.0.2.0/024", "0 to 32"},
        {"192.0.2.0/24 ", "0 to 32"},
        {"192.0.2.0/255.255.255.0", "0 to 32"},
        {"192.0.2.0/4294967320", "0 to 32"},
        {"2001:db8::/129", "0 to 128"},
        {"x/24", "is not an address"},
        {"/24", "is not an address"},
        {"192.0.2.20-192.0.2.10", "lower address first"},
        {"192.0.2.10-20", "two whole addresses"},
        {"192.0.2.10-", "two whole addresses"},
        {"192.0.2.10 - 192.0.2.20", "two whole addresses"},
        {"192.0.2.1-2001:db8::1", "one end is IPv4"},
        {"::1-::1:0:0:0", "holds the IPv4 addresses"},
        {"::/0", "holds the IPv4 addresses"},
        {"::/80", "holds the IPv4 addresses"},
        {"::fffe:0:0/95", "holds the IPv4 addresses"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct range range;
        const char *why = NULL;
        assert_false(range_parse(wrong[i].text, &range, &why));
        if (!strstr(why, wrong[i].why))
            fail_msg("\"%s\" says: %s", wrong[i].text, why);
    }
}

static void sizes_saturate(void **state)
{
    (void)state;
    struct ranges ranges;
    struct ranges_index index;
    assert_true(range_size(parsed("0.0.0.0/0")) == UINT64_C(1) << 32);
    assert_true(range_size(parsed("2001:db8::/64")) == UINT64_MAX);
    assert_true(range_size(parsed("2001:db8::/65")) == UINT64_C(1) << 63);
    assert_true(range_size(parsed("8000::/1")) == UINT64_MAX);
    ranges_init(&ranges);
    assert_int_equal(ranges_index_init(&index, &ranges), STATUS_OK);
    assert_true(index.total == 0);
    ranges_index_deinit(&index);
    assert_int_equal(ranges_add(&ranges, parsed("2001:db8::/65")), STATUS_OK);
    assert_int_equal(ranges_add(&ranges, parsed("2001:db9::/65")), STATUS_OK);
    ranges_normalise(&ranges);
    assert_true(ranges_size(&ranges) == UINT64_MAX);
    assert_int_equal(ranges_index_init(&index, &ranges), STATUS_LIMIT);
    ranges_index_deinit(&index);
    ranges_deinit(&ranges);
}

/* Each begins where the one before ended, holds its own ends and not what is beside it, and could not be wider. */
static void assert_tiled(struct range range)
{
    struct address at = range.first;
    for (int count = 0;; count++) {
        assert_true(count < 256);
        struct prefix prefix = range_prefix((struct range){at, range.last});
        struct address last = prefix_last(prefix);
        assert_int_equal(address_compare(prefix.address, at), 0);
        assert_true(address_compare(last, range.last) <= 0);
        assert_true(prefix_holds(prefix, at) && prefix_holds(prefix, last));
        struct prefix wider = {at, prefix.length - 1};
        assert_true(prefix.length == 0 || address_compare(prefix_last(wider), last) == 0 ||
                    address_compare(prefix_last(wider), range.last) > 0);
        if (address_compare(last, range.last) == 0)
            return;
        at = address_next(last);
        assert_false(prefix_holds(prefix, at));
    }
}

static void prefixes_tile_a_range(void **state)
{
    (void)state;
    struct random random = {5};
    for (int i = 0; i < 2000; i++) {
        struct range range;
        range.first = (struct address){random_below(&random, 3) ? 0 : random_next(&random),
                                       random_next(&random) >> random_below(&random, 64)};
        range.last = address_add(range.first, random_next(&random) >> random_below(&random, 64));
        if (address_compare(range.first, range.last) <= 0)
            assert_tiled(range);
    }
    assert_tiled((struct range){{0, 0}, {UINT64_MAX, UINT64_MAX}});
    assert_tiled((struct range){{0, 1}, {UINT64_MAX, UINT64_MAX}});
    assert_tiled((struct range){{0, 0}, {UINT64_MAX, UINT64_MAX - 1}});
    assert_tiled((struct range){{0, UINT64_MAX}, {1, 0}});
}

static void the_very_last_address_is_no_trap(void **state)
{
    (void)state;
    struct ranges ranges, minus;
    ranges_init(&ranges);
    ranges_init(&minus);
    assert_int_equal(ranges_add(&ranges, parsed("8000::/1")), STATUS_OK);
    assert_int_equal(ranges_add(&ranges, parsed("ffff::/16")), STATUS_OK);
    ranges_normalise(&ranges);
    assert_int_equal(ranges.count, 1);
    assert_int_equal(ranges_add(&minus, parsed("c000::/2")), STATUS_OK);
    assert_int_equal(ranges_subtract(&ranges, &minus), STATUS_OK);
    assert_int_equal(ranges.count, 1);
    assert_true(ranges_contain(&ranges, parsed("bfff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").first));
    assert_false(ranges_contain(&ranges, parsed("c000::").first));
    ranges_deinit(&ranges);
    ranges_deinit(&minus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_sets_hold_what_was_added),
        cmocka_unit_test(subtracting_takes_out_just_that),
        cmocka_unit_test(overlap_and_hold_agree_with_the_model),
        cmocka_unit_test(index_counts_every_address_once_and_back),
        cmocka_unit_test(copies_stand_alone),
        cmocka_unit_test(ranges_are_read),
        cmocka_unit_test(what_is_no_range_says_why),
        cmocka_unit_test(sizes_saturate),
        cmocka_unit_test(prefixes_tile_a_range),
        cmocka_unit_test(the_very_last_address_is_no_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
