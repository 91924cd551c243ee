#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "scoring/occurrences.h"

#define HOST_A 0xc0000201u
#define HOST_B 0xc0000202u

/* One item for each unit, named for it; risk 1, severity 5, asset 4, confidence 3. */
static const char units[] =
    "{\"auscult_catalogue\": 1, \"name\": \"units\", \"domains\": [{\"id\": \"K\", \"zh\": \"域\", \"en\": "
    "\"d\"}], "
    "\"dimensions\": [{\"id\": \"D\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}], \"items\": ["
#define UNIT_ITEM(unit)                                                                                      \
    "{\"id\": \"" unit "\", \"dimension\": \"D\", \"zh\": \"项\", \"en\": \"i\", \"source\": \"import\", "  \
    "\"risk\": 1, \"severity\": 5, \"asset\": 4, \"confidence\": 3, \"unit\": \"" unit "\"}"
    UNIT_ITEM("endpoint") ", " UNIT_ITEM("host") ", " UNIT_ITEM("site") ", " UNIT_ITEM("organization") "]}";

struct fixture {
    struct catalogue catalogue;
    struct index_options options;
    struct occurrences occurrences;
    const struct occurrence **joined;
    size_t count;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    sample_catalogue(&fixture->catalogue, units);
    fixture->options = (struct index_options){.exposure = 1, .informatization = NAN, .today = 20260315};
    assert_int_equal(occurrences_init(&fixture->occurrences, false), STATUS_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->joined);
    occurrences_deinit(&fixture->occurrences);
    catalogue_deinit(&fixture->catalogue);
    free(fixture);
    return 0;
}

static enum status try_to_add(struct fixture *fixture, const struct finding *finding)
{
    struct weighing weighing;
    assert_int_equal(weighing_init(&weighing, &fixture->catalogue, &fixture->options), STATUS_OK);
    enum status status = occurrences_add(&fixture->occurrences, &weighing, finding);
    weighing_deinit(&weighing);
    return status;
}

static void add(struct fixture *fixture, struct finding finding)
{
    assert_int_equal(try_to_add(fixture, &finding), STATUS_OK);
    finding_deinit(&finding);
}

static void add_keyed(struct fixture *fixture, const char *item, uint32_t address, const char *key)
{
    struct finding finding = sample_finding(item, address, address ? 80 : 0);
    finding.key = strdup(key);
    add(fixture, finding);
}

static void join(struct fixture *fixture)
{
    free(fixture->joined);
    assert_int_equal(
        occurrences_sorted(&fixture->occurrences, fixture->catalogue.items_count, &fixture->joined),
        STATUS_OK);
    fixture->count = fixture->occurrences.count;
}

static void endpoints_are_address_port_and_transport(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, sample_finding("endpoint", HOST_A, 80));
    add(fixture, sample_finding("endpoint", HOST_A, 80));
    add(fixture, sample_finding("endpoint", HOST_A, 81));
    add(fixture, sample_finding("endpoint", HOST_B, 80));
    struct finding udp = sample_finding("endpoint", HOST_A, 80);
    udp.port.transport = TRANSPORT_UDP;
    add(fixture, udp);
    add_keyed(fixture, "endpoint", HOST_A, "a key beside an address tells nothing apart");
    add_keyed(fixture, "endpoint", 0, "a key in its place does");
    join(fixture);
    assert_int_equal(fixture->count, 5);
}

static void hosts_are_addresses(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, sample_finding("host", HOST_A, 80));
    add(fixture, sample_finding("host", HOST_A, 81));
    add(fixture, sample_finding("host", HOST_B, 0));
    join(fixture);
    assert_int_equal(fixture->count, 2);
}

static void other_units_go_by_key_and_else_by_endpoint(void **state)
{
    struct fixture *fixture = *state;
    add_keyed(fixture, "site", HOST_A, "www");
    add_keyed(fixture, "site", HOST_B, "www");
    add_keyed(fixture, "site", 0, "www");
    add_keyed(fixture, "site", 0, "mail");
    add(fixture, sample_finding("site", HOST_A, 80));
    add(fixture, sample_finding("site", HOST_A, 80));
    add(fixture, sample_finding("site", HOST_A, 81));
    join(fixture);
    assert_int_equal(fixture->count, 4);
}

