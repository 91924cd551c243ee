#ifndef PROBES_TLS_H
#define PROBES_TLS_H

#include "probes/buffer.h"
#include "probes/observation.h"
#include "probes/probe.h"

/* What TLS itself tells (RFC 8446, RFC 5246). The handshake is scanner/session_tls.c's; here are its facts,
   and a ClientHello of our own hand, so that what our library refuses is never called what the server refuses
   (probes.md §2.9). Facts: tls.version, tls.cipher, tls.handshake_failed, tls.legacy_version,
   tls.legacy_accepted, tls.weak_cipher. */
extern const struct fact tls_facts[];

/* Records a finished handshake: names as OpenSSL gives them ("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384"). */
void tls_observe(struct observation *observation, const char *version, const char *cipher);
/* Records that the peer broke the handshake off; why is static. */
void tls_observe_failure(struct observation *observation, const char *why);
/* Whether what was recorded is an alert: the peer itself said no in TLS. */
bool tls_observed_refusal(const struct observation *observation);

#define TLS_VERSION_1_0 0x0301
#define TLS_VERSION_1_1 0x0302
#define TLS_VERSION_1_2 0x0303

/* A ClientHello that offers versions up to `version` and every cipher suite in use, weak ones too; SNI when
 * host is a name. */
void tls_write_hello(struct buffer *out, uint16_t version, uint64_t nonce, const char *host);

enum tls_reply {
    TLS_REPLY_WAIT,
    TLS_REPLY_HELLO, /* ServerHello: version and cipher are known */
    TLS_REPLY_ALERT, /* fatal alert: code is known */
    TLS_REPLY_NOT_TLS,
};
struct tls_server_hello {
    uint16_t version;
    uint16_t cipher;
    uint8_t alert;
};
/* Reads the first record that a server sends; commits it when it is whole. */
enum tls_reply tls_read_reply(struct cursor *in, struct tls_server_hello *reply_out);

/* Offers nothing above TLS 1.1 on a connection of its own and reports tls.legacy_accepted. Not a service: the
   dispatcher runs it after a service was found inside TLS from the start. */
extern const struct probe tls_legacy_check;

#endif
