#ifndef TESTS_SCANNER_IDENTITY_H
#define TESTS_SCANNER_IDENTITY_H

#include <openssl/ssl.h>

/* A server's key with a certificate that it signed itself. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

/* An RSA key of so many bits. */
void identity_init(struct identity *identity, unsigned bits);
void identity_deinit(struct identity *identity);
/* A server's settings that take every version and suite that OpenSSL has. Caller frees. */
SSL_CTX *identity_server(const struct identity *identity, int version);

#endif
