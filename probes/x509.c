#include "probes/x509.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum {
    SUBJECT,
    ISSUER,
    NAMES,
    NOT_BEFORE,
    NOT_AFTER,
    SELF_SIGNED,
    KEY_TYPE,
    KEY_BITS,
    SIGNATURE,
    WEAK_SIGNATURE,
    WEAK_KEY,
    FINGERPRINT,
    NAME_MISMATCH,
};

const struct fact x509_facts[] = {
    [SUBJECT] = {"x509.subject", FACT_TEXT, "whom the certificate names", "证书主体"},
    [ISSUER] = {"x509.issuer", FACT_TEXT, "who issued the certificate", "证书颁发者"},
    [NAMES] = {"x509.names", FACT_TEXT, "DNS names and addresses that the certificate is for",
               "证书适用的域名与地址"},
    [NOT_BEFORE] = {"x509.not_before", FACT_TIME, "when its validity begins", "证书生效时间"},
    [NOT_AFTER] = {"x509.not_after", FACT_TIME, "when its validity ends", "证书到期时间"},
    [SELF_SIGNED] = {"x509.self_signed", FACT_BOOL, "the certificate names itself as its issuer",
                     "自签名证书"},
    [KEY_TYPE] = {"x509.key_type", FACT_TEXT, "algorithm of the public key", "公钥算法"},
    [KEY_BITS] = {"x509.key_bits", FACT_INTEGER, "size of the public key", "公钥长度"},
    [SIGNATURE] = {"x509.signature", FACT_TEXT, "algorithm of the signature", "签名算法"},
    [WEAK_SIGNATURE] = {"x509.weak_signature", FACT_BOOL, "the signature rests on MD5, SHA-1 or older",
                        "签名基于MD5、SHA-1或更旧的散列"},
    [WEAK_KEY] = {"x509.weak_key", FACT_BOOL, "the key is RSA or DSA under 2048 bits, or EC under 224",
                  "公钥过短（RSA/DSA不足2048位或EC不足224位）"},
    [FINGERPRINT] = {"x509.fingerprint", FACT_TEXT, "SHA-256 of the certificate", "证书SHA-256指纹"},
    [NAME_MISMATCH] = {"x509.name_mismatch", FACT_BOOL,
                       "the certificate is not for the name by which the server was asked",
                       "证书与访问所用域名不匹配"},
    {0},
};

/* RFC 4514's form, most specific part first, with ", " between the parts. */
static void observe_name(struct observation *observation, const struct fact *fact, const X509_NAME *name)
{
    static const unsigned long flags = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN |
                                       XN_FLAG_DUMP_UNKNOWN_FIELDS | ASN1_STRFLGS_ESC_2253 |
                                       ASN1_STRFLGS_UTF8_CONVERT;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
        char *text = NULL;
        long size = BIO_get_mem_data(bio, &text);
        observation_text(observation, fact, (struct span){(const uint8_t *)text, (size_t)size});
    } else {
        observation_undetermined(observation, fact, "the name cannot be read");
    }
    BIO_free(bio);
}

static void observe_time(struct observation *observation, const struct fact *fact, const ASN1_TIME *time)
{
    struct tm tm = {0};
    if (time && ASN1_TIME_to_tm(time, &tm))
        observation_time(observation, fact, (int64_t)timegm(&tm));
    else
        observation_undetermined(observation, fact, "the time is malformed");
}

/* A list of names that grows by whole names only. */
struct names {
    char text[OBSERVATION_TEXT_MAX - 16];
    size_t length;
    size_t left_out;
};

static void add_name(struct names *names, const char *name, size_t length)
{
    const char *comma = names->length ? ", " : "";
    if (length + strlen(comma) >= sizeof names->text - names->length) {
        names->left_out++;
        return;
    }
    int wrote =
        snprintf(names->text + names->length, sizeof names->text - names->length, "%s%s", comma, name);
    names->length += (size_t)wrote;
}

/* A comma or blank inside a name would pass for two names. */
static void add_dns_name(struct names *names, const ASN1_STRING *string)
{
    char text[4 * 256 + 1];
    size_t length = 0;
    const uint8_t *bytes = ASN1_STRING_get0_data(string);
    for (int i = 0; i < ASN1_STRING_length(string) && length + 5 < sizeof text; i++) {
        bool plain = bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != ',';
        length += (size_t)snprintf(text + length, sizeof text - length, plain ? "%c" : "\\x%02x", bytes[i]);
    }
    if (length)
        add_name(names, text, length);
}

static void add_address(struct names *names, const ASN1_STRING *string)
{
    char text[ADDRESS_TEXT_MAX];
    struct cursor reader =
        cursor_over_block(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
    struct address address;
    if (cursor_left(&reader) == 4) {
        address = address_from_ipv4(cursor_u32be(&reader));
    } else if (cursor_left(&reader) == 16) {
        address.high = cursor_u64be(&reader);
        address.low = cursor_u64be(&reader);
    } else {
        return;
    }
    address_format(address, text);
    add_name(names, text, strlen(text));
}

static void add_names(struct names *names, const GENERAL_NAMES *list)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
        int kind = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list, i), &kind);
        if (kind == GEN_DNS)
            add_dns_name(names, value);
        else if (kind == GEN_IPADD)
            add_address(names, value);
    }
}

