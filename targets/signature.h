#ifndef TARGETS_SIGNATURE_H
#define TARGETS_SIGNATURE_H

#include <stdint.h>

#include "targets/signing_key.h"

/* A detached signature of a scope file, which stands beside it as SCOPE.sig. It is text of six lines, each ended by one
   line feed, and of exactly this form:

       auscult signature 1
       algorithm: ed25519
       key: SHA-256 of the 32 bytes of the public key, 64 lower-case hexadecimal digits
       sha256: that of the scope file, likewise
       signed: 2026-11-26T05:50:00Z
       signature: 88 characters of base64 (RFC 4648 §4)

   What is signed is the text "auscult scope signature 1" with its NUL, so that no signature made for another purpose
   counts; then the first five lines; then every byte of the scope file. A file that differs in any byte from what
   `auscult scope sign` writes is no signature. */

#define SIGNATURE_TEXT_SIZE 311
#define SIGNATURE_BYTES     64

struct signature {
    char key_id[HASH_TEXT_MAX];
    char hash[HASH_TEXT_MAX]; /* of the scope file */
    int64_t signed_s;         /* since the epoch, as the signer's clock had it */
    uint8_t bytes[SIGNATURE_BYTES];
};

/* NULL, or why it is none, as the end of a sentence; static. */
MUST_USE const char *signature_parse(struct signature *signature, const char *text, size_t size);
/* Its text, without a NUL. signed_s lies in the years 1970 to 9999. */
void signature_format(const struct signature *signature, char text_out[SIGNATURE_TEXT_SIZE]);
/* Signs the bytes of a scope file with a private key. */
MUST_USE enum status signature_make(struct signature *signature, const struct signing_key *key,
                                    const char *scope, size_t size, int64_t signed_s);

/* NULL when the signature is that of these very bytes, made by this key; else why not, as the end of a sentence;
   static. */
MUST_USE const char *signature_refusal(const struct signature *signature, const struct signing_key *key,
                                       const char *scope, size_t size);

#endif
