#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
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
    struct occurrence *joined;
    size_t count;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    sample_catalogue(&fixture->catalogue, units);
    fixture->options = (struct index_options){.exposure = 1, .informatization = NAN, .today = 20260315};
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

static void add(struct fixture *fixture, struct finding finding)
{
    assert_int_equal(occurrences_add(&fixture->occurrences, &fixture->catalogue, &fixture->options, &finding),
                     STATUS_OK);
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
    assert_int_equal(occurrences_join(&fixture->occurrences, &fixture->joined, &fixture->count), STATUS_OK);
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
    assert_int_equal(fixture->joined[0].count, 1);
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
        *(fixture->joined[i].item == 2 ? &sites : &hosts) += fixture->joined[i].count;
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
    assert_true(fixture->joined[0].in_force->weight == 5.0 * 5 * 3);
    assert_int_equal(fixture->joined[0].in_force->finding.port.number, 81);
    /* Severity 5, confidence 4 and asset 4 stand together in the lighter of the two: it gates all the same.
     */
    assert_true(fixture->joined[0].gates);
    assert_false(fixture->joined[0].in_force->gates);
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
    assert_string_equal(fixture->joined[0].in_force->finding.why, "first");
    assert_string_equal(fixture->joined[1].in_force->finding.why, "first");
}

static void assert_weight(struct fixture *fixture, struct finding finding, double weight)
{
    size_t at = fixture->occurrences.count;
    add(fixture, finding);
    assert_true(fixture->occurrences.items[at]->weight == weight);
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
    assert_int_equal(occurrences_add(&fixture->occurrences, &fixture->catalogue, &fixture->options, &finding),
                     STATUS_MISMATCH);
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
    size_t at = fixture->occurrences.count;
    fixture->options.scope = &scope;
    add(fixture, finding);
    fixture->options.scope = NULL;
    return fixture->occurrences.items[at]->accepted;
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