static void there_is_one_organization(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, sample_finding("organization", HOST_A, 80));
    add(fixture, sample_finding("organization", HOST_B, 80));
    add_keyed(fixture, "organization", 0, "x");
    add(fixture, sample_finding("organization", 0, 0));
    join(fixture);
    assert_int_equal(fixture->count, 1);
    assert_int_equal(fixture->joined[0]->count, 1);
}

static void what_names_no_place_stands_for_itself(void **state)
{
    struct fixture *fixture = *state;
    struct finding many = sample_finding("site", 0, 0);
    many.count = 7;
    add(fixture, many);
    add(fixture, sample_finding("site", 0, 0));
    struct finding none = sample_finding("host", 0, 0);
    none.count = 0;
    add(fixture, none);
    struct finding counted = sample_finding("host", HOST_A, 0);
    counted.count = 9;
    add(fixture, counted);
    join(fixture);
    assert_int_equal(fixture->count, 4);
    uint64_t sites = 0, hosts = 0;
    for (size_t i = 0; i < 4; i++)
        *(fixture->joined[i]->spot.item == 2 ? &sites : &hosts) += fixture->joined[i]->count;
    assert_int_equal(sites, 8);
    assert_int_equal(hosts, 2);
}

static void of_two_reports_the_graver_counts(void **state)
{
    struct fixture *fixture = *state;
    struct finding light = sample_finding("host", HOST_A, 80), grave = sample_finding("host", HOST_A, 81);
    light.confidence = 4;
    light.exposure = 0.3;
    grave.asset = 5;
    add(fixture, light);
    add(fixture, grave);
    join(fixture);
    assert_int_equal(fixture->count, 1);
    assert_true(fixture->joined[0]->in_force->weight == 5.0 * 5 * 3);
    assert_int_equal(fixture->joined[0]->in_force->finding->port.number, 81);
    /* Severity 5, confidence 4 and asset 4 stand together in the lighter of the two: it gates all the same.
     */
    assert_true(fixture->joined[0]->gates);
    assert_false(fixture->joined[0]->in_force->gates);
}

static void who_speaks_for_an_occurrence_does_not_hang_on_order(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t j = 0; j < 2; j++) {
            struct finding finding = sample_finding("host", HOST_A + i, 80);
            finding.why = strdup(i == j ? "first" : "second");
            add(fixture, finding);
        }
    join(fixture);
    assert_int_equal(fixture->count, 2);
    assert_string_equal(fixture->joined[0]->in_force->finding->why, "first");
    assert_string_equal(fixture->joined[1]->in_force->finding->why, "first");
}

static struct sighting sighted(struct fixture *fixture, struct finding finding)
{
    struct weighing weighing;
    assert_int_equal(weighing_init(&weighing, &fixture->catalogue, &fixture->options), STATUS_OK);
    size_t item = catalogue_item(&fixture->catalogue, finding.item);
    struct sighting sighting = sighting_of(&weighing, item, &finding);
    weighing_deinit(&weighing);
    finding_deinit(&finding);
    return sighting;
}

static void assert_weight(struct fixture *fixture, struct finding finding, double weight)
{
    assert_true(sighted(fixture, finding).weight == weight);
}

static void what_is_left_out_comes_from_scope_and_catalogue(void **state)
{
    struct fixture *fixture = *state;
    struct asset assets[] = {
        {{address_from_ipv4(0xc0000200), address_from_ipv4(0xc00002ff)}, 2, NULL},
        {{address_from_ipv4(HOST_A), address_from_ipv4(HOST_A)}, 5, NULL},
    };
    struct organization organization = {.assets = assets, .assets_count = 2};
    struct finding own = sample_finding("host", HOST_A, 0), plain = sample_finding("host", HOST_A, 0);
    own.asset = 1;
    own.confidence = 5;
    own.exposure = 0.3;
    assert_weight(fixture, plain, 5 * 4 * 3);
    fixture->options.organization = &organization;
    fixture->options.exposure = 0.6;
    assert_weight(fixture, sample_finding("host", HOST_A, 0), 5 * 5 * 3 * 0.6);
    assert_weight(fixture, sample_finding("host", HOST_B, 0), 5 * 2 * 3 * 0.6);
    assert_weight(fixture, sample_finding("host", 0, 0), 5 * 4 * 3 * 0.6);
    assert_weight(fixture, own, 5 * 1 * 5 * 0.3);
}

