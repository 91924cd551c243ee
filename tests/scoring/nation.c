#include "nation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROVINCES      31
#define TOGETHER       0.6 /* how much of an item is its hospital's carefulness */
#define FULL_ALPHA     8
#define PROVINCE_SHARE 0.2

static double uniform(struct chance *chance)
{
    return ((double)chance_below(chance, UINT64_C(1) << 40) + 0.5) / (double)(UINT64_C(1) << 40);
}

/* Box and Muller. */
static double normal(struct chance *chance)
{
    double radius = sqrt(-2 * log(uniform(chance)));
    return radius * cos(2 * 3.14159265358979323846 * uniform(chance));
}

static double below(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

/* One hospital on its way. */
struct hospital {
    struct nation *nation;
    struct chance *chance;
    struct index *index;
    double careless;
    uint64_t hosts, computers;
    bool *found; /* per item */
};

/* Of all hospitals a share of `rate` has it; the careless ones rather than the careful. */
static bool has(struct hospital *hospital, double rate)
{
    double z = (TOGETHER * hospital->careless - normal(hospital->chance)) / sqrt(1 + TOGETHER * TOGETHER);
    return below(-z) < rate;
}

static void add(struct hospital *hospital, size_t item, struct finding *finding)
{
    finding->exposure = (double)NAN;
    finding->item = hospital->nation->catalogue.items[item].id;
    assert_int_equal(index_add(hospital->index, finding), STATUS_OK);
    hospital->found[item] = true;
    hospital->nation->findings++;
}

/* At the hospital's first hosts where the item counts places, under keys of its own otherwise. */
static void find_at(struct hospital *hospital, size_t item, uint64_t occurrences)
{
    const struct item *of = &hospital->nation->catalogue.items[item];
    bool at_host = of->unit == UNIT_ENDPOINT || of->unit == UNIT_HOST;
    uint16_t port = of->ports.count ? of->ports.items[0].number : 9;
    for (uint64_t i = 0; i < occurrences; i++) {
        char key[24];
        snprintf(key, sizeof key, "%llu", (unsigned long long)i);
        struct finding finding = {.count = 1};
        if (at_host) {
            finding.has_address = true;
            finding.address = address_from_ipv4(0x0a000000 + (uint32_t)i);
            finding.port = (struct port){port, TRANSPORT_TCP};
        } else {
            finding.key = key;
        }
        add(hospital, item, &finding);
    }
}

static void find(struct hospital *hospital, const char *id, uint64_t occurrences)
{
    size_t item = catalogue_item(&hospital->nation->catalogue, id);
    assert_true(item != SIZE_MAX);
    find_at(hospital, item, occurrences);
}

/* One, and another with the chance of a half each time. */
static uint64_t some(struct hospital *hospital)
{
    uint64_t count = 1;
    while (count < hospital->hosts && chance_of(hospital->chance, 2))
        count++;
    return count;
}

/* How many of the hosts, each by itself; a careless hospital's more often. */
static uint64_t hosts_with(struct hospital *hospital, double rate)
{
    double log_spread = log(2),
           mine = rate * exp(log_spread * hospital->careless - log_spread * log_spread / 2);
    uint64_t count = 0;
    for (uint64_t i = 0; i < hospital->hosts; i++)
        count += uniform(hospital->chance) < mine;
    return count;
}

static void open_ports(struct hospital *hospital)
{
    find(hospital, "H04-1", hosts_with(hospital, 0.0343));
    uint64_t rdp = hosts_with(hospital, 0.0141);
    find(hospital, "H03-1", rdp);
    double without = pow(1 - 0.0141, (double)hospital->hosts);
    if (rdp || !has(hospital, without > 0.5 ? 1 - 0.5 / without : 0))
        return;
    uint64_t kind = chance_below(hospital->chance, 100);
    find(hospital, kind < 70 ? "H03-2" : kind < 85 ? "H03-3" : "H03-4", some(hospital));
}

static void malware(struct hospital *hospital)
{
    struct finding holes = {.count =
                                (uint64_t)(0.30 * (double)hospital->computers + uniform(hospital->chance))};
    if (holes.count)
        add(hospital, catalogue_item(&hospital->nation->catalogue, "H08-3"), &holes);
    find(hospital, "H10-1", has(hospital, 0.12) ? some(hospital) : 0);
    find(hospital, "H11-1", has(hospital, 0.15) ? some(hospital) : 0);
}

static void survey(struct hospital *hospital)
{
    static const struct {
        const char *item;
        double rate;
    } answers[] = {
        {"B6-2", 1 - 0.3616},
        {"B6-1", (1 - 0.7231) * (1 - 0.4855)},
        {"D5-1", (1 - 0.4979) * (1 - 0.4091)},
        {"D5-2", 1 - 0.2066},
        {"B2-2", 1 - 0.1343},
        {"N7-1", 1 - 0.5455},
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        find(hospital, answers[i].item, has(hospital, answers[i].rate));
}

static void online(struct hospital *hospital)
{
    static const char *const app[] = {"A07-1", "A07-2", "A07-3", "A08-1", "A08-2", "A08-3", "A09-1"};
    static const char *const platform[] = {"A10-1", "A10-2", "A10-3"};
    if (uniform(hospital->chance) < 0.1179) {
        if (has(hospital, 0.67))
            find(hospital, app[chance_below(hospital->chance, 7)], 1);
        else if (has(hospital, 0.13 / (1 - 0.67)))
            find(hospital, "A09-2", 1);
    }
    if (uniform(hospital->chance) < 0.1065 && has(hospital, 0.3))
        find(hospital, platform[chance_below(hospital->chance, 3)], 1);
}

static bool told_by_report(const char *id)
{
    static const char *const told[] = {"H04-1", "H03-1", "H03-2", "H03-3", "H03-4", "H08-3", "H10-1",
                                       "H11-1", "B6-1",  "B6-2",  "D5-1",  "D5-2",  "B2-2",  "N7-1"};
    if (strncmp(id, "A07-", 4) == 0 || strncmp(id, "A08-", 4) == 0 || strncmp(id, "A09-", 4) == 0 ||
        strncmp(id, "A10-", 4) == 0)
        return true;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (strcmp(id, told[i]) == 0)
            return true;
    return false;
}

static bool found_in_dimension(const struct hospital *hospital, size_t dimension)
{
    const struct catalogue *catalogue = &hospital->nation->catalogue;
    for (size_t i = 0; i < catalogue->items_count; i++)
        if (hospital->found[i] && catalogue->items[i].dimension == dimension &&
            catalogue->items[i].alpha >= FULL_ALPHA)
            return true;
    return false;
}

static void everything_else(struct hospital *hospital)
{
    static const double by_severity[] = {0, 0.50, 0.30, 0.15, 0.06, 0.02};
    const struct catalogue *catalogue = &hospital->nation->catalogue;
    for (size_t i = 0; i < catalogue->items_count; i++) {
        const struct item *item = &catalogue->items[i];
        if (!told_by_report(item->id) && item->alpha >= FULL_ALPHA)
            find_at(hospital, i, has(hospital, by_severity[item->severity]) ? some(hospital) : 0);
    }
    for (size_t i = 0; i < catalogue->items_count; i++) {
        const struct item *item = &catalogue->items[i];
        if (!told_by_report(item->id) && item->alpha < FULL_ALPHA &&
            found_in_dimension(hospital, item->dimension))
            find_at(hospital, i, has(hospital, 0.5) ? some(hospital) : 0);
    }
}

static void count_items(const struct hospital *hospital)
{
    static const char *const remote[] = {"H03-1", "H03-2", "H03-3", "H03-4"};
    struct nation *nation = hospital->nation;
    bool login = false;
    for (size_t i = 0; i < nation->catalogue.items_count; i++)
        nation->having[i] += hospital->found[i];
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        login |= hospital->found[catalogue_item(&nation->catalogue, remote[i])];
    nation->remote_login += login;
}

static uint64_t lognormal(struct chance *chance, double median)
{
    double drawn = median * exp(0.8 * normal(chance));
    return drawn < 1 ? 1 : (uint64_t)drawn;
}

static void settle(struct nation *nation, size_t at, double province, struct chance *chance)
{
    struct scorecard scorecard;
    const struct index_options options = {.exposure = 1, .informatization = (double)NAN};
    struct hospital hospital = {.nation = nation, .chance = chance};
    hospital.careless = sqrt(PROVINCE_SHARE) * province + sqrt(1 - PROVINCE_SHARE) * normal(chance);
    hospital.hosts = lognormal(chance, 12);
    hospital.computers = lognormal(chance, 300);
    hospital.found = calloc(nation->catalogue.items_count, sizeof *hospital.found);
    assert_non_null(hospital.found);
    assert_int_equal(index_new(&nation->catalogue, &options, &hospital.index), STATUS_OK);
    for (size_t i = 0; i < nation->catalogue.items_count; i++)
        index_assess(hospital.index, i);
    open_ports(&hospital);
    malware(&hospital);
    survey(&hospital);
    online(&hospital);
    everything_else(&hospital);
    assert_int_equal(index_score(hospital.index, &scorecard), STATUS_OK);
    count_items(&hospital);
    nation->scores[at] = scorecard.score;
    nation->members[at] = (struct cohort_member){.organization = &nation->organizations[at],
                                                 .index_exact = scorecard.index_exact,
                                                 .index = scorecard.index,
                                                 .band = scorecard.band,
                                                 .gate = scorecard.gate,
                                                 .row = at};
    scorecard_deinit(&scorecard);
    index_free(&hospital.index);
    free(hospital.found);
}

static char *text_of(const char *format, size_t number)
{
    char *text = NULL;
    assert_true(asprintf(&text, format, number) > 0);
    return text;
}

static void name(struct organization *organization, size_t at, size_t province)
{
    organization->id = text_of("h%04zu", at);
    organization->name = text_of("hospital %zu", at);
    organization->tags = calloc(2, sizeof *organization->tags);
    assert_non_null(organization->tags);
    organization->tags[0] = (struct tag){strdup("province"), text_of("p%02zu", province)};
    organization->tags[1] = (struct tag){strdup("level"), strdup("3A")};
    organization->tags_count = 2;
    organization->informatization = (double)NAN;
}

void nation_init(struct nation *nation, size_t hospitals, uint64_t seed)
{
    struct chance chance = {seed};
    struct complaints complaints;
    double provinces[PROVINCES], sizes[PROVINCES], all = 0;
    memset(nation, 0, sizeof *nation);
    complaints_init(&complaints, "default");
    assert_int_equal(catalogue_load(&nation->catalogue, NULL, 0, &complaints), STATUS_OK);
    nation->organizations = calloc(hospitals, sizeof *nation->organizations);
    nation->members = calloc(hospitals, sizeof *nation->members);
    nation->scores = calloc(hospitals, sizeof *nation->scores);
    nation->having = calloc(nation->catalogue.items_count, sizeof *nation->having);
    assert_true(nation->organizations && nation->members && nation->scores && nation->having);
    nation->count = hospitals;
    for (size_t i = 0; i < PROVINCES; i++) {
        provinces[i] = normal(&chance);
        all += sizes[i] = 1 + 4 * uniform(&chance);
    }
    for (size_t i = 0; i < hospitals; i++) {
        size_t province = 0;
        double at = uniform(&chance) * all;
        while (province + 1 < PROVINCES && at > sizes[province])
            at -= sizes[province++];
        name(&nation->organizations[i], i, province);
        settle(nation, i, provinces[province], &chance);
    }
    complaints_deinit(&complaints);
}

void nation_deinit(struct nation *nation)
{
    for (size_t i = 0; i < nation->count; i++)
        organization_deinit(&nation->organizations[i]);
    free(nation->organizations);
    free(nation->members);
    free(nation->scores);
    free(nation->having);
    catalogue_deinit(&nation->catalogue);
}
