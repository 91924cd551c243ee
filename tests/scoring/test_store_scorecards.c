#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"

struct seen {
    char text[2048];
};

static void add(struct seen *seen, const char *text)
{
    strncat(seen->text, text, sizeof seen->text - strlen(seen->text) - 1);
}

static void see_organization(void *context, const struct organization *organization)
{
    char text[512];
    snprintf(text, sizeof text, "%s %s %g", organization->id, organization->name,
             organization->informatization);
    add(context, text);
    for (size_t i = 0; i < organization->tags_count; i++) {
        snprintf(text, sizeof text, " %s=%s", organization->tags[i].key, organization->tags[i].value);
        add(context, text);
    }
    add(context, "\n");
}

static void see_scorecard(void *context, const char *organization, const struct store_scorecard *scorecard,
                          const char *record)
{
    char text[512];
    snprintf(text, sizeof text, "%s %d %d %.3f %.3f %d %s\n", organization, scorecard->assessed,
             scorecard->index, scorecard->index_exact, scorecard->score, scorecard->gate, record);
    add(context, text);
}

static void see_newest(void *context, const struct store_newest *newest)
{
    char text[512];
    snprintf(text, sizeof text, "%.4s %s %s %u/%u %d %s %zu|", newest->run, newest->catalogue,
             newest->vantage, newest->shard, newest->shards, newest->scorecard.index,
             newest->organization->name, newest->organization->tags_count);
    add(context, text);
}

static char province[] = "province", hubei[] = "湖北", level[] = "le\"vel", hostile[] = HOSTILE;

static void keep_organization(struct store *store, const struct store_run *run, char *id, char *name,
                              size_t tags_count)
{
    struct tag tags[] = {{province, hubei}, {level, hostile}};
    const struct organization organization = {
        .id = id, .name = name, .tags = tags, .tags_count = tags_count, .informatization = NAN};
    assert_good(store, store_organization(store, run, &organization));
}

static void keep_scorecard(struct store *store, const struct store_run *run, const char *organization,
                           int index)
{
    const struct scorecard scorecard = {.assessed = index > 0,
                                        .index = index,
                                        .index_exact = index - 0.25,
                                        .score = index + 0.5,
                                        .gate = BAND_FAIR};
    assert_good(store, store_scorecard(store, run, organization, &scorecard, "{}"));
}

static void test_organizations(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct seen seen = {""};
    char h1[] = "h1", h2[] = "h2", old[] = "old", name[] = "第二医院";
    keep_organization(store, &run, h2, name, 0);
    keep_organization(store, &run, h1, old, 0);
    keep_organization(store, &run, h1, hostile, 2);
    assert_good(store, store_each_organization(store, &run, see_organization, &seen));
    char expected[512];
    snprintf(expected, sizeof expected, "h1 %s nan province=湖北 le\"vel=%s\nh2 第二医院 nan\n", HOSTILE,
             HOSTILE);
    assert_string_equal(seen.text, expected);
    store_run_deinit(&run);
    store_close(&store);
}

/* What others wrote into the column is no reason to fail: it names nothing. */
static void test_tags_that_are_none(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    char h1[] = "h1";
    struct seen seen = {""};
    keep_organization(store, &run, h1, h1, 1);
    store_close(&store);
    place_execute(*state, "UPDATE organizations SET tags = '{\"a\": 1, \"b\": [\"x\"], \"c\": \"d\"}'");
    store = place_open(*state, true);
    assert_good(store, store_each_organization(store, &run, see_organization, &seen));
    assert_string_equal(seen.text, "h1 h1 nan c=d\n");
    store_close(&store);
    place_execute(*state, "UPDATE organizations SET tags = '[[['");
    store = place_open(*state, true);
    seen.text[0] = 0;
    assert_good(store, store_each_organization(store, &run, see_organization, &seen));
    assert_string_equal(seen.text, "h1 h1 nan\n");
    store_run_deinit(&run);
    store_close(&store);
}

static void test_scorecards(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct seen seen = {""};
    keep_scorecard(store, &run, "h1", 1);
    keep_scorecard(store, &run, "h1", 712);
    keep_scorecard(store, &run, "h0", 0);
    assert_good(store, store_each_scorecard(store, &run, see_scorecard, &seen));
    assert_string_equal(seen.text, "h0 0 0 0.000 0.000 1 {}\nh1 1 712 711.750 712.500 1 {}\n");
    store_run_deinit(&run);
    store_close(&store);
}

static struct store_run begin(struct store *store, const char *id, const char *vantage)
{
    struct store_run run = sample_run();
    strcpy(run.id, id);
    free(run.vantage);
    run.vantage = strdup(vantage);
    run.complete = true;
    assert_good(store, store_begin(store, &run));
    return run;
}

static void test_newest(void **state)
{
    struct store *store = place_open(*state, true);
    struct seen seen = {""};
    char h1[] = "h1", h2[] = "h2", h3[] = "h3", first[] = "first", second[] = "second";
    struct store_run old = begin(store, "1111", "internet"), between = begin(store, "2222", "internal"),
                     newest = begin(store, "3333", "internet");
    keep_organization(store, &old, h1, first, 2);
    keep_organization(store, &between, h1, second, 1);
    keep_scorecard(store, &old, h1, 100);
    keep_scorecard(store, &old, h2, 200);
    keep_scorecard(store, &old, h3, 300);
    keep_scorecard(store, &between, h1, 110);
    keep_scorecard(store, &newest, h2, 220);
    assert_good(store, store_each_newest(store, NULL, see_newest, &seen));
    assert_string_equal(seen.text, "2222 cn-medical-2018+auscult-2026 internal 2/3 110 second 1|"
                                   "3333 cn-medical-2018+auscult-2026 internet 2/3 220 h2 0|"
                                   "1111 cn-medical-2018+auscult-2026 internet 2/3 300 h3 0|");
    seen.text[0] = 0;
    assert_good(store, store_each_newest(store, "internet", see_newest, &seen));
    assert_true(strstr(seen.text, "1111 cn-medical-2018+auscult-2026 internet 2/3 100 first 2|"));
    /* A run that did not come to its end has said nothing yet. */
    newest.complete = false;
    assert_good(store, store_update_run(store, &newest));
    seen.text[0] = 0;
    assert_good(store, store_each_newest(store, NULL, see_newest, &seen));
    assert_true(strstr(seen.text, " 200 h2 0|"));
    store_run_deinit(&old);
    store_run_deinit(&between);
    store_run_deinit(&newest);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_organizations),
        PLACE_TEST(test_tags_that_are_none),
        PLACE_TEST(test_scorecards),
        PLACE_TEST(test_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
