#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "identity.h"
#include "scanner/session_tls.h"

/* A client of ours and a server of OpenSSL's, in memory. */

#define FLIGHT_MAX 65536

struct pair {
    struct tls_client *client;
    struct tls_stream *stream;
    SSL_CTX *context;
    SSL *server;
    enum tls_progress progress;
};

static struct identity identity;

static int make_identity(void **state)
{
    (void)state;
    identity_init(&identity, 1024);
    return 0;
}

static int drop_identity(void **state)
{
    (void)state;
    identity_deinit(&identity);
    return 0;
}

static void pair_init(struct pair *pair, SSL_CTX *context, const char *host)
{
    *pair = (struct pair){.context = context, .progress = TLS_MORE};
    assert_int_equal(tls_client_new(&pair->client), STATUS_OK);
    assert_int_equal(tls_stream_new(pair->client, host, &pair->stream), STATUS_OK);
    pair->server = SSL_new(context);
    assert_non_null(pair->server);
    SSL_set_bio(pair->server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(pair->server);
}

static void pair_deinit(struct pair *pair)
{
    SSL_free(pair->server);
    SSL_CTX_free(pair->context);
    tls_stream_free(&pair->stream);
    tls_client_free(&pair->client);
    assert_null(pair->stream);
    assert_null(pair->client);
}

static void to_server(struct pair *pair)
{
    char bytes[1000];
    for (size_t size; (size = tls_stream_wire(pair->stream, bytes, sizeof bytes)) > 0;)
        assert_int_equal(BIO_write(SSL_get_rbio(pair->server), bytes, (int)size), size);
}

/* `piece` bytes at a time. */
static void to_client(struct pair *pair, size_t piece)
{
    char bytes[4096];
    for (int size; (size = BIO_read(SSL_get_wbio(pair->server), bytes, (int)piece)) > 0;)
        if (pair->progress != TLS_FAILED)
            pair->progress = tls_stream_feed(pair->stream, bytes, (size_t)size);
}

static void shake_hands(struct pair *pair, size_t piece)
{
    for (int i = 0; i < 10; i++) {
        to_server(pair);
        (void)SSL_do_handshake(pair->server);
        to_client(pair, piece);
    }
}

static void check_echo(struct pair *pair)
{
    char bytes[64];
    assert_true(tls_stream_write(pair->stream, "hello", 5));
    to_server(pair);
    assert_int_equal(SSL_read(pair->server, bytes, sizeof bytes), 5);
    assert_int_equal(SSL_write(pair->server, "good day", 8), 8);
    to_client(pair, 3);
    assert_int_equal(tls_stream_read(pair->stream, bytes, sizeof bytes), 8);
    assert_memory_equal(bytes, "good day", 8);
    assert_int_equal(tls_stream_read(pair->stream, bytes, sizeof bytes), 0);
    assert_false(tls_stream_over(pair->stream));
}

static void observe(const struct pair *pair, struct observation *observation)
{
    observation_init(observation, (struct address){0}, (struct port){443, TRANSPORT_TCP});
    tls_stream_observe(pair->stream, observation);
}

static void check_text(const struct observation *observation, const char *name, const char *text)
{
    const struct fact_value *value = observation_find(observation, name);
    assert_non_null(value);
    assert_string_equal(value->text, text);
}

static void check_agreed(SSL_CTX *context, const char *version, unsigned bits, size_t piece)
{
    struct pair pair;
    struct observation observation;
    pair_init(&pair, context, "192.0.2.1");
    shake_hands(&pair, piece);
    assert_int_equal(pair.progress, TLS_READY);
    check_echo(&pair);
    observe(&pair, &observation);
    check_text(&observation, "tls.version", version);
    check_text(&observation, "x509.subject", "CN=server.example");
    assert_int_equal(observation_find(&observation, "x509.key_bits")->number, bits);
    assert_non_null(observation_find(&observation, "tls.cipher"));
    assert_null(observation_find(&observation, "tls.handshake_failed"));
    observation_deinit(&observation);
    pair_deinit(&pair);
}

static void test_versions(void **state)
{
    (void)state;
    check_agreed(identity_server(&identity, TLS1_VERSION), "TLSv1", 1024, 4096);
    check_agreed(identity_server(&identity, TLS1_1_VERSION), "TLSv1.1", 1024, 4096);
    check_agreed(identity_server(&identity, TLS1_2_VERSION), "TLSv1.2", 1024, 4096);
    check_agreed(identity_server(&identity, TLS1_3_VERSION), "TLSv1.3", 1024, 4096);
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    check_agreed(identity_server(&identity, TLS1_VERSION), "TLSv1", 1024, 1);
    check_agreed(identity_server(&identity, TLS1_3_VERSION), "TLSv1.3", 1024, 1);
}

/* What OpenSSL refuses by itself is what we look for. */
static void test_small_key(void **state)
{
    (void)state;
    struct identity small;
    identity_init(&small, 512);
    check_agreed(identity_server(&small, TLS1_VERSION), "TLSv1", 512, 4096);
    check_agreed(identity_server(&small, TLS1_2_VERSION), "TLSv1.2", 512, 4096);
    identity_deinit(&small);
}

static void test_weak_suites(void **state)
{
    (void)state;
    static const char *const suites[] = {"AES128-SHA", "NULL-SHA", "ADH-AES128-SHA", "DHE-RSA-AES256-SHA"};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        struct pair pair;
        struct observation observation;
        SSL_CTX *context = identity_server(&identity, TLS1_VERSION);
        assert_true(SSL_CTX_set_cipher_list(context, suites[i]));
        SSL_CTX_set_security_level(context, 0);
        pair_init(&pair, context, "192.0.2.1");
        shake_hands(&pair, 4096);
        assert_int_equal(pair.progress, TLS_READY);
        observe(&pair, &observation);
        check_text(&observation, "tls.cipher", suites[i]);
        assert_int_equal(observation_find(&observation, "tls.weak_cipher")->number, i == 1 || i == 2);
        observation_deinit(&observation);
        pair_deinit(&pair);
    }
}

