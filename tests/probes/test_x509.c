#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/x509.h"

/* certificates/ holds the work of the openssl command (3.0, "req -x509" and "ca"); what it refuses to make is
   made here by changing bytes, since no signature is ever checked. */

#define FILE_MAX 8192

struct certificate {
    uint8_t der[FILE_MAX];
    size_t size;
    struct observation observation;
};

static void read_file(struct certificate *certificate, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, TEST_FOLDER "/certificates/%s.der", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    certificate->size = fread(certificate->der, 1, FILE_MAX, file);
    fclose(file);
    assert_true(certificate->size > 0 && certificate->size < FILE_MAX);
    observation_init(&certificate->observation, (struct address){0}, (struct port){443, TRANSPORT_TCP});
}

static void observe(struct certificate *certificate)
{
    uint8_t *exact = malloc(certificate->size + 1);
    assert_non_null(exact);
    memcpy(exact, certificate->der, certificate->size);
    observation_clear(&certificate->observation);
    x509_observe(&certificate->observation, (struct span){exact, certificate->size});
    free(exact);
}

static void begin(struct certificate *certificate, const char *name)
{
    read_file(certificate, name);
    observe(certificate);
}

static void end(struct certificate *certificate)
{
    observation_deinit(&certificate->observation);
}

static const struct fact_value *fact(const struct certificate *certificate, const char *name)
{
    const struct fact_value *value = observation_find(&certificate->observation, name);
    if (!value)
        fail_msg("no fact %s", name);
    return value;
}

static void expect_text(const struct certificate *certificate, const char *name, const char *text)
{
    assert_null(fact(certificate, name)->undetermined);
    assert_string_equal(fact(certificate, name)->text, text);
}

static void expect_number(const struct certificate *certificate, const char *name, int64_t number)
{
    assert_null(fact(certificate, name)->undetermined);
    assert_int_equal(fact(certificate, name)->number, number);
}

static void expect_undetermined(const struct certificate *certificate, const char *name)
{
    assert_non_null(fact(certificate, name)->undetermined);
}

/* Writes other bytes of the same length in place of the first `from`. */
static void change(struct certificate *certificate, const void *from, const void *to, size_t size)
{
    uint8_t *found = memmem(certificate->der, certificate->size, from, size);
    assert_non_null(found);
    memcpy(found, to, size);
}

static void test_self_signed(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "self_signed");
    expect_text(&c, "x509.subject", "CN=his.example.org, O=Example Hospital, C=CN");
    expect_text(&c, "x509.issuer", "CN=his.example.org, O=Example Hospital, C=CN");
    expect_text(&c, "x509.names", "");
    expect_number(&c, "x509.self_signed", true);
    expect_text(&c, "x509.key_type", "RSA");
    expect_number(&c, "x509.key_bits", 2048);
    expect_number(&c, "x509.weak_key", false);
    expect_text(&c, "x509.signature", "sha256WithRSAEncryption");
    expect_number(&c, "x509.weak_signature", false);
    end(&c);
}

static void test_leaf(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "leaf");
    expect_text(&c, "x509.subject", "CN=pacs.example.org");
    expect_text(&c, "x509.issuer", "CN=Example Root, O=Example CA");
    expect_text(&c, "x509.names", "pacs.example.org, *.pacs.example.org, 192.0.2.7, 2001:db8::7");
    expect_number(&c, "x509.self_signed", false);
    expect_text(&c, "x509.fingerprint", "35a66830ea89dc8c702c9f79353d3d26df5b905b98ee50dae103c4f3faee4f20");
    expect_number(&c, "x509.not_before", 1795366106);
    expect_number(&c, "x509.not_after", 1795366106 + 365 * 86400);
    end(&c);
}

static void test_times(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "expired");
    expect_number(&c, "x509.not_before", 1420070400);
    expect_number(&c, "x509.not_after", 1451606400);
    change(&c, "160101000000Z", "161301000000Z", 13);
    observe(&c);
    expect_undetermined(&c, "x509.not_after");
    expect_number(&c, "x509.not_before", 1420070400);
    end(&c);
    begin(&c, "year_9999");
    expect_number(&c, "x509.not_after", 253402300799);
    end(&c);
}

