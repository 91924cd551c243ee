#include "scanner/session_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/tls.h"
#include "probes/x509.h"
#include "targets/address.h"

struct tls_client {
    SSL_CTX *context;
};

struct tls_stream {
    SSL *ssl;
    BIO *from_wire; /* owned by ssl */
    BIO *to_wire;   /* owned by ssl */
    bool ready;
    const char *why; /* of a failure; static */
};

/* Strong suites first, so that a weak one is agreed only where the server has nothing better; probes.md §2.9.
 */
static const char ciphers[] = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

enum status tls_client_new(struct tls_client **client_out)
{
    struct tls_client *client = calloc(1, sizeof *client);
    SSL_CTX *context = client ? SSL_CTX_new(TLS_client_method()) : NULL;
    *client_out = NULL;
    if (!context) {
        free(client);
        return STATUS_NO_MEMORY;
    }
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                     SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, 65536);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (!SSL_CTX_set_min_proto_version(context, TLS1_VERSION) || !SSL_CTX_set_cipher_list(context, ciphers)) {
        SSL_CTX_free(context);
        free(client);
        return STATUS_SYSTEM;
    }
    client->context = context;
    *client_out = client;
    return STATUS_OK;
}

void tls_client_free(struct tls_client **client)
{
    if (*client)
        SSL_CTX_free((*client)->context);
    free(*client);
    *client = NULL;
}

static bool attach(struct tls_stream *stream, SSL_CTX *context, const char *host)
{
    struct address address;
    stream->ssl = SSL_new(context);
    stream->from_wire = BIO_new(BIO_s_mem());
    stream->to_wire = BIO_new(BIO_s_mem());
    if (!stream->ssl || !stream->from_wire || !stream->to_wire)
        return false;
    SSL_set_bio(stream->ssl, stream->from_wire, stream->to_wire);
    SSL_set_connect_state(stream->ssl);
    if (address_parse(host, strlen(host), &address))
        return true;
    char name[256]; /* the macro casts const away */
    return snprintf(name, sizeof name, "%s", host) < (int)sizeof name &&
           SSL_set_tlsext_host_name(stream->ssl, name);
}

enum status tls_stream_new(struct tls_client *client, const char *host, struct tls_stream **stream_out)
{
    struct tls_stream *stream = calloc(1, sizeof *stream);
    *stream_out = stream;
    if (stream && attach(stream, client->context, host)) {
        tls_stream_feed(stream, NULL, 0);
        return STATUS_OK;
    }
    if (stream && !stream->ssl) {
        BIO_free(stream->from_wire);
        BIO_free(stream->to_wire);
    }
    tls_stream_free(stream_out);
    return STATUS_NO_MEMORY;
}

void tls_stream_free(struct tls_stream **stream)
{
    if (*stream)
        SSL_free((*stream)->ssl);
    free(*stream);
    *stream = NULL;
}

/* OpenSSL's own words for the reasons that say something about the server. */
static const char *reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *words = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return words ? words : "the peer broke off the handshake";
}

enum tls_progress tls_stream_feed(struct tls_stream *stream, const void *bytes, size_t size)
{
    if (stream->why)
        return TLS_FAILED;
    if (size && BIO_write(stream->from_wire, bytes, (int)size) != (int)size) {
        stream->why = "out of memory";
        return TLS_FAILED;
    }
    if (stream->ready)
        return TLS_READY;
    ERR_clear_error();
    int result = SSL_do_handshake(stream->ssl);
    if (result == 1) {
        stream->ready = true;
        return TLS_READY;
    }
    int error = SSL_get_error(stream->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return TLS_MORE;
    stream->why = reason();
    return TLS_FAILED;
}

size_t tls_stream_wire(struct tls_stream *stream, void *bytes, size_t capacity)
{
    int size = BIO_read(stream->to_wire, bytes, (int)capacity);
    return size > 0 ? (size_t)size : 0;
}

size_t tls_stream_read(struct tls_stream *stream, void *bytes, size_t capacity)
{
    if (!stream->ready)
        return 0;
    ERR_clear_error();
    int size = SSL_read(stream->ssl, bytes, (int)capacity);
    if (size > 0)
        return (size_t)size;
    if (SSL_get_error(stream->ssl, size) == SSL_ERROR_SSL)
        stream->why = reason();
    return 0;
}

bool tls_stream_over(const struct tls_stream *stream)
{
    return stream->why || (SSL_get_shutdown(stream->ssl) & SSL_RECEIVED_SHUTDOWN);
}

bool tls_stream_write(struct tls_stream *stream, const void *bytes, size_t size)
{
    ERR_clear_error();
    return size == 0 || (stream->ready && SSL_write(stream->ssl, bytes, (int)size) == (int)size);
}

void tls_stream_end(struct tls_stream *stream)
{
    if (stream->ready && !stream->why)
        SSL_shutdown(stream->ssl);
    ERR_clear_error();
}

static void observe_certificate(const SSL *ssl, struct observation *observation)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    unsigned char *der = NULL;
    int size = certificate ? i2d_X509(certificate, &der) : 0;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (size > 0)
        x509_observe(observation, (struct span){der, (size_t)size});
    if (size > 0 && name)
        x509_observe_match(observation, (struct span){der, (size_t)size}, name);
    OPENSSL_free(der);
    ERR_clear_error();
}

void tls_stream_observe(const struct tls_stream *stream, struct observation *observation)
{
    if (stream->ready) {
        tls_observe(observation, SSL_get_version(stream->ssl), SSL_get_cipher_name(stream->ssl));
        observe_certificate(stream->ssl, observation);
    } else {
        tls_observe_failure(observation, stream->why ? stream->why : "the peer did not answer the handshake");
    }
}
