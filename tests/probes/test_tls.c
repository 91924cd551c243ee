#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/tls.h"
#include "transcript.h"

static void test_transcripts(void **state)
{
    (void)state;
    transcripts_replay("tls_legacy");
}

static bool weak(const char *cipher)
{
    struct observation observation;
    observation_init(&observation, (struct address){0}, (struct port){443, TRANSPORT_TCP});
    tls_observe(&observation, "TLSv1.2", cipher);
    bool answer = observation_find(&observation, "tls.weak_cipher")->number != 0;
    observation_deinit(&observation);
    return answer;
}

static void test_weak_names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "NULL-SHA256",
        "ECDHE-RSA-NULL-SHA",
        "RC4-MD5",
        "DES-CBC3-SHA",
        "EXP-RC4-MD5",
        "DES-CBC-SHA",
        "ADH-AES128-SHA",
        "AECDH-AES256-SHA",
        "EXP1024-DES-CBC-SHA",
        "IDEA-CBC-SHA",
        "TLS_DH_anon_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    };
    static const char *const good[] = {
        "ECDHE-RSA-AES256-GCM-SHA384",  "TLS_AES_256_GCM_SHA384", "AES128-SHA", "CAMELLIA256-SHA",
        "TLS_CHACHA20_POLY1305_SHA256", "DHE-DSS-AES128-SHA",     "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_true(weak(bad[i]));
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_false(weak(good[i]));
}

static void test_observes(void **state)
{
    (void)state;
    struct observation observation;
    observation_init(&observation, (struct address){0}, (struct port){443, TRANSPORT_TCP});
    tls_observe(&observation, "TLSv1.3", "TLS_AES_256_GCM_SHA384");
    tls_observe_failure(&observation, "the peer closed");
    assert_string_equal(observation_find(&observation, "tls.version")->text, "TLSv1.3");
    assert_string_equal(observation_find(&observation, "tls.cipher")->text, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(observation_find(&observation, "tls.handshake_failed")->text, "the peer closed");
    observation_deinit(&observation);
}

struct hello {
    struct span suites;
    struct span extensions[8];
    uint16_t types[8];
    size_t count;
    uint16_t version;
};

/* Takes a hello apart, each length to the byte. */
static void read_hello(const struct buffer *out, struct hello *hello)
{
    struct cursor record = cursor_over_block(out->bytes, out->size);
    assert_int_equal(cursor_u8(&record), 22);
    assert_int_equal(cursor_u16be(&record), TLS_VERSION_1_0);
    assert_int_equal(cursor_u16be(&record), out->size - 5);
    assert_int_equal(cursor_u8(&record), 1);
    assert_int_equal(cursor_u24be(&record), out->size - 9);
    *hello = (struct hello){.version = cursor_u16be(&record)};
    cursor_skip(&record, 32);
    assert_int_equal(cursor_u8(&record), 0);
    hello->suites = cursor_span(&record, cursor_u16be(&record));
    assert_int_equal(cursor_u16be(&record), 0x0100);
    size_t extensions = cursor_u16be(&record);
    assert_int_equal(extensions, cursor_left(&record));
    while (cursor_left(&record)) {
        assert_true(hello->count < 8);
        hello->types[hello->count] = cursor_u16be(&record);
        hello->extensions[hello->count++] = cursor_span(&record, cursor_u16be(&record));
    }
    assert_true(cursor_good(&record));
}

static bool offers(const struct hello *hello, uint16_t suite)
{
    for (size_t i = 0; i + 1 < hello->suites.size; i += 2)
        if (hello->suites.bytes[i] == suite >> 8 && hello->suites.bytes[i + 1] == (suite & 0xff))
            return true;
    return false;
}

static bool extends(const struct hello *hello, uint16_t type)
{
    for (size_t i = 0; i < hello->count; i++)
        if (hello->types[i] == type)
            return true;
    return false;
}

static void test_hello_legacy(void **state)
{
    (void)state;
    uint8_t storage[1024], again[1024];
    struct buffer out = buffer_over(storage, sizeof storage), other = buffer_over(again, sizeof again);
    struct hello hello;
    tls_write_hello(&out, TLS_VERSION_1_1, 7, "192.0.2.1");
    read_hello(&out, &hello);
    assert_int_equal(hello.version, TLS_VERSION_1_1);
    static const uint16_t wanted[] = {0x0005, 0x000a, 0x0003, 0x0033, 0xc013, 0xc009, 0x002f, 0x0001, 0x00ff};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_true(offers(&hello, wanted[i]));
    assert_false(offers(&hello, 0x5600)); /* TLS_FALLBACK_SCSV would make a good server refuse */
    assert_false(offers(&hello, 0xc02f));
    assert_true(extends(&hello, 10));
    assert_true(extends(&hello, 11));
    assert_false(extends(&hello, 0));
    assert_false(extends(&hello, 13));
    /* Between 256 and 511 bytes some old load balancers hang (RFC 7685 §1). */
    assert_true(out.size < 5 + 256);
    tls_write_hello(&other, TLS_VERSION_1_1, 8, "192.0.2.1");
    assert_int_equal(other.size, out.size);
    assert_memory_not_equal(other.bytes, out.bytes, out.size);
}

static void test_hello_names(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool name;
    } hosts[] = {{"pacs.example.org", true},
                 {"192.0.2.1", false},
                 {"2001:db8::1", false},
                 {"", false},
                 {"a b", false}};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        uint8_t storage[1024];
        struct buffer out = buffer_over(storage, sizeof storage);
        struct hello hello;
        tls_write_hello(&out, TLS_VERSION_1_2, 7, hosts[i].host);
        assert_false(out.overflow);
        read_hello(&out, &hello);
        assert_int_equal(extends(&hello, 0), hosts[i].name);
        assert_true(extends(&hello, 13));
        assert_true(out.size < 5 + 256 || out.size >= 5 + 512);
        assert_true(offers(&hello, 0xc02f) && offers(&hello, 0x000a));
    }
}

static void test_reply_leaves_the_rest(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {21, 3, 1, 0, 2, 2, 40, 22, 3, 1};
    struct cursor in = cursor_over(bytes, sizeof bytes);
    struct tls_server_hello hello;
    assert_int_equal(tls_read_reply(&in, &hello), TLS_REPLY_ALERT);
    assert_int_equal(hello.alert, 40);
    assert_int_equal(cursor_left(&in), 3);
    assert_int_equal(tls_read_reply(&in, &hello), TLS_REPLY_WAIT);
    assert_int_equal(cursor_left(&in), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transcripts), cmocka_unit_test(test_weak_names),
        cmocka_unit_test(test_observes),    cmocka_unit_test(test_hello_legacy),
        cmocka_unit_test(test_hello_names), cmocka_unit_test(test_reply_leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