static void test_keys_and_signatures(void **state)
{
    (void)state;
    static const struct {
        const char *file, *key, *signature;
        int bits;
        bool weak_key, weak_signature;
    } rows[] = {
        {"rsa1024_sha1", "RSA", "sha1WithRSAEncryption", 1024, true, true},
        {"md5", "RSA", "md5WithRSAEncryption", 2048, false, true},
        {"pss", "RSA", "rsassaPss", 2048, false, false},
        {"pss_sha1", "RSA", "rsassaPss", 2048, false, true},
        {"ec256", "EC", "ecdsa-with-SHA256", 256, false, false},
        {"ec192", "EC", "ecdsa-with-SHA256", 192, true, false},
        {"ec_explicit", "EC", "ecdsa-with-SHA256", 256, false, false},
        {"dsa1024", "DSA", "dsa_with_SHA256", 1024, true, false},
        {"ed25519", "Ed25519", "ED25519", 256, false, false},
        {"sm2", "SM2", "SM2-with-SM3", 256, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct certificate c;
        begin(&c, rows[i].file);
        print_message("%s\n", rows[i].file);
        expect_text(&c, "x509.key_type", rows[i].key);
        expect_number(&c, "x509.key_bits", rows[i].bits);
        expect_number(&c, "x509.weak_key", rows[i].weak_key);
        expect_text(&c, "x509.signature", rows[i].signature);
        expect_number(&c, "x509.weak_signature", rows[i].weak_signature);
        end(&c);
    }
}

static void test_unread_key(void **state)
{
    (void)state;
    static struct certificate c;
    read_file(&c, "ec256");
    change(&c, "\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x2a\x86\x48\xce\x3d\x03\x01\x7f", 8); /* no such curve */
    observe(&c);
    expect_text(&c, "x509.subject", "CN=ec");
    expect_undetermined(&c, "x509.key_type");
    expect_undetermined(&c, "x509.key_bits");
    expect_undetermined(&c, "x509.weak_key");
    end(&c);
}

static void test_unknown_signature(void **state)
{
    (void)state;
    static struct certificate c;
    read_file(&c, "ec256");
    for (int i = 0; i < 2; i++)
        change(&c, "\x2a\x86\x48\xce\x3d\x04\x03\x02", "\x2a\x86\x48\xce\x3d\x04\x03\x7e", 8);
    observe(&c);
    expect_text(&c, "x509.signature", "1.2.840.10045.4.3.126");
    expect_undetermined(&c, "x509.weak_signature");
    expect_number(&c, "x509.weak_key", false);
    end(&c);
}

static void test_many_names(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "many_names");
    const char *names = fact(&c, "x509.names")->text;
    assert_true(strlen(names) < OBSERVATION_TEXT_MAX);
    assert_memory_equal(names, "host000.example.org, host001.example.org, ", 42);
    const char *last = strrchr(names, '+');
    assert_non_null(last);
    int whole = 0;
    for (const char *at = names; (at = strstr(at, ".example.org, ")); at++)
        whole++;
    assert_int_equal(strtol(last + 1, NULL, 10), 200 - whole);
    assert_false(c.observation.full);
    end(&c);
}

static void test_hostile_names(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "hostile_names");
    expect_text(&c, "x509.subject", "O=a\\, CN=b, CN=evil\\x1b[31m\\x0d\\x0a x");
    expect_text(&c, "x509.names", "a\\x1b[2Jb, c\\x20d");
    change(&c, "c d", "c\0d", 3);
    observe(&c);
    expect_text(&c, "x509.names", "a\\x1b[2Jb, c\\x00d");
    end(&c);
}

