#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "scanner/cookie.h"
#include "targets/permutation.h"

/* OpenSSL's SipHash-1-3, eight bytes of it. */
static uint64_t independent(const struct siphash_key *key, const void *message, size_t size)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    size_t wide = 8, written = 0;
    uint64_t hash = 0;
    unsigned rounds = 1, last_rounds = 3;
    OSSL_PARAM settings[] = {OSSL_PARAM_construct_size_t("size", &wide),
                             OSSL_PARAM_construct_uint("c-rounds", &rounds),
                             OSSL_PARAM_construct_uint("d-rounds", &last_rounds), OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_MAC_init(context, (const unsigned char *)key->words, 16, settings), 1);
    assert_int_equal(EVP_MAC_update(context, message, size), 1);
    assert_int_equal(EVP_MAC_final(context, (unsigned char *)&hash, &written, sizeof hash), 1);
    assert_int_equal(written, 8);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return hash;
}

static void it_is_siphash(void **state)
{
    (void)state;
    uint64_t count = 0;
    for (int i = 0; i < 1000; i++) {
        struct siphash_key key;
        key.words[0] = permutation_mix(++count);
        key.words[1] = permutation_mix(++count);
        __u64 words[5];
        for (size_t word = 0; word < 5; word++)
            words[word] = permutation_mix(++count);
        words[4] &= 0xffff;
        assert_true(cookie_v6(&key, words, words + 2, (uint16_t)words[4]) == independent(&key, words, 34));
        uint64_t short_words[2] = {words[0] & UINT32_MAX, words[0] >> 32 | words[4] << 32};
        assert_true(cookie_v4(&key, (uint32_t)words[0], (uint32_t)(words[0] >> 32), (uint16_t)words[4]) ==
                    independent(&key, short_words, 14));
    }
}

static void an_answer_tells_its_attempt(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t cookie = permutation_mix((uint64_t)i + 1);
        for (uint32_t attempt = 1; attempt <= COOKIE_GROUP_PORTS; attempt++) {
            uint16_t port = cookie_port(cookie, attempt);
            assert_in_range(port, COOKIE_PORT_FIRST, COOKIE_PORT_FIRST + COOKIE_PORTS - 1);
            assert_int_equal(cookie_attempt(cookie, port), attempt);
            assert_int_equal(cookie_attempt(cookie ^ UINT64_C(1) << 32, port), 0);
        }
    }
    assert_int_equal(cookie_attempt(0, COOKIE_PORT_FIRST - 1), 0);
    assert_int_equal(cookie_attempt(0, COOKIE_PORT_FIRST + COOKIE_PORTS), 0);
    assert_int_equal(cookie_attempt(0, 65535), 0);
    assert_int_equal(cookie_attempt(0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_siphash),
        cmocka_unit_test(an_answer_tells_its_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
