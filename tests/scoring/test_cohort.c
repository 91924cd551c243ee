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
#include "scoring/cohort.h"

static char province[] = "province", level[] = "level", owner[] = "owner", hubei[] = "湖北", hunan[] = "湖南",
            three[] = "3A", everyone[] = "all";

static struct tag in_hunan[] = {{province, hunan}, {level, three}};
static struct tag in_hubei[] = {{province, hubei}, {level, three}};

/* Organizations h0, h1 …, each with its tags and index. */
struct town {
    char ids[40][8];
    struct organization organizations[40];
    struct cohort_member members[40];
    size_t count;
};

static void settle(struct town *town, struct tag *tags, size_t tags_count, double index)
{
    size_t at = town->count++;
    snprintf(town->ids[at], sizeof town->ids[at], "h%zu", at);
    town->organizations[at] =
        (struct organization){.id = town->ids[at], .tags = tags, .tags_count = tags_count};
    town->members[at] = (struct cohort_member){.organization = &town->organizations[at],
                                               .index_exact = index,
                                               .index = (int)index,
                                               .band = band_of((int)index),
                                               .gate = BAND_EXCELLENT,
                                               .row = at};
}

static const struct cohort *named(const struct cohorts *cohorts, const char *key, const char *value)
{
    for (size_t i = 0; i < cohorts->count; i++)
        if (strcmp(cohorts->items[i].key, key) == 0 && strcmp(cohorts->items[i].value, value) == 0)
            return &cohorts->items[i];
    fail_msg("no cohort %s %s", key, value);
    return NULL;
}