static void assert_mismatch(struct fixture *fixture, struct finding finding)
{
    assert_int_equal(try_to_add(fixture, &finding), STATUS_MISMATCH);
    finding_deinit(&finding);
}

static void impossible_values_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct finding finding;
    assert_mismatch(fixture, sample_finding("nowhere", HOST_A, 0));
    assert_mismatch(fixture, (struct finding){0});
    finding = sample_finding("host", HOST_A, 0);
    finding.asset = 6;
    assert_mismatch(fixture, finding);
    finding = sample_finding("host", HOST_A, 0);
    finding.confidence = -1;
    assert_mismatch(fixture, finding);
    finding = sample_finding("host", HOST_A, 0);
    finding.exposure = 1.5;
    assert_mismatch(fixture, finding);
    finding = sample_finding("host", HOST_A, 0);
    finding.exposure = -0.1;
    assert_mismatch(fixture, finding);
    assert_int_equal(fixture->occurrences.count, 0);
}

static bool is_accepted(struct fixture *fixture, struct accepted_risk *risk, struct finding finding)
{
    struct scope scope = {.accepted = risk, .accepted_count = 1};
    fixture->options.scope = &scope;
    bool accepted = sighted(fixture, finding).accepted;
    fixture->options.scope = NULL;
    return accepted;
}

static void risks_are_accepted_by_item_place_organization_and_day(void **state)
{
    struct fixture *fixture = *state;
    char host[] = "host", site[] = "site", h1[] = "h1", h2[] = "h2";
    struct accepted_risk risk = {.item = host, .from_day = 20260301, .until_day = 20260331};
    struct organization organization = {.id = h1};
    assert_true(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)));
    assert_true(is_accepted(fixture, &risk, sample_finding("host", 0, 0)));
    risk.item = site;
    assert_false(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)));
    risk.item = host;
    risk.organization = h1;
    assert_false(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)));
    fixture->options.organization = &organization;
    assert_true(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)));
    risk.organization = h2;
    assert_false(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)));
    risk.organization = NULL;
    ranges_init(&risk.where);
    assert_int_equal(
        ranges_add(&risk.where, (struct range){address_from_ipv4(HOST_A), address_from_ipv4(HOST_A)}),
        STATUS_OK);
    assert_true(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)));
    assert_false(is_accepted(fixture, &risk, sample_finding("host", HOST_B, 0)));
    assert_false(is_accepted(fixture, &risk, sample_finding("host", 0, 0)));
    ranges_deinit(&risk.where);
    static const struct {
        int today;
        bool accepted;
    } days[] = {{20260228, false}, {20260301, true}, {20260330, true}, {20260331, false}, {20270301, false}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        fixture->options.today = days[i].today;
        assert_int_equal(is_accepted(fixture, &risk, sample_finding("host", HOST_A, 0)), days[i].accepted);
    }
}

static void the_finding_names_its_organization_where_nothing_else_does(void **state)
{
    struct fixture *fixture = *state;
    char item[] = "host", h1[] = "h1";
    struct accepted_risk risk = {
        .item = item, .organization = h1, .from_day = 20260301, .until_day = 20260331};
    struct finding finding = sample_finding("host", HOST_A, 0);
    finding.organization = strdup("h1");
    assert_true(is_accepted(fixture, &risk, finding));
    finding = sample_finding("host", HOST_A, 0);
    finding.organization = strdup("h2");
    assert_false(is_accepted(fixture, &risk, finding));
}

static size_t chunks_of(const struct arena *arena)
{
    size_t count = 0;
    for (const void *chunk = arena->first; chunk; count++)
        memcpy(&chunk, chunk, sizeof chunk); /* the link is a chunk's first member */
    return count;
}

