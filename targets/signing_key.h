#ifndef TARGETS_SIGNING_KEY_H
#define TARGETS_SIGNING_KEY_H

#include <stdbool.h>

#include "targets/hash.h"

/* A key of whoever owns a scope: Ed25519 (RFC 8032), in PEM as `openssl genpkey -algorithm ed25519` writes it (RFC
   8410), so that a key of another program, or one that OpenSSL keeps under a passphrase, serves as well. */
struct signing_key {
    void *pair; /* OpenSSL's EVP_PKEY; NULL: none */
    bool is_private;
    char id[HASH_TEXT_MAX]; /* SHA-256 of the 32 bytes of the public key */
};

/* A new pair. STATUS_NO_MEMORY when OpenSSL can make none. */
MUST_USE enum status signing_key_make(struct signing_key *key);
/* Reads the private or the public half. NULL, or why it could not, as the end of a sentence that begins with the
   path; static. OpenSSL asks for a passphrase on the terminal. */
MUST_USE const char *signing_key_read(struct signing_key *key, const char *path, bool is_private);
void signing_key_deinit(struct signing_key *key);
/* Writes one half into a file that must not be there yet: the private one for its owner's eyes only, the public one
   for all. STATUS_SYSTEM: errno, and no file is left. */
MUST_USE enum status signing_key_write(const struct signing_key *key, const char *path, bool is_private);

#endif
