#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/product.h"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void test_compare(void **state)
{
    (void)state;
    /* Each is less than the next. */
    static const char *const rising[] = {
        "",
        "0.9",
        "1",
        "1.0",
        "1.0.1",
        "1.0.2",
        "1.0.2k",
        "1.9",
        "1.10",
        "1.10.1",
        "2",
        "9.2",
        "9.2p1",
        "9.2p2",
        "9.10",
        "10.0.17763.1",
        "10.0.17763.1000",
        "10.0.20348.1",
        "2022",
        "18446744073709551614",
    };
    size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            int order = version_compare(rising[i], rising[j]);
            assert_int_equal(order, i < j ? -1 : i > j);
        }
    assert_int_equal(version_compare("1.02", "1.2"), 0);
    assert_int_equal(version_compare("99999999999999999999999", "99999999999999999999998"), 0);
}

static void test_upstream(void **state)
{
    (void)state;
    static const struct {
        const char *told, *upstream;
    } rows[] = {
        {"10.11.6-MariaDB-0+deb12u1", "10.11.6"},
        {"9.2p1 Debian-2+deb12u3", "9.2p1"},
        {"8.0.36", "8.0.36"},
        {"1.0.2k-fips", "1.0.2k"},
        {"4.0rc2", "4.0rc2"},
        {"8.0ubuntu", "8.0"},
        {"2.4.57 (Debian)", "2.4.57"},
        {"7.4.", "7.4"},
        {"7..4", "7"},
        {"v1.2", ""},
        {"", ""},
        {".5", ""},
        {"12", "12"},
        {"5.7.0_unsafe1", "5.7.0"},
        {"1.2.3\x1b[0m", "1.2.3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span upstream = version_upstream(span_of(rows[i].told));
        if (!span_equals(upstream, rows[i].upstream))
            fail_msg("%s gave %.*s", rows[i].told, (int)upstream.size, (const char *)upstream.bytes);
    }
}

static void test_distribution(void **state)
{
    (void)state;
    static const struct {
        const char *told, *name;
    } rows[] = {
        {"9.2p1 Debian-2+deb12u3", "Debian"},
        {"8.9p1 Ubuntu-3ubuntu0.6", "Ubuntu"},
        {"10.11.6-MariaDB-0+deb12u1", "Debian"},
        {"2.4.6 (CentOS) OpenSSL/1.0.2k-fips", "CentOS"},
        {"2.4.37 (Red Hat Enterprise Linux)", "Red Hat"},
        {"7.9p1 FreeBSD-20200214", "FreeBSD"},
        {"9.2p1 Raspbian-2", "Raspbian"},
        {"8.8p1 openEuler", "openEuler"},
        {"9.2p1", NULL},
        {"1.4 debug", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = product_distribution(span_of(rows[i].told));
        if (rows[i].name)
            assert_string_equal(name, rows[i].name);
        else
            assert_null(name);
    }
}

static void test_observe(void **state)
{
    (void)state;
    struct observation o;
    observation_init(&o, (struct address){0}, (struct port){22, TRANSPORT_TCP});
    product_observe(&o, "OpenSSH", span_of("9.2p1 Debian-2+deb12u3"));
    assert_string_equal(o.product, "OpenSSH");
    assert_string_equal(o.version, "9.2p1");
    assert_string_equal(observation_find(&o, "software.version_full")->text, "9.2p1 Debian-2+deb12u3");
    assert_string_equal(observation_find(&o, "software.distribution")->text, "Debian");
    product_observe(&o, "Dropbear", (struct span){0}); /* no version stays behind from another product */
    assert_string_equal(o.product, "Dropbear");
    assert_string_equal(o.version, "");
    observation_clear(&o);
    product_observe(&o, "Exim", (struct span){0});
    assert_int_equal(o.facts_count, 0);
    observation_deinit(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_upstream),
        cmocka_unit_test(test_distribution),
        cmocka_unit_test(test_observe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
