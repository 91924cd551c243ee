#include "nation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PORTS 5

/* SplitMix64. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* Of a nation's organization; other numbers are other streams. */
static uint64_t stream_of(const struct nation *nation, size_t number)
{
    uint64_t state = nation->seed ^ number * 0xd1342543de82ef95;
    (void)next(&state);
    return state;
}

/* In (0, 1]. */
static double uniform(uint64_t *state)
{
    return (double)((next(state) >> 11) + 1) * 0x1p-53;
}

/* Log-normal (Box and Muller 1958). */
static double size_of(const struct nation *nation, size_t number)
{
    uint64_t state = stream_of(nation, number) ^ 1;
    double radius = sqrt(-2 * log(uniform(&state)));
    return exp(radius * cos(2 * 3.14159265358979 * uniform(&state)));
}

void nation_init(struct nation *nation, const struct catalogue *catalogue, uint64_t seed,
                 size_t organizations, uint64_t findings)
{
    *nation = (struct nation){catalogue, seed, organizations, findings, 0};
    for (size_t i = 0; i < organizations; i++)
        nation->sizes_sum += size_of(nation, i);
}

static struct finding make(const struct nation *nation, uint64_t *state, uint32_t network, uint64_t hosts)
{
    static const uint16_t ports[PORTS] = {22, 80, 443, 3306, 8080};
    static char reasons[][64] = {"mysql, MariaDB 10.11.6; mysql.tls_offered=false", "rdp; rdp.nla=false",
                                 "smb; smb.signing_required=false", "http, nginx 1.22.1"};
    static char keys[][16] = {"www", "mail", "his", "pacs", "registry", "portal"};
    uint64_t bits = next(state);
    double skew = uniform(state);
    size_t item = (size_t)(skew * skew * 0.999999 * (double)nation->catalogue->items_count);
    struct finding finding = {.exposure = (double)NAN, .count = 1, .has_address = true};
    finding.item = nation->catalogue->items[item].id;
    finding.address = address_from_ipv4(network + (uint32_t)(bits % hosts));
    finding.port = (struct port){ports[(bits >> 32) % PORTS], TRANSPORT_TCP};
    finding.confidence = (int)((bits >> 40) % 4) + 2;
    finding.asset = (bits >> 44) % 3 ? 0 : (int)((bits >> 48) % 5) + 1;
    finding.why = reasons[(bits >> 52) % 4];
    enum item_unit unit = nation->catalogue->items[item].unit;
    if (unit != UNIT_ENDPOINT && unit != UNIT_HOST && (bits >> 56) % 2)
        finding.key = keys[(bits >> 57) % 6];
    finding.time_ms = 1767225600000 + (int64_t)(bits >> 24 & 0xffffff);
    return finding;
}

bool nation_make(const struct nation *nation, size_t number, struct nation_findings *findings)
{
    size_t count = (size_t)(size_of(nation, number) / nation->sizes_sum * (double)nation->findings) + 1;
    uint64_t state = stream_of(nation, number), hosts = count / 60 + 2;
    if (count > findings->capacity) {
        struct finding *grown = reallocarray(findings->items, count, sizeof *grown);
        if (!grown)
            return false;
        findings->items = grown;
        findings->capacity = count;
    }
    snprintf(findings->organization, sizeof findings->organization, "h%05zu", number);
    for (size_t i = 0; i < count; i++) {
        findings->items[i] = make(nation, &state, 0x0a000000 + (uint32_t)(number % 0xff00) * 256, hosts);
        findings->items[i].organization = findings->organization;
    }
    findings->count = count;
    return true;
}
