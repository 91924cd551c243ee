#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "random.h"
#include "targets/domain.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SIXTY_THREE  "a23456789-123456789-123456789-123456789-123456789-123456789-123"

static void every_spelling_becomes_one(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"hospital.example", "hospital.example"},
        {"Hospital.EXAMPLE", "hospital.example"},
        {"hospital.example.", "hospital.example"},
        {"a-1.hospital.example", "a-1.hospital.example"},
        {"1.2.example", "1.2.example"},
        {"r3---sn.example", "r3---sn.example"},
        {SIXTY_THREE ".cn", SIXTY_THREE ".cn"},
        {"xn--fiqs8s.xn--fiqs8s", "xn--fiqs8s.xn--fiqs8s"},
        {"XN--FIQS8S.cn", "xn--fiqs8s.cn"},
        {"医院.中国", "xn--ekrs67m.xn--fiqs8s"},
        {"医院。中国", "xn--ekrs67m.xn--fiqs8s"},
        {"ＨＯＳＰＩＴＡＬ.example", "hospital.example"},
        {"Bücher.example", "xn--bcher-kva.example"},
        {"bu\u0308cher.example", "xn--bcher-kva.example"},
        {"faß.example", "xn--fa-hia.example"},
    };
    char name[DOMAIN_TEXT_MAX];
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_null(domain_parse(names[i][0], name));
        assert_string_equal(name, names[i][1]);
        /* What was written so is read so. */
        assert_null(domain_parse(name, name));
        assert_string_equal(name, names[i][1]);
    }
}

static void what_is_no_domain_says_what_would_be_right(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"", "1 to 253"},
        {".", "1 to 253"},
        {"..", "empty"},
        {"example", "one label only"},
        {"xn--fiqs8s", "one label only"},
        {"中国", "one label only"},
        {"192.0.2.1", "write it in \"ranges\""},
        {"2001:db8::1", "write it in \"ranges\""},
        {"192.0.2.0/24", "write the name alone"},
        {"1.2.3", "last label is a number"},
        {"192.0.2.010", "last label is a number"},
        {"https://hospital.example/", "write the name alone"},
        {"it@hospital.example", "write the name alone"},
        {"hospital.example:8080", "write the name alone"},
        {"*.hospital.example", "leave the \"*.\" off"},
        {"hospital..example", "empty"},
        {".hospital.example", "empty"},
        {"hospital.example..", "empty"},
        {"-a.example", "hyphen"},
        {"a-.example", "hyphen"},
        {"a.example-", "hyphen"},
        {"_dmarc.hospital.example", "only letters"},
        {"hospital example.cn", "only letters"},
        {"hospital.example ", "only letters"},
        {"a" SIXTY_THREE ".cn", "63"},
        {SIXTY_THREE "." SIXTY_THREE "." SIXTY_THREE "." SIXTY_THREE, "1 to 253"},
        {"xn--.example", "hyphen"},
        {"xn--a.example", "stands for nothing"},
        {"xn--fiqs8s-.example", "hyphen"},
        {"xn--bcher-kva1.example", "stands for nothing"},
        {"医 院.中国", "A-labels"},
        {"医院.\u200b\u0301中国", "A-labels"},
        {"\xff\xfe.example", "A-labels"},
    };
    char name[DOMAIN_TEXT_MAX];
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *why = domain_parse(wrong[i][0], name);
        if (!why || !strstr(why, wrong[i][1]))
            fail_msg("\"%s\" is to be refused with \"%s\", but gives %s %s", wrong[i][0], wrong[i][1],
                     why ? why : "the name", why ? "" : name);
    }
}

static void names_that_are_seen_need_not_be_registrable(void **state)
{
    (void)state;
    char name[DOMAIN_TEXT_MAX];
    assert_true(domain_fold("_DMARC.Hospital.example.", name));
    assert_string_equal(name, "_dmarc.hospital.example");
    assert_true(domain_fold("xn--a.example", name));
    assert_false(domain_fold("", name));
    assert_false(domain_fold(".", name));
    assert_false(domain_fold("\xc3", name));
}

/* As far as a name is folded at all, it has one spelling and fits. */
static void random_bytes_are_folded_or_not(void **state)
{
    (void)state;
    struct random random = {4};
    static const char *const pieces[] = {"a", "Z", "-", ".", "xn--", "医", "\xff", "ß", "_", "\xe3\x80\x82"};
    size_t folded = 0;
    for (int round = 0; round < 5000; round++) {
        char text[1400] = "", name[DOMAIN_TEXT_MAX], again[DOMAIN_TEXT_MAX];
        size_t count = random_below(&random, 300) >> random_below(&random, 8);
        for (size_t i = 0; i < count; i++)
            strcat(text, pieces[random_below(&random, COUNT(pieces))]);
        if (!domain_fold(text, name))
            continue;
        folded++;
        assert_true(domain_fold(name, again) || name[strlen(name) - 1] == '.');
        if (name[strlen(name) - 1] != '.')
            assert_string_equal(again, name);
    }
    assert_in_range(folded, 500, 4999);
}

static void parents_end_above_the_last_label(void **state)
{
    (void)state;
    assert_string_equal(domain_parent("a.b.example"), "b.example");
    assert_string_equal(domain_parent("b.example"), "example");
    assert_null(domain_parent("example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_becomes_one),
        cmocka_unit_test(what_is_no_domain_says_what_would_be_right),
        cmocka_unit_test(names_that_are_seen_need_not_be_registrable),
        cmocka_unit_test(random_bytes_are_folded_or_not),
        cmocka_unit_test(parents_end_above_the_last_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
