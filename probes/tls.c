#include "probes/tls.h"

enum { VERSION, CIPHER, HANDSHAKE_FAILED };

const struct fact tls_facts[] = {
    [VERSION] = {"tls.version", FACT_TEXT, "TLS version that was agreed with us", "协商的TLS版本"},
    [CIPHER] = {"tls.cipher", FACT_TEXT, "cipher suite that was agreed with us", "协商的密码套件"},
    [HANDSHAKE_FAILED] = {"tls.handshake_failed", FACT_TEXT, "why a TLS handshake was not finished",
                          "TLS握手未完成的原因"},
    {0},
};

void tls_observe(struct observation *observation, const char *version, const char *cipher)
{
    observation_words(observation, &tls_facts[VERSION], version);
    observation_words(observation, &tls_facts[CIPHER], cipher);
}

void tls_observe_failure(struct observation *observation, const char *why)
{
    observation_words(observation, &tls_facts[HANDSHAKE_FAILED], why);
}
