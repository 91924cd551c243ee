#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "targets/signature.h"

#define SIGNED_S INT64_C(1795671000)

/* A scope file of 40 organizations, and what was made of it. */
struct signing {
    struct signing_key key;
    char *scope;
    size_t size;
    char text[SIGNATURE_TEXT_SIZE];
};

static int set_up(void **state)
{
    struct signing *signing = calloc(1, sizeof *signing);
    struct signature signature;
    FILE *out = open_memstream(&signing->scope, &signing->size);
    fputs("{ \"auscult\": 1, \"organizations\": [\n", out);
    for (int i = 0; i < 40; i++)
        fprintf(out, "  { \"id\": \"h%03d\", \"name\": \"医院\", \"ranges\": [\"192.0.2.%d\"] },\n", i, i);
    fputs("] }\n", out);
    fclose(out);
    assert_int_equal(signing_key_make(&signing->key), STATUS_OK);
    assert_int_equal(signature_make(&signature, &signing->key, signing->scope, signing->size, SIGNED_S),
                     STATUS_OK);
    signature_format(&signature, signing->text);
    *state = signing;
    return 0;
}

static int tear_down(void **state)
{
    struct signing *signing = *state;
    signing_key_deinit(&signing->key);
    free(signing->scope);
    free(signing);
    return 0;
}

/* Why the two do not belong together by this key; NULL when they do. */
static const char *refusal(const struct signing_key *key, const char *text, size_t text_size,
                           const char *scope, size_t size)
{
    struct signature signature;
    const char *why = signature_parse(&signature, text, text_size);
    return why ? why : signature_refusal(&signature, key, scope, size);
}

static const char *refusal_of(const struct signing *signing)
{
    return refusal(&signing->key, signing->text, SIGNATURE_TEXT_SIZE, signing->scope, signing->size);
}

static void what_was_signed_is_known(void **state)
{
    struct signing *signing = *state;
    struct signature signature;
    char again[SIGNATURE_TEXT_SIZE];
    assert_null(refusal_of(signing));
    assert_null(signature_parse(&signature, signing->text, SIGNATURE_TEXT_SIZE));
    assert_string_equal(signature.key_id, signing->key.id);
    assert_int_equal(signature.signed_s, SIGNED_S);
    signature_format(&signature, again);
    assert_memory_equal(again, signing->text, SIGNATURE_TEXT_SIZE);
}

/* One byte, in a thousand places, each made another one. */
static void one_byte_of_the_scope_is_refused(void **state)
{
    struct signing *signing = *state;
    size_t refused = 0;
    assert_true(signing->size > 1000);
    for (size_t i = 0; i < 1000; i++) {
        size_t at = i * signing->size / 1000;
        char kept = signing->scope[at];
        signing->scope[at] = (char)(kept ^ (1 << i % 8));
        const char *why = refusal_of(signing);
        refused += why && strstr(why, "not the one that was signed");
        signing->scope[at] = kept;
    }
    assert_int_equal(refused, 1000);
    assert_null(refusal_of(signing));
}

static void one_byte_of_the_signature_is_refused(void **state)
{
    struct signing *signing = *state;
    for (size_t at = 0; at < SIGNATURE_TEXT_SIZE; at++) {
        char kept = signing->text[at];
        for (int value = 0; value < 256; value += 1 + (int)at % 3) {
            signing->text[at] = (char)value;
            if ((char)value != kept)
                assert_non_null(refusal_of(signing));
        }
        signing->text[at] = kept;
    }
    assert_null(refusal_of(signing));
}

/* The time is signed as well, and so is the hash: text that is well formed does not make it fit. */
static void well_formed_lies_are_refused(void **state)
{
    struct signing *signing = *state;
    struct signature signature;
    char text[SIGNATURE_TEXT_SIZE];
    assert_null(signature_parse(&signature, signing->text, SIGNATURE_TEXT_SIZE));
    signature.signed_s++;
    signature_format(&signature, text);
    const char *why = refusal(&signing->key, text, sizeof text, signing->scope, signing->size);
    assert_string_equal(why, "does not fit: it was altered, or is not the key's");
    signature.signed_s--;
    signing->scope[5] ^= 1;
    assert_int_equal(hash_text(signing->scope, signing->size, signature.hash), STATUS_OK);
    signature_format(&signature, text);
    why = refusal(&signing->key, text, sizeof text, signing->scope, signing->size);
    assert_string_equal(why, "does not fit: it was altered, or is not the key's");
    signing->scope[5] ^= 1;
}