static const char *named;

static int note_name(SSL *server, int *alert, void *context)
{
    (void)alert;
    (void)context;
    const char *name = SSL_get_servername(server, TLSEXT_NAMETYPE_host_name);
    named = name ? strdup(name) : NULL;
    return SSL_TLSEXT_ERR_OK;
}

static void check_name(const char *host, const char *expected)
{
    struct pair pair;
    SSL_CTX *context = identity_server(&identity, TLS1_2_VERSION);
    SSL_CTX_set_tlsext_servername_callback(context, note_name);
    pair_init(&pair, context, host);
    shake_hands(&pair, 4096);
    assert_int_equal(pair.progress, TLS_READY);
    if (expected)
        assert_string_equal(named, expected);
    else
        assert_null(named);
    free((void *)(uintptr_t)named);
    pair_deinit(&pair);
}

static void test_name(void **state)
{
    (void)state;
    check_name("his.example", "his.example");
    check_name("192.0.2.1", NULL);
    check_name("2001:db8::1", NULL);
}

static int let_in(int good, X509_STORE_CTX *store)
{
    (void)good;
    (void)store;
    return 1;
}

/* We have none, and say so; what the server makes of it is its own affair. */
static void test_server_asks_for_our_certificate(void **state)
{
    (void)state;
    for (int insists = 0; insists < 2; insists++) {
        struct pair pair;
        struct observation observation;
        SSL_CTX *context = identity_server(&identity, TLS1_2_VERSION);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (insists ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           let_in);
        pair_init(&pair, context, "192.0.2.1");
        shake_hands(&pair, 4096);
        assert_int_equal(pair.progress, insists ? TLS_FAILED : TLS_READY);
        observe(&pair, &observation);
        if (insists)
            assert_non_null(strstr(observation_find(&observation, "tls.handshake_failed")->text, "alert"));
        observation_deinit(&observation);
        pair_deinit(&pair);
    }
}

static void test_server_ends_it(void **state)
{
    (void)state;
    struct pair pair;
    char bytes[16];
    pair_init(&pair, identity_server(&identity, TLS1_3_VERSION), "192.0.2.1");
    shake_hands(&pair, 4096);
    check_echo(&pair);
    SSL_shutdown(pair.server);
    to_client(&pair, 4096);
    assert_int_equal(tls_stream_read(pair.stream, bytes, sizeof bytes), 0);
    assert_true(tls_stream_over(pair.stream));
    pair_deinit(&pair);
}

static void test_we_end_it(void **state)
{
    (void)state;
    struct pair pair;
    char bytes[16];
    pair_init(&pair, identity_server(&identity, TLS1_2_VERSION), "192.0.2.1");
    shake_hands(&pair, 4096);
    tls_stream_end(pair.stream);
    to_server(&pair);
    assert_true(SSL_read(pair.server, bytes, sizeof bytes) <= 0);
    assert_true(SSL_get_shutdown(pair.server) & SSL_RECEIVED_SHUTDOWN);
    pair_deinit(&pair);
}