static void test_groups(void **state)
{
    (void)state;
    struct town town = {.count = 0};
    struct cohorts cohorts;
    settle(&town, in_hunan, 2, 700);
    settle(&town, in_hubei, 2, 720);
    settle(&town, in_hubei, 2, 740);
    settle(&town, in_hubei, 2, 760);
    assert_int_equal(cohorts_make(town.members, town.count, NULL, &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 4);
    assert_string_equal(cohorts.items[0].key, COHORT_ALL);
    assert_string_equal(cohorts.items[1].key, "province");
    assert_string_equal(cohorts.items[3].key, "level");
    const struct cohort *all = named(&cohorts, COHORT_ALL, COHORT_ALL);
    assert_ptr_equal(all, cohorts_of(&cohorts, COHORT_ALL));
    assert_int_equal(all->organizations, 4);
    assert_true(all->mean == 730);
    assert_true(fabs(all->deviation - sqrt(2000.0 / 3)) < 1e-12);
    /* A standard error of sqrt(2000 / 3 / 4) and t(0.975, 3) = 3.182446. */
    assert_true(fabs(all->interval[0] - (730 - 3.182446 * sqrt(2000.0 / 12))) < 1e-3);
    assert_true(fabs(all->interval[1] - (730 + 3.182446 * sqrt(2000.0 / 12))) < 1e-3);
    assert_int_equal(all->bands[BAND_GOOD], 4);
    assert_true(all->groups == 1 && all->rank == 1 && all->could_be[0] == 1 && all->could_be[1] == 1);
    const struct cohort *north = named(&cohorts, "province", hubei);
    assert_true(north->organizations == 3 && north->rank == 1 && north->groups == 2);
    assert_true(north->could_be[0] == 1 && north->could_be[1] == 2);
    assert_true(isnan(named(&cohorts, "province", hunan)->interval[0]));
    assert_int_equal(named(&cohorts, "province", hunan)->rank, 2);
    assert_int_equal(named(&cohorts, "level", three)->organizations, 4);
    cohorts_deinit(&cohorts);
}

/* Ties share a rank and stand by their ids; the next has one as if they had not. */
static void test_places(void **state)
{
    (void)state;
    static const double indices[] = {650, 812.5, 650, 990, 650, 100};
    static const char *const ids[] = {"h3", "h1", "h0", "h2", "h4", "h5"};
    static const size_t ranks[] = {1, 2, 3, 3, 3, 6};
    struct town town = {.count = 0};
    struct cohorts cohorts;
    for (size_t i = 0; i < 6; i++)
        settle(&town, NULL, 0, indices[i]);
    assert_int_equal(cohorts_make(town.members, town.count, NULL, &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 1);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(cohorts.items[0].places[i].member->organization->id, ids[i]);
        assert_int_equal(cohorts.items[0].places[i].rank, ranks[i]);
    }
    assert_int_equal(cohorts.items[0].places[1].member->row, 1);
    cohorts_deinit(&cohorts);
}

/* The gate stands beside the bands and is never mixed into them. */
static void test_gates(void **state)
{
    (void)state;
    struct town town = {.count = 0};
    struct cohorts cohorts;
    settle(&town, NULL, 0, 950);
    settle(&town, NULL, 0, 750);
    settle(&town, NULL, 0, 300);
    settle(&town, NULL, 0, 960);
    town.members[0].gate = BAND_GOOD;
    town.members[1].gate = BAND_FAIR;
    town.members[2].gate = BAND_FAIR;
    assert_int_equal(cohorts_make(town.members, town.count, COHORT_ALL, &cohorts), STATUS_OK);
    static const size_t bands[] = {1, 0, 1, 2}, gates[] = {0, 2, 1, 1}, shown[] = {1, 1, 1, 1};
    assert_memory_equal(cohorts.items[0].bands, bands, sizeof bands);
    assert_memory_equal(cohorts.items[0].gates, gates, sizeof gates);
    assert_memory_equal(cohorts.items[0].shown, shown, sizeof shown);
    cohorts_deinit(&cohorts);
}

static void test_keys(void **state)
{
    (void)state;
    struct tag tags[] = {{owner, everyone}, {everyone, three}};
    struct town town = {.count = 0};
    struct cohorts cohorts;
    settle(&town, in_hunan, 2, 700);
    settle(&town, tags, 2, 500);
    assert_int_equal(cohorts_make(town.members, 2, "owner", &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 1);
    assert_int_equal(cohorts.items[0].organizations, 1);
    assert_true(isnan(cohorts.items[0].deviation));
    assert_null(cohorts_of(&cohorts, COHORT_ALL));
    cohorts_deinit(&cohorts);
    /* A tag of that name does not stand in for everyone. */
    assert_int_equal(cohorts_make(town.members, 2, NULL, &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 4);
    assert_int_equal(cohorts_of(&cohorts, COHORT_ALL)->organizations, 2);
    cohorts_deinit(&cohorts);
    assert_int_equal(cohorts_make(town.members, 2, "nothing", &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 0);
    cohorts_deinit(&cohorts);
}

static void test_nobody(void **state)
{
    (void)state;
    struct cohorts cohorts;
    assert_int_equal(cohorts_make(NULL, 0, NULL, &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 0);
    cohorts_deinit(&cohorts);
}

/* model.md §6: 31 hospitals with a standard deviation of 152 have a mean known to 56 points. */
static void test_reach(void **state)
{
    (void)state;
    struct town town = {.count = 0};
    struct cohorts cohorts;
    for (size_t i = 0; i < 31; i++)
        settle(&town, NULL, 0, i == 30 ? 500 : i % 2 ? 500 + 152.0 : 500 - 152.0);
    assert_int_equal(cohorts_make(town.members, 31, NULL, &cohorts), STATUS_OK);
    assert_true(fabs(cohorts.items[0].mean - 500) < 1e-9);
    assert_true(fabs(cohorts.items[0].deviation - 152) < 1e-9);
    assert_int_equal((int)(cohorts.items[0].interval[1] - 500 + 0.5), 56);
    cohorts_deinit(&cohorts);
}

/* model.md §8: in whichever order the organizations come, the same bits. */
static void test_order(void **state)
{
    (void)state;
    struct chance chance = {3};
    struct town town = {.count = 0};
    struct cohorts cohorts, shuffled;
    for (size_t i = 0; i < 40; i++)
        settle(&town, chance_of(&chance, 3) ? in_hunan : in_hubei, 2,
               (double)chance_below(&chance, 1000001) / 1001);
    assert_int_equal(cohorts_make(town.members, 40, NULL, &cohorts), STATUS_OK);
    for (size_t i = 39; i > 0; i--) {
        size_t other = chance_below(&chance, i + 1);
        struct cohort_member member = town.members[i];
        town.members[i] = town.members[other];
        town.members[other] = member;
    }
    assert_int_equal(cohorts_make(town.members, 40, NULL, &shuffled), STATUS_OK);
    assert_int_equal(cohorts.count, shuffled.count);
    for (size_t i = 0; i < cohorts.count; i++) {
        const struct cohort *one = &cohorts.items[i], *other = &shuffled.items[i];
        assert_string_equal(one->value, other->value);
        assert_memory_equal(&one->organizations, &other->organizations,
                            offsetof(struct cohort, places) - offsetof(struct cohort, organizations));
        for (size_t j = 0; j < one->organizations; j++)
            assert_int_equal(one->places[j].member->row, other->places[j].member->row);
    }
    cohorts_deinit(&cohorts);
    cohorts_deinit(&shuffled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups), cmocka_unit_test(test_places), cmocka_unit_test(test_gates),
        cmocka_unit_test(test_keys),   cmocka_unit_test(test_nobody), cmocka_unit_test(test_reach),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