static void every_other_length_is_refused(void **state)
{
    struct signing *signing = *state;
    char longer[SIGNATURE_TEXT_SIZE + 1];
    for (size_t size = 0; size < SIGNATURE_TEXT_SIZE; size++)
        assert_non_null(refusal(&signing->key, signing->text, size, signing->scope, signing->size));
    memcpy(longer, signing->text, SIGNATURE_TEXT_SIZE);
    longer[SIGNATURE_TEXT_SIZE] = '\n';
    assert_string_equal(refusal(&signing->key, longer, sizeof longer, signing->scope, signing->size),
                        "has more in it than a signature");
    for (size_t size = 0; size < signing->size; size += 7)
        assert_non_null(refusal(&signing->key, signing->text, SIGNATURE_TEXT_SIZE, signing->scope, size));
    char *appended = malloc(signing->size + 1);
    memcpy(appended, signing->scope, signing->size);
    appended[signing->size] = '\n';
    assert_non_null(refusal(&signing->key, signing->text, SIGNATURE_TEXT_SIZE, appended, signing->size + 1));
    free(appended);
}

static size_t with_carriage_returns(const char *text, size_t size, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            out[length++] = '\r';
        out[length++] = text[i];
    }
    return length;
}

static void other_line_ends_are_refused(void **state)
{
    struct signing *signing = *state;
    char *scope = malloc(signing->size * 2);
    char text[SIGNATURE_TEXT_SIZE * 2];
    size_t size = with_carriage_returns(signing->scope, signing->size, scope);
    size_t text_size = with_carriage_returns(signing->text, SIGNATURE_TEXT_SIZE, text);
    assert_non_null(refusal(&signing->key, signing->text, SIGNATURE_TEXT_SIZE, scope, size));
    assert_non_null(refusal(&signing->key, text, text_size, signing->scope, signing->size));
    free(scope);
}

static void another_key_is_foreign(void **state)
{
    struct signing *signing = *state;
    struct signing_key other;
    struct signature signature;
    assert_int_equal(signing_key_make(&other), STATUS_OK);
    assert_string_equal(refusal(&other, signing->text, SIGNATURE_TEXT_SIZE, signing->scope, signing->size),
                        "is of another key");
    /* Signed by the other, and passed off as the owner's. */
    assert_int_equal(signature_make(&signature, &other, signing->scope, signing->size, SIGNED_S), STATUS_OK);
    assert_null(signature_refusal(&signature, &other, signing->scope, signing->size));
    memcpy(signature.key_id, signing->key.id, sizeof signature.key_id);
    assert_non_null(signature_refusal(&signature, &signing->key, signing->scope, signing->size));
    signing_key_deinit(&other);
}

static void another_scopes_signature_is_refused(void **state)
{
    struct signing *signing = *state;
    static const char other[] = "{ \"auscult\": 1 }\n";
    struct signature signature;
    assert_int_equal(signature_make(&signature, &signing->key, other, sizeof other - 1, SIGNED_S), STATUS_OK);
    assert_null(signature_refusal(&signature, &signing->key, other, sizeof other - 1));
    assert_non_null(signature_refusal(&signature, &signing->key, signing->scope, signing->size));
}

static void keys_are_kept_and_read(void **state)
{
    struct signing *signing = *state;
    struct signing_key read;
    struct stat there;
    char folder[] = "/tmp/auscult-key-XXXXXX", private[64], public[64];
    assert_non_null(mkdtemp(folder));
    snprintf(private, sizeof private, "%s/a.key", folder);
    snprintf(public, sizeof public, "%s/a.pub", folder);
    assert_int_equal(signing_key_write(&signing->key, private, true), STATUS_OK);
    assert_int_equal(signing_key_write(&signing->key, public, false), STATUS_OK);
    assert_int_equal(stat(private, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    /* Never over another. */
    assert_int_equal(signing_key_write(&signing->key, private, true), STATUS_SYSTEM);
    assert_int_equal(errno, EEXIST);
    assert_null(signing_key_read(&read, public, false));
    assert_string_equal(read.id, signing->key.id);
    assert_null(refusal(&read, signing->text, SIGNATURE_TEXT_SIZE, signing->scope, signing->size));
    signing_key_deinit(&read);
    assert_null(signing_key_read(&read, private, true));
    assert_string_equal(read.id, signing->key.id);
    signing_key_deinit(&read);
    assert_non_null(strstr(signing_key_read(&read, private, false), "no public key"));
    assert_non_null(strstr(signing_key_read(&read, public, true), "no private key"));
    assert_non_null(signing_key_read(&read, folder, false));
    unlink(private);
    unlink(public);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_is_known),
        cmocka_unit_test(one_byte_of_the_scope_is_refused),
        cmocka_unit_test(one_byte_of_the_signature_is_refused),
        cmocka_unit_test(well_formed_lies_are_refused),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(other_line_ends_are_refused),
        cmocka_unit_test(another_key_is_foreign),
        cmocka_unit_test(another_scopes_signature_is_refused),
        cmocka_unit_test(keys_are_kept_and_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
