#include <strings.h>

#include "scoring/feeds/indicators.h"

/* No more than 64: each is a bit. What follows malware-type-ov is of infrastructure-type-ov, of the types of
   objects, and what labels say in its place. */
static const char *const words[] = {
    "anomalous-activity",
    "anonymization",
    "attribution",
    "benign",
    "compromised",
    "malicious-activity",
    "adware",
    "backdoor",
    "bot",
    "bootkit",
    "ddos",
    "downloader",
    "dropper",
    "exploit-kit",
    "keylogger",
    "ransomware",
    "remote-access-trojan",
    "resource-exploitation",
    "rogue-security-software",
    "rootkit",
    "screen-capture",
    "spyware",
    "trojan",
    "virus",
    "webshell",
    "wiper",
    "worm",
    "amplification",
    "botnet",
    "command-and-control",
    "exfiltration",
    "hosting-malware",
    "hosting-target-lists",
    "phishing",
    "reconnaissance",
    "staging",
    "malware",
    "tool",
    "intrusion-set",
    "campaign",
    "threat-actor",
    "attack-pattern",
    "infrastructure",
    "c2",
    "mining-pool",
    "cryptomining",
};

_Static_assert(sizeof words / sizeof *words <= 64, "a word is a bit of 64");

uint64_t indicator_word(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], word) == 0)
            return UINT64_C(1) << i;
    return 0;
}
