#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ward.h"

#define CATALOGUE "cn-medical-2018+auscult-2026"

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

static void assert_proportion(const struct ward_scene *scene, size_t exposure, enum denominator denominator,
                              uint64_t count, uint64_t of)
{
    struct proportion proportion = census_proportion(&scene->census, exposure, denominator);
    if (proportion.count != count || proportion.of != of)
        fail_msg("%s: %llu of %llu in place of %llu of %llu", denominator_word(denominator),
                 (unsigned long long)proportion.count, (unsigned long long)proportion.of,
                 (unsigned long long)count, (unsigned long long)of);
}

/* Three denominators and the organizations, apart. What is synthetic does not count. */
static void test_denominators(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, three, 3, NULL);
    size_t mysql = ward_exposure(&scene.exposures, "open-3306");
    assert_int_equal(scene.census.count, 3);
    assert_true(scene.census.addresses == 448 && scene.census.answered == 94 && scene.census.hosts == 50);
    assert_string_equal(scene.census.vantage, "internet");
    assert_proportion(&scene, mysql, DENOMINATOR_HOST, 3, 50);
    assert_proportion(&scene, mysql, DENOMINATOR_ADDRESS, 3, 448);
    assert_proportion(&scene, mysql, DENOMINATOR_ORGANIZATION, 1, 3);
    ward_census(&scene, (struct census_options){.organization = "h1"});
    assert_proportion(&scene, mysql, DENOMINATOR_HOST, 3, 40);
    assert_proportion(&scene, mysql, DENOMINATOR_ANSWERED, 3, 60);
    assert_proportion(&scene, mysql, DENOMINATOR_ADDRESS, 3, 256);
    assert_proportion(&scene, mysql, DENOMINATOR_ORGANIZATION, 1, 1);
    assert_int_equal(scene.census.tallies[mysql].asked, ASKED_WHOLLY);
    ward_end(&scene);
}

/* Not asked, asked in part, asked of some organizations only. */
static void test_asked(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, three, 3, NULL);
    size_t rdp = ward_exposure(&scene.exposures, "open-3389");
    size_t redis = ward_exposure(&scene.exposures, "open-6379");
    size_t login = ward_exposure(&scene.exposures, "open-remote-login");
    assert_int_equal(scene.census.tallies[redis].asked, ASKED_NOWHERE);
    assert_proportion(&scene, redis, DENOMINATOR_HOST, 0, 0);
    assert_int_equal(scene.census.tallies[rdp].asked, ASKED_PARTLY);
    assert_proportion(&scene, rdp, DENOMINATOR_HOST, 1, 50);
    assert_proportion(&scene, rdp, DENOMINATOR_ORGANIZATION, 1, 2);
    /* A host with several of the ports is one host. */
    assert_int_equal(scene.census.tallies[login].asked, ASKED_PARTLY);
    assert_proportion(&scene, login, DENOMINATOR_ADDRESS, 1, 384);
    ward_census(&scene, (struct census_options){.organization = "h1"});
    assert_int_equal(scene.census.tallies[rdp].asked, ASKED_WHOLLY);
    ward_end(&scene);
}

static void test_subjects(void **state)
{
    (void)state;
    static const struct census_options nobody[] = {{.organization = "h9"},
                                                   {.key = "province", .value = "X"},
                                                   {.key = "level", .value = "P"},
                                                   {.vantage = "partner"}};
    struct ward_scene scene;
    struct census census;
    ward_begin(&scene, three, 3, NULL);
    ward_census(&scene, (struct census_options){.key = "province", .value = "P"});
    assert_int_equal(scene.census.count, 2);
    assert_string_equal(scene.census.members[1].row->organization.id, "h2");
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
        assert_int_equal(census_make(scene.store, &scene.exposures, &nobody[i], &census), STATUS_MISMATCH);
    ward_end(&scene);
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
    struct ward_scene scene;
    ward_begin(&scene, three, 3, NULL);
    struct store_run second = ward_run_as(scene.store, mended, 1, "partner", CATALOGUE, 1);
    size_t mysql = ward_exposure(&scene.exposures, "open-3306");
    ward_census(&scene, (struct census_options){0});
    assert_proportion(&scene, mysql, DENOMINATOR_HOST, 0, 49);
    assert_null(scene.census.vantage);
    ward_census(&scene, (struct census_options){.vantage = "internet"});
    assert_proportion(&scene, mysql, DENOMINATOR_HOST, 3, 50);
    store_run_deinit(&second);
    ward_end(&scene);
}

/* One shard of several saw a part of the addresses, nobody knows of how many. */
static void test_shards(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, three, 3, NULL);
    struct store_run run = ward_run_as(scene.store, three, 3, "internet", CATALOGUE, 4);
    size_t mysql = ward_exposure(&scene.exposures, "open-3306");
    ward_census(&scene, (struct census_options){0});
    assert_int_equal(scene.census.tallies[mysql].asked, ASKED_PARTLY);
    assert_proportion(&scene, mysql, DENOMINATOR_HOST, 3, 50);
    assert_proportion(&scene, mysql, DENOMINATOR_ADDRESS, 0, 0);
    assert_false(scene.census.addresses_known);
    store_run_deinit(&run);
    ward_end(&scene);
}

/* Mean, interval and bands of those with an index, by the catalogue's g where it is theirs. */
static void test_indices(void **state)
{
    (void)state;
    struct ward_scene scene;
    struct census_indices indices;
    ward_begin(&scene, three, 3, NULL);
    assert_int_equal(census_indices(&scene.census, &scene.catalogue, &indices), STATUS_OK);
    assert_true(indices.applied && indices.organizations == 2 && fabs(indices.mean - 750) < 1e-9);
    assert_true(indices.interval[0] < 700 && indices.interval[1] > 800);
    assert_true(indices.bands[BAND_GOOD] == 2);
    scene.catalogue.g = (struct g){.kind = G_POWER, .gamma = 2, .fit = {.error = (double)NAN}};
    assert_int_equal(census_indices(&scene.census, &scene.catalogue, &indices), STATUS_OK);
    assert_true(indices.applied && fabs(indices.mean - 565) < 1e-9 && indices.bands[BAND_POOR] == 1);
    free(scene.catalogue.name);
    scene.catalogue.name = strdup("cn-medical-2018");
    assert_int_equal(census_indices(&scene.census, &scene.catalogue, &indices), STATUS_OK);
    assert_true(!indices.applied && fabs(indices.mean - 750) < 1e-9);
    ward_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_denominators), cmocka_unit_test(test_asked),  cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_newest_runs),  cmocka_unit_test(test_shards), cmocka_unit_test(test_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