/* After the handshake, what is no record ends it. */
static void test_garbage_inside(void **state)
{
    (void)state;
    struct pair pair;
    char bytes[64];
    pair_init(&pair, identity_server(&identity, TLS1_3_VERSION), "192.0.2.1");
    shake_hands(&pair, 4096);
    check_echo(&pair);
    assert_int_equal(tls_stream_feed(pair.stream, "\27\3\3\0\30aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 29),
                     TLS_READY);
    assert_int_equal(tls_stream_read(pair.stream, bytes, sizeof bytes), 0);
    assert_true(tls_stream_over(pair.stream));
    assert_int_equal(tls_stream_feed(pair.stream, "more", 4), TLS_FAILED);
    pair_deinit(&pair);
}

static struct tls_stream *lone_stream(struct tls_client **client)
{
    struct tls_stream *stream;
    assert_int_equal(tls_client_new(client), STATUS_OK);
    assert_int_equal(tls_stream_new(*client, "192.0.2.1", &stream), STATUS_OK);
    return stream;
}

static void check_broken(const void *bytes, size_t size, const char *inside)
{
    struct tls_client *client;
    struct tls_stream *stream = lone_stream(&client);
    struct observation observation;
    assert_int_equal(tls_stream_feed(stream, bytes, size), TLS_FAILED);
    observation_init(&observation, (struct address){0}, (struct port){443, TRANSPORT_TCP});
    tls_stream_observe(stream, &observation);
    const struct fact_value *why = observation_find(&observation, "tls.handshake_failed");
    assert_non_null(why);
    assert_non_null(strstr(why->text, inside));
    assert_null(observation_find(&observation, "tls.version"));
    assert_int_equal(tls_stream_feed(stream, bytes, size), TLS_FAILED);
    observation_deinit(&observation);
    tls_stream_free(&stream);
    tls_client_free(&client);
}

static void test_no_tls(void **state)
{
    (void)state;
    check_broken("HTTP/1.1 400 Bad Request\r\n\r\n", 28, "");
    check_broken("\25\3\1\0\2\2\50", 7, "alert"); /* handshake failure: the peer's own no */
    check_broken("SSH-2.0-OpenSSH_9.2p1\r\n", 23, "");
    check_broken("\26\3\3\xff\xff\2\xff\xff\xff", 9, "");
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint32_t dice = 99;
    for (int i = 0; i < 400; i++) {
        struct tls_client *client;
        struct tls_stream *stream = lone_stream(&client);
        unsigned char bytes[300];
        for (size_t b = 0; b < sizeof bytes; b++)
            bytes[b] = (unsigned char)((dice = dice * 1664525u + 1013904223u) >> 24);
        if (i % 2)
            memcpy(bytes, "\26\3\3\0\372\2\0\0\366\3\3", 11); /* the head of a ServerHello */
        assert_int_not_equal(tls_stream_feed(stream, bytes, sizeof bytes), TLS_READY);
        assert_false(tls_stream_write(stream, "x", 1));
        assert_int_equal(tls_stream_read(stream, bytes, sizeof bytes), 0);
        tls_stream_free(&stream);
        tls_client_free(&client);
    }
}

/* The server's first flight, cut at every length: never ready, never more than a reason. */
static void test_truncated(void **state)
{
    (void)state;
    struct pair pair;
    struct observation observation;
    static unsigned char flight[FLIGHT_MAX];
    pair_init(&pair, identity_server(&identity, TLS1_2_VERSION), "192.0.2.1");
    to_server(&pair);
    (void)SSL_do_handshake(pair.server);
    int size = BIO_read(SSL_get_wbio(pair.server), flight, FLIGHT_MAX);
    assert_true(size > 100);
    for (int at = 0; at < size; at++)
        assert_int_equal(tls_stream_feed(pair.stream, flight + at, 1), TLS_MORE);
    observe(&pair, &observation);
    check_text(&observation, "tls.handshake_failed", "the peer did not answer the handshake");
    assert_null(observation_find(&observation, "x509.subject"));
    observation_deinit(&observation);
    pair_deinit(&pair);
}

/* The same flight with one byte of it changed, byte after byte: an end or a wait, and no crash. */
static void test_flight_with_a_wrong_byte(void **state)
{
    (void)state;
    static unsigned char flight[FLIGHT_MAX];
    struct pair pair;
    pair_init(&pair, identity_server(&identity, TLS1_2_VERSION), "192.0.2.1");
    to_server(&pair);
    (void)SSL_do_handshake(pair.server);
    int size = BIO_read(SSL_get_wbio(pair.server), flight, FLIGHT_MAX);
    pair_deinit(&pair);
    for (int at = 0; at < size; at += 3) {
        struct tls_client *client;
        struct tls_stream *stream = lone_stream(&client);
        flight[at] ^= 0x41;
        assert_int_not_equal(tls_stream_feed(stream, flight, (size_t)size), TLS_READY);
        flight[at] ^= 0x41;
        tls_stream_free(&stream);
        tls_client_free(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_small_key),
        cmocka_unit_test(test_weak_suites),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_server_asks_for_our_certificate),
        cmocka_unit_test(test_server_ends_it),
        cmocka_unit_test(test_we_end_it),
        cmocka_unit_test(test_garbage_inside),
        cmocka_unit_test(test_no_tls),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flight_with_a_wrong_byte),
    };
    return cmocka_run_group_tests(tests, make_identity, drop_identity);
}
