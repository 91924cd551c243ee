#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#include "targets/siphash.h"

/* OpenSSL's, with the rounds of SipHash-1-3; slow to set up, which is why it is not used outside the tests. */
static uint64_t reference(EVP_MAC_CTX *context, const unsigned char key[16], const void *bytes, size_t size)
{
    unsigned one = 1, three = 3;
    size_t eight = 8, written = 0;
    unsigned char out[8];
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &one),
        OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &three),
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &eight),
        OSSL_PARAM_construct_end(),
    };
    assert_int_equal(EVP_MAC_init(context, key, 16, parameters), 1);
    assert_int_equal(EVP_MAC_update(context, bytes, size), 1);
    assert_int_equal(EVP_MAC_final(context, out, &written, sizeof out), 1);
    assert_int_equal(written, 8);
    uint64_t hash = 0;
    for (int i = 7; i >= 0; i--)
        hash = hash << 8 | out[i];
    return hash;
}

static void it_is_that_of_openssl(void **state)
{
    (void)state;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    unsigned char key[16], bytes[100];
    struct siphash_key words;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 16; i++)
            key[i] = (unsigned char)(round * 91 + i * 53);
        words = (struct siphash_key){{0, 0}};
        for (int i = 7; i >= 0; i--) {
            words.words[0] = words.words[0] << 8 | key[i];
            words.words[1] = words.words[1] << 8 | key[8 + i];
        }
        for (size_t size = 0; size <= sizeof bytes; size++)
            assert_true(siphash(&words, bytes, size) == reference(context, key, bytes, size));
    }
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
}

static void keys_differ(void **state)
{
    (void)state;
    struct siphash_key a, b;
    assert_int_equal(siphash_key_draw(&a), STATUS_OK);
    assert_int_equal(siphash_key_draw(&b), STATUS_OK);
    assert_true(a.words[0] != b.words[0] && a.words[1] != b.words[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_that_of_openssl),
        cmocka_unit_test(keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
