#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"
#include "scoring/evaluation_stream.h"

#define ORGANIZATIONS 40

/* A store in memory with one run. */
struct scene {
    struct sample sample;
    struct store *store;
    struct store_run run;
};

static void set_up(struct scene *scene, struct chance *chance)
{
    memset(scene, 0, sizeof *scene);
    sample_init(&scene->sample, chance);
    assert_int_equal(store_open(NULL, true, &scene->store), STATUS_OK);
    assert_int_equal(store_begin(scene->store, &scene->run), STATUS_OK);
}

static void tear_down(struct scene *scene)
{
    store_run_deinit(&scene->run);
    store_close(&scene->store);
    sample_deinit(&scene->sample);
}

/* The sample's findings, dealt out to organizations. */
static void deal(struct scene *scene, struct chance *chance)
{
    for (size_t i = 0; i < scene->sample.findings_count; i++) {
        struct finding finding = scene->sample.findings[i];
        char name[16];
        snprintf(name, sizeof name, "h%02u", (unsigned)chance_below(chance, ORGANIZATIONS));
        finding.organization = name;
        assert_int_equal(store_finding(scene->store, &scene->run, &finding), STATUS_OK);
    }
}

static void evaluate(const struct scene *scene, bool without_occurrences, struct evaluation *evaluation_out)
{
    const struct evaluation_options options = {.catalogue = &scene->sample.catalogue,
                                               .exposure = 1,
                                               .today = 20260101,
                                               .without_occurrences = without_occurrences};
    assert_int_equal(evaluation_make(scene->store, &scene->run, &options, evaluation_out), STATUS_OK);
}

static void assert_same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same(const struct scorecard *a, const struct scorecard *b)
{
    assert_same_bits(a->index_exact, b->index_exact);
    assert_same_bits(a->bounds[0], b->bounds[0]);
    assert_same_bits(a->bounds[1], b->bounds[1]);
    assert_int_equal(a->gate, b->gate);
    assert_int_equal(a->items_count, b->items_count);
    for (size_t i = 0; i < a->items_count; i++) {
        assert_int_equal(a->items[i].item, b->items[i].item);
        assert_int_equal(a->items[i].count, b->items[i].count);
        assert_same_bits(a->items[i].gain, b->items[i].gain);
    }
    assert_int_equal(a->fixes_count, b->fixes_count);
    for (size_t i = 0; i < a->fixes_count; i++)
        assert_same_bits(a->fixes[i].index_after, b->fixes[i].index_after);
}

static void without_occurrences_the_rest_is_the_same(void **state)
{
    struct chance chance = {11};
    (void)state;
    for (size_t round = 0; round < 10; round++) {
        struct scene scene;
        struct evaluation with, without;
        set_up(&scene, &chance);
        deal(&scene, &chance);
        evaluate(&scene, false, &with);
        evaluate(&scene, true, &without);
        assert_int_equal(with.count, without.count);
        assert_true(with.findings == without.findings);
        for (size_t i = 0; i < with.count; i++) {
            assert_string_equal(with.organizations[i].organization->id,
                                without.organizations[i].organization->id);
            assert_true(with.scorecards[i].occurrences_count > 0);
            assert_int_equal(without.scorecards[i].occurrences_count, 0);
            assert_same(&with.scorecards[i], &without.scorecards[i]);
        }
        evaluation_deinit(&with);
        evaluation_deinit(&without);
        tear_down(&scene);
    }
}

/* However an organization is named, and each once. */
static void organizations_come_by_their_ids(void **state)
{
    static const char *const expected[] = {"a-assessed", "c-counted", "f-found", "o-observed"};
    struct chance chance = {12};
    struct scene scene;
    struct evaluation evaluation;
    struct observation observation;
    (void)state;
    set_up(&scene, &chance);
    const char *item = scene.sample.catalogue.items[0].id;
    struct store_count count = {.organization = "c-counted", .port = {80, TRANSPORT_TCP}};
    struct finding finding = sample_finding(item, 1, 1);
    observation_init(&observation, address_from_ipv4(1), (struct port){80, TRANSPORT_TCP});
    assert_int_equal(store_observation(scene.store, &scene.run, "o-observed", &observation), STATUS_OK);
    for (uint16_t port = 1; port < 5; port++) {
        count.port.number = port;
        assert_int_equal(store_add_count(scene.store, &scene.run, &count), STATUS_OK);
        finding.organization = strdup("f-found");
        assert_int_equal(store_finding(scene.store, &scene.run, &finding), STATUS_OK);
        free(finding.organization);
    }
    finding.organization = NULL;
    assert_int_equal(store_assessed(scene.store, &scene.run, "a-assessed", item), STATUS_OK);
    assert_int_equal(store_assessed(scene.store, &scene.run, "f-found", item), STATUS_OK);
    evaluate(&scene, true, &evaluation);
    assert_int_equal(evaluation.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(evaluation.organizations[i].organization->id, expected[i]);
    assert_true(evaluation.scorecards[0].assessed && !evaluation.scorecards[1].assessed);
    evaluation_deinit(&evaluation);
    finding_deinit(&finding);
    observation_deinit(&observation);
    tear_down(&scene);
}

/* The same findings past the store, the organizations in this order; some items are assessed besides. */
static void stream(const struct scene *scene, const struct evaluation_options *options,
                   const char *const *order, size_t count, const struct finding *findings,
                   size_t findings_count, struct evaluation *evaluation_out)
{
    struct evaluation_stream *stream;
    assert_int_equal(evaluation_stream_new(options, &stream), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < findings_count; j++) {
            if (strcmp(findings[j].organization, order[i]) != 0)
                continue;
            assert_int_equal(evaluation_stream_enter(stream, order[i]), STATUS_OK);
            assert_int_equal(evaluation_stream_add(stream, &findings[j]), STATUS_OK);
        }
        assert_int_equal(evaluation_stream_enter(stream, order[i]), STATUS_OK);
        evaluation_stream_assess(stream, scene->sample.catalogue.items[0].id);
        evaluation_stream_assess(stream, "of another catalogue");
    }
    assert_int_equal(evaluation_stream_end(stream, evaluation_out), STATUS_OK);
    evaluation_stream_free(&stream);
}