static void observe_names(struct observation *observation, const X509 *certificate)
{
    struct names names = {0};
    int critical = 0;
    GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    if (!list && critical != -1) {
        observation_undetermined(observation, &x509_facts[NAMES], "the list of names is malformed");
        return;
    }
    add_names(&names, list);
    GENERAL_NAMES_free(list);
    if (names.left_out)
        snprintf(names.text + names.length, sizeof names.text - names.length, ", +%zu", names.left_out);
    observation_words(observation, &x509_facts[NAMES], names.text);
}

static const struct {
    const char *library_name;
    const char *name;
    int least_bits; /* under which a key is weak (NIST SP 800-57 part 1, table 2: 112 bits of strength) */
} key_types[] = {
    {"RSA", "RSA", 2048}, {"RSA-PSS", "RSA-PSS", 2048}, {"DSA", "DSA", 2048},    {"EC", "EC", 224},
    {"SM2", "SM2", 224},  {"ED25519", "Ed25519", 224},  {"ED448", "Ed448", 224},
};

static void observe_unread_key(struct observation *observation, const char *why)
{
    observation_undetermined(observation, &x509_facts[KEY_BITS], why);
    observation_undetermined(observation, &x509_facts[WEAK_KEY], why);
}

static void observe_key(struct observation *observation, const X509 *certificate)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    int bits = key ? EVP_PKEY_get_bits(key) : 0;
    if (!key || bits <= 0) {
        observation_undetermined(observation, &x509_facts[KEY_TYPE], "the key cannot be read");
        observe_unread_key(observation, "the key cannot be read");
        return;
    }
    for (size_t i = 0; i < sizeof key_types / sizeof key_types[0]; i++) {
        if (!EVP_PKEY_is_a(key, key_types[i].library_name))
            continue;
        observation_words(observation, &x509_facts[KEY_TYPE], key_types[i].name);
        observation_integer(observation, &x509_facts[KEY_BITS], bits);
        observation_bool(observation, &x509_facts[WEAK_KEY], bits < key_types[i].least_bits);
        return;
    }
    const char *name = EVP_PKEY_get0_type_name(key);
    observation_words(observation, &x509_facts[KEY_TYPE], name ? name : "unknown");
    observe_unread_key(observation, "the strength of this kind of key is not known");
}

static bool weak_digest(int digest)
{
    static const int weak[] = {NID_md2, NID_md4, NID_md5, NID_sha, NID_sha1, NID_mdc2};
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++)
        if (weak[i] == digest)
            return true;
    return false;
}

static void observe_signature(struct observation *observation, X509 *certificate)
{
    int nid = X509_get_signature_nid(certificate), digest = NID_undef;
    const X509_ALGOR *algorithm = X509_get0_tbs_sigalg(certificate);
    char name[128] = "";
    OBJ_obj2txt(name, sizeof name, algorithm->algorithm, 0);
    observation_text(observation, &x509_facts[SIGNATURE], (struct span){(const uint8_t *)name, strlen(name)});
    /* Ed25519 and Ed448 bring their own digest along, so that none is named for them. */
    (void)X509_get_signature_info(certificate, &digest, NULL, NULL, NULL);
    if (digest != NID_undef || nid == NID_ED25519 || nid == NID_ED448)
        observation_bool(observation, &x509_facts[WEAK_SIGNATURE], weak_digest(digest));
    else
        observation_undetermined(observation, &x509_facts[WEAK_SIGNATURE], "the algorithm is not known");
}

static void observe_certificate(struct observation *observation, X509 *certificate)
{
    observe_name(observation, &x509_facts[SUBJECT], X509_get_subject_name(certificate));
    observe_name(observation, &x509_facts[ISSUER], X509_get_issuer_name(certificate));
    observe_names(observation, certificate);
    observe_time(observation, &x509_facts[NOT_BEFORE], X509_get0_notBefore(certificate));
    observe_time(observation, &x509_facts[NOT_AFTER], X509_get0_notAfter(certificate));
    /* By names and key identifiers; no signature of a stranger's is computed here. */
    observation_bool(observation, &x509_facts[SELF_SIGNED],
                     (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0);
    observe_key(observation, certificate);
    observe_signature(observation, certificate);
}

static void observe_fingerprint(struct observation *observation, struct span der)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned size = 0;
    if (!EVP_Digest(der.bytes, der.size, digest, &size, EVP_sha256(), NULL))
        return;
    for (unsigned i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    observation_words(observation, &x509_facts[FINGERPRINT], text);
}

/* NULL when it is none; then and later X509_free. */
static X509 *read_certificate(struct span der)
{
    const unsigned char *end = der.bytes;
    X509 *certificate = der.size && der.size <= X509_DER_MAX ? d2i_X509(NULL, &end, (long)der.size) : NULL;
    if (certificate && end == der.bytes + der.size)
        return certificate;
    X509_free(certificate);
    return NULL;
}

void x509_observe_match(struct observation *observation, struct span der, const char *name)
{
    static const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    X509 *certificate = read_certificate(der);
    int match = certificate ? X509_check_host(certificate, name, strlen(name), flags, NULL) : -1;
    if (match >= 0)
        observation_bool(observation, &x509_facts[NAME_MISMATCH], match == 0);
    X509_free(certificate);
    ERR_clear_error();
}

void x509_observe(struct observation *observation, struct span der)
{
    X509 *certificate = read_certificate(der);
    if (certificate) {
        observe_certificate(observation, certificate);
        observe_fingerprint(observation, der);
    } else {
        observation_undetermined(observation, &x509_facts[SUBJECT], "the certificate cannot be read");
    }
    X509_free(certificate);
    ERR_clear_error(); /* the session's own handshake asks the same queue */
}
