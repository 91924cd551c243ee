#include "targets/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_LINE  "auscult signature 1\n"
#define KEY         FIRST_LINE "algorithm: ed25519\nkey: "
#define PURPOSE     "auscult scope signature 1" /* its NUL belongs to it */
#define DIGITS      64
#define MOMENT_SIZE 20 /* 2026-11-26T05:50:00Z */
#define BASE64_SIZE 88

/* Where each part begins in the text; all have fixed sizes. */
enum {
    KEY_AT = sizeof KEY - 1,
    HASH_AT = KEY_AT + DIGITS + sizeof "\nsha256: " - 1,
    MOMENT_AT = HASH_AT + DIGITS + sizeof "\nsigned: " - 1,
    HEADER_SIZE = MOMENT_AT + MOMENT_SIZE + 1,
    BYTES_AT = HEADER_SIZE + sizeof "signature: " - 1,
};
_Static_assert(BYTES_AT + BASE64_SIZE + 1 == SIGNATURE_TEXT_SIZE, "the parts make up the whole");

static void format_header(const struct signature *signature, char header[HEADER_SIZE + 1])
{
    char moment[MOMENT_SIZE + 1] = "";
    struct tm parts = {0};
    time_t at = (time_t)signature->signed_s;
    gmtime_r(&at, &parts);
    strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%SZ", &parts);
    snprintf(header, HEADER_SIZE + 1, KEY "%.64s\nsha256: %.64s\nsigned: %.20s\n", signature->key_id,
             signature->hash, moment);
}

void signature_format(const struct signature *signature, char text_out[SIGNATURE_TEXT_SIZE])
{
    char header[HEADER_SIZE + 1];
    unsigned char base64[BASE64_SIZE + 1];
    char text[SIGNATURE_TEXT_SIZE + 1];
    format_header(signature, header);
    EVP_EncodeBlock(base64, signature->bytes, SIGNATURE_BYTES);
    snprintf(text, sizeof text, "%ssignature: %s\n", header, (const char *)base64);
    memcpy(text_out, text, SIGNATURE_TEXT_SIZE);
}

static bool digits_copy(const char *from, char to[HASH_TEXT_MAX])
{
    memcpy(to, from, DIGITS);
    to[DIGITS] = 0;
    return strspn(to, "0123456789abcdef") == DIGITS;
}

static bool moment_parse(const char *text, int64_t *moment_out)
{
    char copy[MOMENT_SIZE + 1] = "";
    struct tm parts = {0};
    memcpy(copy, text, MOMENT_SIZE);
    const char *end = strptime(copy, "%Y-%m-%dT%H:%M:%SZ", &parts);
    *moment_out = end ? (int64_t)timegm(&parts) : -1;
    return *moment_out >= 0;
}

static bool bytes_parse(const char *base64, uint8_t bytes[SIGNATURE_BYTES])
{
    unsigned char decoded[BASE64_SIZE / 4 * 3];
    if (EVP_DecodeBlock(decoded, (const unsigned char *)base64, BASE64_SIZE) != sizeof decoded)
        return false;
    memcpy(bytes, decoded, SIGNATURE_BYTES);
    return true;
}

/* Whatever the parts may be read from, only the text that they are written as again is a signature. */
const char *signature_parse(struct signature *signature, const char *text, size_t size)
{
    char again[SIGNATURE_TEXT_SIZE];
    *signature = (struct signature){.signed_s = 0};
    if (size == 0)
        return "is empty";
    if (size < strlen(FIRST_LINE) || memcmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
        return "is no signature that this program knows";
    if (size != SIGNATURE_TEXT_SIZE)
        return size < SIGNATURE_TEXT_SIZE ? "is cut off" : "has more in it than a signature";
    bool good = digits_copy(text + KEY_AT, signature->key_id) &&
                digits_copy(text + HASH_AT, signature->hash) &&
                moment_parse(text + MOMENT_AT, &signature->signed_s) &&
                bytes_parse(text + BYTES_AT, signature->bytes);
    if (good)
        signature_format(signature, again);
    if (!good || memcmp(text, again, SIGNATURE_TEXT_SIZE) != 0)
        return "is not as `auscult scope sign` writes it; it was altered";
    return NULL;
}

/* All that is signed, the caller's to free; NULL when memory is out. */
static unsigned char *message_make(const struct signature *signature, const char *scope, size_t size,
                                   size_t *size_out)
{
    char header[HEADER_SIZE + 1];
    *size_out = sizeof PURPOSE + HEADER_SIZE + size;
    unsigned char *message = malloc(*size_out);
    if (!message)
        return NULL;
    format_header(signature, header);
    memcpy(message, PURPOSE, sizeof PURPOSE);
    memcpy(message + sizeof PURPOSE, header, HEADER_SIZE);
    if (size)
        memcpy(message + sizeof PURPOSE + HEADER_SIZE, scope, size);
    return message;
}

enum status signature_make(struct signature *signature, const struct signing_key *key, const char *scope,
                           size_t size, int64_t signed_s)
{
    size_t message_size = 0, length = SIGNATURE_BYTES;
    *signature = (struct signature){.signed_s = signed_s};
    memcpy(signature->key_id, key->id, sizeof key->id);
    if (hash_text(scope, size, signature->hash) != STATUS_OK)
        return STATUS_NO_MEMORY;
    unsigned char *message = message_make(signature, scope, size, &message_size);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = message && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 &&
                EVP_DigestSign(context, signature->bytes, &length, message, message_size) == 1 &&
                length == SIGNATURE_BYTES;
    EVP_MD_CTX_free(context);
    free(message);
    return good ? STATUS_OK : STATUS_NO_MEMORY;
}

/* 1: it fits, 0: it does not, less: that can't be told. */
static int fits(const struct signature *signature, const struct signing_key *key, const char *scope,
                size_t size)
{
    size_t message_size = 0;
    unsigned char *message = message_make(signature, scope, size, &message_size);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int result = message && context ? EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pair) - 1 : -1;
    if (result == 0)
        result = EVP_DigestVerify(context, signature->bytes, SIGNATURE_BYTES, message, message_size);
    EVP_MD_CTX_free(context);
    free(message);
    ERR_clear_error();
    return result;
}

const char *signature_refusal(const struct signature *signature, const struct signing_key *key,
                              const char *scope, size_t size)
{
    char hash[HASH_TEXT_MAX];
    if (strcmp(signature->key_id, key->id) != 0)
        return "is of another key";
    if (hash_text(scope, size, hash) != STATUS_OK)
        return "could not be checked: out of memory";
    if (strcmp(signature->hash, hash) != 0)
        return "is of other bytes: the scope file is not the one that was signed";
    int result = fits(signature, key, scope, size);
    if (result < 0)
        return "could not be checked: OpenSSL failed";
    return result == 1 ? NULL : "does not fit: it was altered, or is not the key's";
}