static void test_chinese_names(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "chinese");
    expect_text(&c, "x509.subject", "CN=影像系统, O=示范医院");
    /* GBK in a UTF8String is no UTF-8, and the library refuses the whole. */
    change(&c, "示范医院", "\xca\xbe\xb7\xb6\xd2\xbd\xd4\xba    ", 12);
    observe(&c);
    expect_undetermined(&c, "x509.subject");
    end(&c);
}

static void test_no_subject(void **state)
{
    (void)state;
    static struct certificate c;
    begin(&c, "no_subject");
    expect_text(&c, "x509.subject", "");
    end(&c);
}

static void test_malformed_names(void **state)
{
    (void)state;
    static struct certificate c;
    read_file(&c, "leaf");
    change(&c, "\x82\x10pacs", "\x82\x7fpacs", 6);
    observe(&c);
    expect_undetermined(&c, "x509.names");
    expect_text(&c, "x509.subject", "CN=pacs.example.org");
    end(&c);
}

static void test_unreadable(void **state)
{
    (void)state;
    static struct certificate c;
    read_file(&c, "leaf");
    size_t whole = c.size;
    for (c.size = 0; c.size < whole; c.size++) {
        observe(&c);
        assert_int_equal(c.observation.facts_count, 1);
        expect_undetermined(&c, "x509.subject");
    }
    c.size = whole + 1; /* bytes behind the end */
    observe(&c);
    expect_undetermined(&c, "x509.subject");
    end(&c);
}

static void test_too_long(void **state)
{
    (void)state;
    static struct certificate c;
    static uint8_t der[X509_DER_MAX + 1] = {0x30, 0x82, (X509_DER_MAX - 3) >> 8, (X509_DER_MAX - 3) & 0xff};
    read_file(&c, "leaf");
    x509_observe(&c.observation, (struct span){der, sizeof der});
    expect_undetermined(&c, "x509.subject");
    x509_observe(&c.observation, (struct span){0});
    assert_int_equal(c.observation.facts_count, 1);
    end(&c);
}

/* Whatever byte is changed, nothing breaks and a fact is either there or said to be undetermined. */
static void test_every_byte_changed(void **state)
{
    (void)state;
    static struct certificate c;
    read_file(&c, "leaf");
    for (size_t i = 0; i < c.size; i++) {
        uint8_t kept = c.der[i];
        c.der[i] ^= 0x81;
        observe(&c);
        assert_true(fact(&c, "x509.subject")->undetermined || c.observation.facts_count == 12);
        c.der[i] = kept;
    }
    end(&c);
}

/* By its list of names, wildcards of one label included, and not by its subject. */
static void expect_match(const char *file, const char *name, int mismatch)
{
    static struct certificate c;
    begin(&c, file);
    assert_null(observation_find(&c.observation, "x509.name_mismatch"));
    x509_observe_match(&c.observation, (struct span){c.der, c.size}, name);
    expect_number(&c, "x509.name_mismatch", mismatch);
    x509_observe_match(&c.observation, (struct span){c.der, c.size - 1}, "nobody.example");
    expect_number(&c, "x509.name_mismatch", mismatch); /* one that can't be read says nothing */
    end(&c);
}

static void test_match(void **state)
{
    (void)state;
    expect_match("leaf", "pacs.example.org", 0);
    expect_match("leaf", "www.pacs.example.org", 0);
    expect_match("leaf", "a.www.pacs.example.org", 1);
    expect_match("leaf", "example.org", 1);
    expect_match("leaf", "his.example.org", 1);
    expect_match("self_signed", "his.example.org", 1); /* its subject alone has it */
    expect_match("many_names", "host001.example.org", 0);
    expect_match("hostile_names", "cd.example", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_signed),     cmocka_unit_test(test_leaf),
        cmocka_unit_test(test_times),           cmocka_unit_test(test_keys_and_signatures),
        cmocka_unit_test(test_unread_key),      cmocka_unit_test(test_unknown_signature),
        cmocka_unit_test(test_many_names),      cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_chinese_names),   cmocka_unit_test(test_no_subject),
        cmocka_unit_test(test_malformed_names), cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_too_long),        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
