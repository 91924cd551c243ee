#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "identity.h"

void identity_init(struct identity *identity, unsigned bits)
{
    identity->key = EVP_RSA_gen(bits);
    identity->certificate = X509_new();
    assert_true(identity->key && identity->certificate);
    X509_NAME *name = X509_get_subject_name(identity->certificate);
    ASN1_INTEGER_set(X509_get_serialNumber(identity->certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(identity->certificate), -86400);
    X509_gmtime_adj(X509_getm_notAfter(identity->certificate), 86400);
    assert_true(X509_set_pubkey(identity->certificate, identity->key) &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"server.example",
                                           -1, -1, 0) &&
                X509_set_issuer_name(identity->certificate, name) &&
                X509_sign(identity->certificate, identity->key, EVP_sha1()) > 0);
}

void identity_deinit(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

SSL_CTX *identity_server(const struct identity *identity, int version)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_non_null(context);
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_dh_auto(context, 1);
    assert_true(SSL_CTX_set_min_proto_version(context, version) &&
                SSL_CTX_set_max_proto_version(context, version) &&
                SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL:@SECLEVEL=0") &&
                SSL_CTX_use_certificate(context, identity->certificate) &&
                SSL_CTX_use_PrivateKey(context, identity->key));
    return context;
}
