#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/banner.h"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static const struct banner_product products[] = {
    {"Exim", "Exim"},
    {"Haraka", "Haraka"},
    {"Serv-U", "Serv-U"},
    {"Microsoft FTP Service", "Microsoft FTP"},
    {"Coremail", "Coremail"},
    {"Postfix", "Postfix"},
    {0},
};

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *banner, *product, *version;
    } cases[] = {
        {"ESMTP Exim 4.96 Sun, 22 Nov 2026", "Exim", "4.96"},
        {"ESMTP Haraka/3.0.1 ready", "Haraka", "3.0.1"},
        {"Serv-U FTP Server v15.1 ready...", "Serv-U", "15.1"},
        {"Microsoft FTP Service (Version 5.0).", "Microsoft FTP", "5.0"},
        {"Microsoft FTP Service", "Microsoft FTP", ""},
        {"Coremail System (h001[20210401])", "Coremail", ""},
        {"Postfix (Debian/GNU)", "Postfix", ""},
        {"Postfix (2.5.1)", "Postfix", "2.5.1"},
        {"not an eximious server 4.96", "", ""},
        {"mexim 4.96", "", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct observation observation;
        observation_init(&observation, (struct address){0}, (struct port){1, TRANSPORT_TCP});
        bool found = banner_observe(&observation, products, span_of(cases[i].banner));
        assert_int_equal(found, cases[i].product[0] != 0);
        assert_string_equal(observation.product, cases[i].product);
        assert_string_equal(observation.version, cases[i].version);
        observation_deinit(&observation);
    }
}

static void test_packager(void **state)
{
    (void)state;
    struct observation observation;
    observation_init(&observation, (struct address){0}, (struct port){1, TRANSPORT_TCP});
    assert_true(
        banner_observe(&observation, products, span_of("rocky.h001.example ESMTP Postfix (Debian/GNU)")));
    assert_string_equal(observation_find(&observation, "software.distribution")->text, "Debian");
    observation_deinit(&observation);
}

static void test_date(void **state)
{
    (void)state;
    assert_true(
        span_equals(banner_without_date(span_of("a 4.96 Sun, 22 Nov 2026 17:02:50 +0000")), "a 4.96"));
    assert_true(span_equals(banner_without_date(span_of("Sendmail 8.15.2; Mon, 1 Jan")), "Sendmail 8.15.2"));
    assert_true(span_equals(banner_without_date(span_of("Mon repos; Sunday")), "Mon repos; Sunday"));
    assert_int_equal(banner_without_date(span_of("")).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_packager),
        cmocka_unit_test(test_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
