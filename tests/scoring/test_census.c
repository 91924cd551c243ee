#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "place.h"
#include "ward.h"

/* h1: 3 of 40 hosts with 3306, one of them with 3389 too; h2: none, one port not asked everywhere; h3: was not
   asked for 3389 at all. */
static const struct ward_organization three[] = {
    {.id = "h1",
     .province = "P",
     .addresses = 256,
     .answered = 60,
     .hosts = 40,
     .open = {{3306, 3}, {3389, 1}},
     .asked = {22, 23},
     .index = 700,
     .synthetic = 5},
    {.id = "h2",
     .province = "P",
     .addresses = 128,
     .answered = 30,
     .hosts = 10,
     .asked = {3306, 3389},
     .partly = 3389,
     .index = 800},
    {.id = "h3",
     .province = "Q",
     .addresses = 64,
     .answered = 4,
     .hosts = 0,
     .asked = {3306},
     .index = (double)NAN},
};

static void take(struct store *store, const struct exposures *exposures, struct census_options options,
                 struct census *census)
{
    assert_good(store, census_make(store, exposures, &options, census));
}

static size_t exposure_named(const struct exposures *exposures, const char *id)
{
    for (size_t i = 0; i < exposures->count; i++)
        if (strcmp(exposures->items[i].id, id) == 0)
            return i;
    fail_msg("no exposure %s", id);
    return 0;
}

static void assert_proportion(const struct census *census, size_t exposure, enum denominator denominator,
                              uint64_t count, uint64_t of)
{
    struct proportion proportion = census_proportion(census, exposure, denominator);
    if (proportion.count != count || proportion.of != of)
        fail_msg("%s: %llu of %llu in place of %llu of %llu", denominator_word(denominator),
                 (unsigned long long)proportion.count, (unsigned long long)proportion.of,
                 (unsigned long long)count, (unsigned long long)of);
}

/* Three denominators and the organizations, apart. What is synthetic does not count. */
static void test_denominators(void **state)
{
    (void)state;
    struct store *store = ward_open();
    struct store_run run = ward_run(store, three, 3);
    struct exposures exposures;
    struct census census;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    take(store, &exposures, (struct census_options){.organization = "h1"}, &census);
    size_t mysql = exposure_named(&exposures, "open-3306");
    assert_proportion(&census, mysql, DENOMINATOR_HOST, 3, 40);
    assert_proportion(&census, mysql, DENOMINATOR_ANSWERED, 3, 60);
    assert_proportion(&census, mysql, DENOMINATOR_ADDRESS, 3, 256);
    assert_proportion(&census, mysql, DENOMINATOR_ORGANIZATION, 1, 1);
    assert_int_equal(census.tallies[mysql].asked, ASKED_WHOLLY);
    census_deinit(&census);
    take(store, &exposures, (struct census_options){0}, &census);
    assert_int_equal(census.count, 3);
    assert_true(census.addresses == 448 && census.answered == 94 && census.hosts == 50);
    assert_proportion(&census, mysql, DENOMINATOR_HOST, 3, 50);
    assert_proportion(&census, mysql, DENOMINATOR_ADDRESS, 3, 448);
    assert_proportion(&census, mysql, DENOMINATOR_ORGANIZATION, 1, 3);
    assert_string_equal(census.vantage, "internet");
    census_deinit(&census);
    exposures_deinit(&exposures);
    store_run_deinit(&run);
    store_close(&store);
}

/* Not asked, asked in part, asked of some organizations only. */
static void test_asked(void **state)
{
    (void)state;
    struct store *store = ward_open();
    struct store_run run = ward_run(store, three, 3);
    struct exposures exposures;
    struct census census;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    size_t rdp = exposure_named(&exposures, "open-3389"), redis = exposure_named(&exposures, "open-6379");
    take(store, &exposures, (struct census_options){0}, &census);
    assert_int_equal(census.tallies[redis].asked, ASKED_NOWHERE);
    assert_proportion(&census, redis, DENOMINATOR_HOST, 0, 0);
    assert_int_equal(census.tallies[rdp].asked, ASKED_PARTLY);
    assert_proportion(&census, rdp, DENOMINATOR_HOST, 1, 50);
    assert_proportion(&census, rdp, DENOMINATOR_ORGANIZATION, 1, 2);
    /* A host with several of the ports is one host. */
    size_t login = exposure_named(&exposures, "open-remote-login");
    assert_int_equal(census.tallies[login].asked, ASKED_PARTLY);
    assert_proportion(&census, login, DENOMINATOR_ADDRESS, 1, 384);
    census_deinit(&census);
    take(store, &exposures, (struct census_options){.organization = "h1"}, &census);
    assert_int_equal(census.tallies[rdp].asked, ASKED_WHOLLY);
    census_deinit(&census);
    exposures_deinit(&exposures);
    store_run_deinit(&run);
    store_close(&store);
}