/* The texts change with every report, so that each is kept in place of the one before. */
static void memory_goes_by_occurrences_and_not_by_findings(void **state)
{
    struct fixture *fixture = *state;
    char why[2001];
    for (uint32_t i = 0; i < 40000; i++) {
        struct finding finding = sample_finding("host", HOST_A + i % 7, 80);
        size_t size = i / 20 + 1;
        memset(why, 'z', size);
        snprintf(why + size - 1, 2, "%c", 'z' - (int)(i / 7 % 20));
        finding.why = strdup(why);
        finding.exposure = 0.25 + i * 1e-5;
        add(fixture, finding);
    }
    join(fixture);
    assert_int_equal(fixture->count, 7);
    for (size_t i = 0; i < 7; i++)
        assert_true(fixture->joined[i]->in_force->exposure > 0.6499);
    assert_true(chunks_of(&fixture->occurrences.arena) <= 2);
}

static void many_places_are_each_found_again(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            char key[16];
            snprintf(key, sizeof key, "key %u", i);
            add(fixture, sample_finding("endpoint", HOST_A + i / 10, (uint16_t)(i % 10 + 1)));
            add_keyed(fixture, "site", 0, key);
        }
    join(fixture);
    assert_int_equal(fixture->count, 10000);
    for (size_t i = 1; i < 5000; i++)
        assert_true(address_compare(fixture->joined[i - 1]->spot.address, fixture->joined[i]->spot.address) <=
                    0);
    for (size_t i = 5001; i < 10000; i++)
        assert_true(strcmp(fixture->joined[i - 1]->key, fixture->joined[i]->key) < 0);
}

static void a_reset_forgets_all_and_keeps_the_memory(void **state)
{
    struct fixture *fixture = *state;
    size_t chunks = 0;
    for (size_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 3000; i++)
            add_keyed(fixture, "site", HOST_A + i, "one key for all");
        for (uint32_t i = 0; i < 3000; i++)
            add(fixture, sample_finding("host", HOST_A + i, 0));
        join(fixture);
        assert_int_equal(fixture->count, 3001);
        chunks = chunks ? chunks : chunks_of(&fixture->occurrences.arena);
        assert_int_equal(chunks_of(&fixture->occurrences.arena), chunks);
        occurrences_reset(&fixture->occurrences, false);
        assert_int_equal(fixture->occurrences.count, 0);
    }
}

static void numbers_alone_join_what_has_no_place(void **state)
{
    struct fixture *fixture = *state;
    occurrences_reset(&fixture->occurrences, true);
    for (uint32_t i = 0; i < 1000; i++) {
        struct finding finding = sample_finding(i % 2 ? "host" : "site", 0, 0);
        finding.count = i % 4 ? 2 : UINT64_MAX / 4;
        finding.asset = i % 10 ? 4 : 2;
        add(fixture, finding);
    }
    add(fixture, sample_finding("host", HOST_A, 0));
    join(fixture);
    assert_int_equal(fixture->count, 3 + 1);
    uint64_t hosts = 0;
    for (size_t i = 0; i < fixture->count; i++) {
        assert_null(fixture->joined[i]->in_force->finding);
        if (fixture->joined[i]->spot.item == 1)
            hosts += fixture->joined[i]->count;
        else
            assert_true(fixture->joined[i]->count == UINT64_MAX);
    }
    assert_int_equal(hosts, 1001);
}

#define fixture_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(endpoints_are_address_port_and_transport),
        fixture_test(hosts_are_addresses),
        fixture_test(other_units_go_by_key_and_else_by_endpoint),
        fixture_test(there_is_one_organization),
        fixture_test(what_names_no_place_stands_for_itself),
        fixture_test(of_two_reports_the_graver_counts),
        fixture_test(who_speaks_for_an_occurrence_does_not_hang_on_order),
        fixture_test(what_is_left_out_comes_from_scope_and_catalogue),
        fixture_test(impossible_values_are_refused),
        fixture_test(risks_are_accepted_by_item_place_organization_and_day),
        fixture_test(the_finding_names_its_organization_where_nothing_else_does),
        fixture_test(memory_goes_by_occurrences_and_not_by_findings),
        fixture_test(many_places_are_each_found_again),
        fixture_test(a_reset_forgets_all_and_keeps_the_memory),
        fixture_test(numbers_alone_join_what_has_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