static void assert_same_evaluation(const struct evaluation *a, const struct evaluation *b)
{
    assert_int_equal(a->count, b->count);
    assert_true(a->findings == b->findings);
    assert_int_equal(a->assessed_by_findings_only, b->assessed_by_findings_only);
    for (size_t i = 0; i < a->count; i++) {
        const struct report_organization *left = &a->organizations[i], *right = &b->organizations[i];
        assert_string_equal(left->organization->id, right->organization->id);
        assert_true(left->authorized == right->authorized);
        assert_int_equal(left->counts_known, right->counts_known);
        assert_ptr_equal(right->scorecard, &b->scorecards[i]);
        assert_int_equal(a->scorecards[i].occurrences_count, b->scorecards[i].occurrences_count);
        for (size_t j = 0; j < a->scorecards[i].occurrences_count; j++)
            assert_same_bits(a->scorecards[i].occurrences[j].gain, b->scorecards[i].occurrences[j].gain);
        assert_same(left->scorecard, right->scorecard);
    }
}

/* Of three organizations the scope has two, and one more that nothing was found of. */
static void past_the_store_it_comes_to_the_same(void **state)
{
    static const char *const order[] = {"h2", "h3", "h1"};
    char ids[][4] = {"h9", "h1", "h2"}, h3[] = "h3";
    struct organization organizations[3] = {{.id = ids[0]}, {.id = ids[1]}, {.id = ids[2]}};
    const struct organization *by_id[] = {&organizations[1], &organizations[2], &organizations[0]};
    const struct scope scope = {.organizations = organizations, .organizations_count = 3, .by_id = by_id};
    struct chance chance = {14};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        organizations[i].informatization = 3;
        ranges_init(&organizations[i].ranges);
    }
    for (size_t round = 0; round < 24; round++) {
        struct scene scene;
        struct evaluation made, streamed;
        set_up(&scene, &chance);
        struct finding *findings = calloc(scene.sample.findings_count + 1, sizeof *findings);
        for (size_t i = 0; i < scene.sample.findings_count; i++) {
            char *const named[] = {ids[1], ids[2], h3};
            findings[i] = scene.sample.findings[i];
            findings[i].organization = named[chance_below(&chance, 3)];
            assert_int_equal(store_finding(scene.store, &scene.run, &findings[i]), STATUS_OK);
        }
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(
                store_assessed(scene.store, &scene.run, order[i], scene.sample.catalogue.items[0].id),
                STATUS_OK);
        const struct evaluation_options options = {.catalogue = &scene.sample.catalogue,
                                                   .scope = round % 2 ? &scope : NULL,
                                                   .only = round % 4 / 2 ? "h2" : NULL,
                                                   .exposure = 1,
                                                   .today = 20260101,
                                                   .without_occurrences = round % 8 / 4 != 0};
        assert_int_equal(evaluation_make(scene.store, &scene.run, &options, &made), STATUS_OK);
        stream(&scene, &options, order, 3, findings, scene.sample.findings_count, &streamed);
        assert_same_evaluation(&made, &streamed);
        evaluation_deinit(&made);
        evaluation_deinit(&streamed);
        free(findings);
        tear_down(&scene);
    }
}

static void who_comes_back_is_refused(void **state)
{
    struct chance chance = {15};
    struct scene scene;
    struct evaluation_stream *stream;
    (void)state;
    set_up(&scene, &chance);
    const struct evaluation_options options = {.catalogue = &scene.sample.catalogue, .exposure = 1};
    assert_int_equal(evaluation_stream_new(&options, &stream), STATUS_OK);
    assert_int_equal(evaluation_stream_enter(stream, "h1"), STATUS_OK);
    assert_int_equal(evaluation_stream_enter(stream, "h2"), STATUS_OK);
    assert_int_equal(evaluation_stream_enter(stream, "h2"), STATUS_OK);
    assert_int_equal(evaluation_stream_enter(stream, "h1"), STATUS_MISMATCH);
    evaluation_stream_free(&stream);
    tear_down(&scene);
}

static void nobody_is_named_in_an_empty_run(void **state)
{
    struct chance chance = {13};
    struct scene scene;
    struct evaluation evaluation;
    (void)state;
    set_up(&scene, &chance);
    evaluate(&scene, true, &evaluation);
    assert_int_equal(evaluation.count, 0);
    evaluation_deinit(&evaluation);
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_occurrences_the_rest_is_the_same),
        cmocka_unit_test(organizations_come_by_their_ids),
        cmocka_unit_test(past_the_store_it_comes_to_the_same),
        cmocka_unit_test(who_comes_back_is_refused),
        cmocka_unit_test(nobody_is_named_in_an_empty_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