static void test_subjects(void **state)
{
    (void)state;
    struct store *store = ward_open();
    struct store_run run = ward_run(store, three, 3);
    struct exposures exposures;
    struct census census;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    take(store, &exposures, (struct census_options){.key = "province", .value = "P"}, &census);
    assert_int_equal(census.count, 2);
    assert_string_equal(census.members[1].id, "h2");
    census_deinit(&census);
    const struct census_options nobody[] = {{.organization = "h9"},
                                            {.key = "province", .value = "X"},
                                            {.key = "level", .value = "P"},
                                            {.vantage = "partner"}};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
        assert_int_equal(census_make(store, &exposures, &nobody[i], &census), STATUS_MISMATCH);
    exposures_deinit(&exposures);
    store_run_deinit(&run);
    store_close(&store);
}

/* The newest run of each organization counts, whatever others came after. */
static void test_newest_runs(void **state)
{
    (void)state;
    static const struct ward_organization mended[] = {{.id = "h1",
                                                       .province = "P",
                                                       .addresses = 256,
                                                       .answered = 50,
                                                       .hosts = 39,
                                                       .asked = {3306},
                                                       .index = 900}};
    struct store *store = ward_open();
    struct store_run first = ward_run(store, three, 3);
    struct store_run second = ward_run_as(store, mended, 1, "partner", "cn-medical-2018+auscult-2026", 1);
    struct exposures exposures;
    struct census census;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    take(store, &exposures, (struct census_options){0}, &census);
    size_t mysql = exposure_named(&exposures, "open-3306");
    assert_proportion(&census, mysql, DENOMINATOR_HOST, 0, 49);
    assert_null(census.vantage);
    census_deinit(&census);
    take(store, &exposures, (struct census_options){.vantage = "internet"}, &census);
    assert_proportion(&census, mysql, DENOMINATOR_HOST, 3, 50);
    census_deinit(&census);
    exposures_deinit(&exposures);
    store_run_deinit(&first);
    store_run_deinit(&second);
    store_close(&store);
}

/* One shard of several saw a part of the addresses, nobody knows of how many. */
static void test_shards(void **state)
{
    (void)state;
    struct store *store = ward_open();
    struct store_run run = ward_run_as(store, three, 3, "internet", "cn-medical-2018+auscult-2026", 4);
    struct exposures exposures;
    struct census census;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    take(store, &exposures, (struct census_options){0}, &census);
    size_t mysql = exposure_named(&exposures, "open-3306");
    assert_int_equal(census.tallies[mysql].asked, ASKED_PARTLY);
    assert_proportion(&census, mysql, DENOMINATOR_HOST, 3, 50);
    assert_proportion(&census, mysql, DENOMINATOR_ADDRESS, 0, 0);
    assert_false(census.addresses_known);
    census_deinit(&census);
    exposures_deinit(&exposures);
    store_run_deinit(&run);
    store_close(&store);
}

static void parse_catalogue(struct catalogue *catalogue, const char *const *sources, size_t count)
{
    struct complaints complaints;
    complaints_init(&complaints, "catalogue");
    assert_int_equal(catalogue_load(catalogue, sources, count, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
}

/* Mean, interval and bands of those with an index, by the catalogue's g where it is theirs. */
static void test_indices(void **state)
{
    (void)state;
    struct store *store = ward_open();
    struct store_run run = ward_run(store, three, 3);
    struct exposures exposures;
    struct census census;
    struct catalogue catalogue;
    struct census_indices indices;
    assert_int_equal(exposures_init(&exposures, NULL), STATUS_OK);
    take(store, &exposures, (struct census_options){0}, &census);
    parse_catalogue(&catalogue, NULL, 0);
    assert_int_equal(census_indices(&census, &catalogue, &indices), STATUS_OK);
    assert_true(indices.applied && indices.organizations == 2 && fabs(indices.mean - 750) < 1e-9);
    assert_true(indices.interval[0] < 700 && indices.interval[1] > 800);
    assert_true(indices.bands[BAND_GOOD] == 2);
    catalogue.g = (struct g){.kind = G_POWER, .gamma = 2, .fit = {.error = (double)NAN}};
    assert_int_equal(census_indices(&census, &catalogue, &indices), STATUS_OK);
    assert_true(indices.applied && fabs(indices.mean - 565) < 1e-9 && indices.bands[BAND_POOR] == 1);
    catalogue_deinit(&catalogue);
    const char *plain[] = {"cn-medical-2018"};
    parse_catalogue(&catalogue, plain, 1);
    assert_int_equal(census_indices(&census, &catalogue, &indices), STATUS_OK);
    assert_true(!indices.applied && fabs(indices.mean - 750) < 1e-9);
    catalogue_deinit(&catalogue);
    census_deinit(&census);
    exposures_deinit(&exposures);
    store_run_deinit(&run);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_denominators), cmocka_unit_test(test_asked),  cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_newest_runs),  cmocka_unit_test(test_shards), cmocka_unit_test(test_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
