#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "targets/organization.h"

static struct asset asset(const char *range, int value)
{
    struct asset asset = {.value = value};
    const char *why;
    assert_true(range_parse(range, &asset.range, &why));
    return asset;
}

static int value_at(const struct organization *organization, const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    const struct asset *asset = organization_asset(organization, address);
    return asset ? asset->value : 0;
}

static void the_narrowest_range_wins(void **state)
{
    (void)state;
    struct asset assets[] = {
        asset("192.0.2.0/24", 1), asset("192.0.2.10", 5),    asset("192.0.2.0/28", 2),
        asset("192.0.2.8/30", 4), asset("2001:db8::/96", 3),
    };
    struct organization organization = {.assets = assets, .assets_count = sizeof assets / sizeof *assets};
    assert_int_equal(value_at(&organization, "192.0.2.255"), 1);
    assert_int_equal(value_at(&organization, "192.0.2.0"), 2);
    assert_int_equal(value_at(&organization, "192.0.2.11"), 4);
    assert_int_equal(value_at(&organization, "192.0.2.10"), 5);
    assert_int_equal(value_at(&organization, "2001:db8::1"), 3);
    assert_int_equal(value_at(&organization, "192.0.3.0"), 0);
    assert_int_equal(value_at(&organization, "192.0.1.255"), 0);
}

static void of_two_as_narrow_the_more_precious_wins(void **state)
{
    (void)state;
    struct asset assets[] = {asset("192.0.2.0-192.0.2.9", 2), asset("192.0.2.5-192.0.2.14", 4),
                             asset("192.0.2.3-192.0.2.12", 3)};
    struct organization organization = {.assets = assets, .assets_count = 3};
    assert_int_equal(value_at(&organization, "192.0.2.4"), 3);
    assert_int_equal(value_at(&organization, "192.0.2.5"), 4);
    assert_int_equal(value_at(&organization, "192.0.2.0"), 2);
}

static void tags_are_found_by_key(void **state)
{
    (void)state;
    char province[] = "province", level[] = "level", beijing[] = "Beijing", grade[] = "3A";
    struct tag tags[] = {{province, beijing}, {level, grade}};
    struct organization organization = {.tags = tags, .tags_count = 2};
    assert_string_equal(organization_tag(&organization, "level"), "3A");
    assert_string_equal(organization_tag(&organization, "province"), "Beijing");
    assert_null(organization_tag(&organization, "Level"));
}

static void an_empty_one_may_go_twice(void **state)
{
    (void)state;
    struct organization organization = {.informatization = NAN};
    organization_deinit(&organization);
    organization_deinit(&organization);
    assert_true(isnan(organization.informatization));
}

static void a_description_takes_the_place_of_the_one_before(void **state)
{
    (void)state;
    char province[] = "province", beijing[] = "Beijing", first[] = "First", second[] = "Second";
    struct tag tags[] = {{province, beijing}};
    const struct organization one = {.name = first, .tags = tags, .tags_count = 1, .informatization = 4};
    const struct organization other = {.name = second, .informatization = (double)NAN};
    struct organization organization = {.id = strdup("h1")};
    assert_int_equal(organization_describe(&organization, &one), STATUS_OK);
    assert_string_equal(organization.name, "First");
    assert_string_equal(organization_tag(&organization, "province"), "Beijing");
    assert_true(organization.informatization == 4);
    assert_int_equal(organization_describe(&organization, &other), STATUS_OK);
    assert_string_equal(organization.name, "Second");
    assert_null(organization_tag(&organization, "province"));
    assert_true(isnan(organization.informatization));
    assert_string_equal(organization.id, "h1");
    organization_deinit(&organization);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrowest_range_wins),
        cmocka_unit_test(of_two_as_narrow_the_more_precious_wins),
        cmocka_unit_test(tags_are_found_by_key),
        cmocka_unit_test(a_description_takes_the_place_of_the_one_before),
        cmocka_unit_test(an_empty_one_may_go_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
