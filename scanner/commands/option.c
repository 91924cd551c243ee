#include "scanner/commands/option.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"

static bool complain(const char *option, const char *text, const char *right)
{
    char shown[128];
    text_safe((struct span){(const uint8_t *)text, strlen(text)}, shown, sizeof shown);
    fprintf(stderr, "auscult: %s '%s': %s\n", option, shown, right);
    return false;
}

static bool read_decimal(const char *text, double *value_out, const char **rest_out)
{
    char *rest;
    if ((text[0] < '0' || text[0] > '9') && text[0] != '.')
        return false;
    *value_out = strtod(text, &rest);
    *rest_out = rest;
    return rest != text && isfinite(*value_out) && !strpbrk(text, "xXpPeE");
}

bool option_flag(const char *option, char *text, void *place)
{
    bool *flag = place;
    (void)option;
    (void)text;
    return *flag = true;
}

bool option_text(const char *option, char *text, void *place)
{
    const char **kept = place;
    (void)option;
    *kept = text;
    return true;
}

bool option_source(const char *option, char *text, void *place)
{
    struct sources *sources = place;
    if (sources->count == OPTION_SOURCES_MAX) {
        fprintf(stderr, "auscult: %s: want at most %d\n", option, OPTION_SOURCES_MAX);
        return false;
    }
    sources->items[sources->count++] = text;
    return true;
}

bool option_rate(const char *option, char *text, void *place)
{
    const char *rest = "";
    double rate = 0;
    bool good = read_decimal(text, &rate, &rest);
    if (good && (*rest == 'k' || *rest == 'K' || *rest == 'M')) {
        rate *= *rest == 'M' ? 1e6 : 1e3;
        rest++;
    }
    if (!good || *rest || rate < 0.01 || rate > 1e8)
        return complain(option, text, "want probes a second, from 0.01 to 100M, like 1000, 20k or 1.5M");
    *(double *)place = rate;
    return true;
}

bool option_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *number_out)
{
    uint64_t number = 0;
    bool good =
        span_number((struct span){(const uint8_t *)text, strlen(text)}, most, &number) && number >= least;
    if (!good) {
        char right[96];
        snprintf(right, sizeof right, "want a whole number from %llu to %llu", (unsigned long long)least,
                 (unsigned long long)most);
        return complain(option, text, right);
    }
    *number_out = number;
    return true;
}

/* After one second the kernel would send its SYN again, on top of the budget. */
#define CONNECT_MS_MAX 950

bool option_timeouts(const char *option, const char *text, unsigned *connect_ms, unsigned *port_ms,
                     unsigned *host_ms)
{
    unsigned *places[] = {connect_ms, port_ms, host_ms};
    const double most[] = {CONNECT_MS_MAX, 600e3, 3600e3};
    const char *rest = text;
    for (size_t i = 0; i < 3; i++) {
        double seconds = 0;
        if (!read_decimal(rest, &seconds, &rest) || seconds * 1000 < 10 || seconds * 1000 > most[i] ||
            (*rest && *rest != ','))
            break;
        *places[i] = (unsigned)(seconds * 1000);
        if (!*rest)
            return true;
        rest++;
    }
    return complain(option, text,
                    "want CONNECT[,PORT[,HOST]] in seconds, like 0.9,8,12; CONNECT at most 0.95, since the "
                    "kernel repeats a SYN "
                    "after one");
}

bool option_shard(const char *option, const char *text, uint32_t *shard_out, uint32_t *shards_out)
{
    struct span rest = {(const uint8_t *)text, strlen(text)};
    struct span first = span_cut(&rest, "/");
    uint64_t shard = 0, shards = 0;
    if (!span_number(first, 65536, &shard) || !span_number(rest, 65536, &shards) || shard < 1 ||
        shard > shards)
        return complain(option, text, "want I/N with 1 <= I <= N, like 1/4");
    *shard_out = (uint32_t)shard;
    *shards_out = (uint32_t)shards;
    return true;
}

bool option_language(const char *option, char *text, void *place)
{
    enum language *language = place;
    if (strcmp(text, "zh") != 0 && strcmp(text, "en") != 0)
        return complain(option, text, "want zh or en");
    *language = strcmp(text, "zh") == 0 ? LANGUAGE_ZH : LANGUAGE_EN;
    return true;
}

bool option_vantage(const char *option, char *text, void *place)
{
    return vantage_parse(text, place) || complain(option, text, "want internet, partner or internal");
}

bool option_ports(const char *option, char *text, void *place)
{
    struct ports *ports = place;
    const char *why = "";
    size_t at = 0;
    enum status status = ports_parse(ports, text, &why, &at);
    if (status == STATUS_OK && ports->count == 0)
        return complain(option, text, "want at least one port, like 22,8000-8100");
    if (status == STATUS_OK)
        return true;
    char right[256];
    snprintf(right, sizeof right, "at character %zu: %s", at + 1, why);
    return complain(option, text, right);
}

enum language option_language_default(void)
{
    const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "zh", 2) == 0 ? LANGUAGE_ZH : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

bool option_fail_on(const char *option, char *text, void *place)
{
    struct fail_on *fail_on = place;
    bool new_findings = strcmp(text, "new") == 0, gate = strcmp(text, "gate") == 0;
    fail_on->new_findings |= new_findings;
    fail_on->gate |= gate;
    return new_findings || gate || complain(option, text, "want new or gate");
}
