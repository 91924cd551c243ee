#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "naive.h"
#include "sample.h"

#define SAMPLES   2500
#define TOLERANCE 1e-9

static void assert_near(double found, long double expected, size_t sample, const char *what)
{
    if (!(fabsl((long double)found - expected) <= TOLERANCE))
        fail_msg("sample %zu: %s is %.17g, by the naive way %.17Lg", sample, what, found, expected);
}

static void the_index_is_that_of_the_printed_steps(void **state)
{
    (void)state;
    struct chance chance = {1};
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample;
        struct naive naive;
        struct index *index, *literal_index;
        struct scorecard card, literal;
        sample_init(&sample, &chance);
        naive_init(&naive, &sample);
        sample_score(&sample, NULL, false, &index, &card);
        sample.options.literal = true;
        sample_score(&sample, NULL, false, &literal_index, &literal);
        long double score = naive_score(&naive, NAN), perfect = naive_score(&naive, 1000);
        assert_near(literal.score, perfect, i, "the literal score");
        assert_near(literal.index_exact, naive_g(&sample, perfect), i, "the literal index");
        assert_near(card.literal, naive_g(&sample, perfect), i, "the field literal");
        assert_near(card.bounds[0], naive_g(&sample, naive_score(&naive, 0)), i, "the lower bound");
        assert_near(card.bounds[1], naive_g(&sample, perfect), i, "the upper bound");
        assert_near(card.score, isnan(score) ? 0 : score, i, "the score");
        assert_near(card.index_exact, naive_g(&sample, score), i, "the index");
        assert_int_equal(card.assessed, !isnan(score));
        free(naive.weights);
        scorecard_deinit(&card);
        scorecard_deinit(&literal);
        index_free(&index);
        index_free(&literal_index);
        sample_deinit(&sample);
    }
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void assert_same_numbers(const struct scorecard *a, const struct scorecard *b)
{
    assert_int_equal(a->index, b->index);
    assert_true(same_bits(a->index_exact, b->index_exact) && same_bits(a->score, b->score));
    assert_true(same_bits(a->bounds[0], b->bounds[0]) && same_bits(a->bounds[1], b->bounds[1]));
    assert_true(same_bits(a->literal, b->literal));
    assert_true(same_bits(a->without_acceptance, b->without_acceptance));
    assert_int_equal(a->band, b->band);
    assert_int_equal(a->gate, b->gate);
    assert_int_equal(a->gated_by_count, b->gated_by_count);
    assert_int_equal(a->items_assessed, b->items_assessed);
    assert_int_equal(a->dimensions_assessed, b->dimensions_assessed);
    assert_int_equal(a->domains_assessed, b->domains_assessed);
}

static void assert_same_lists(const struct scorecard *a, const struct scorecard *b)
{
    assert_int_equal(a->items_count, b->items_count);
    for (size_t i = 0; i < a->items_count; i++) {
        assert_int_equal(a->items[i].item, b->items[i].item);
        assert_int_equal(a->items[i].count, b->items[i].count);
        assert_true(same_bits(a->items[i].loss, b->items[i].loss));
        assert_true(same_bits(a->items[i].gain, b->items[i].gain));
    }
    assert_int_equal(a->occurrences_count, b->occurrences_count);
    for (size_t i = 0; i < a->occurrences_count; i++) {
        const struct score_occurrence *left = &a->occurrences[i], *right = &b->occurrences[i];
        assert_int_equal(left->item, right->item);
        assert_true(same_bits(left->gain, right->gain) && same_bits(left->weight, right->weight));
        assert_int_equal(left->finding->asset, right->finding->asset);
        assert_int_equal(left->finding->port.number, right->finding->port.number);
        assert_int_equal(left->finding->key != NULL, right->finding->key != NULL);
    }
    assert_int_equal(a->fixes_count, b->fixes_count);
    for (size_t i = 0; i < a->fixes_count; i++) {
        assert_int_equal(a->fixes[i].item, b->fixes[i].item);
        assert_true(same_bits(a->fixes[i].index_after, b->fixes[i].index_after));
    }
}

static void shuffle(size_t *order, size_t count, struct chance *chance)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = chance_below(chance, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void neither_order_nor_parts_change_a_bit(void **state)
{
    (void)state;
    struct chance chance = {2};
    for (size_t i = 0; i < 400; i++) {
        struct sample sample;
        struct index *index, *other_index;
        struct scorecard card, other;
        sample_init(&sample, &chance);
        size_t *order = calloc(sample.findings_count + 1, sizeof *order);
        sample_score(&sample, NULL, false, &index, &card);
        for (size_t round = 0; round < 4; round++) {
            shuffle(order, sample.findings_count, &chance);
            sample_score(&sample, order, round % 2 != 0, &other_index, &other);
            assert_same_numbers(&card, &other);
            assert_same_lists(&card, &other);
            scorecard_deinit(&other);
            index_free(&other_index);
        }
        free(order);
        scorecard_deinit(&card);
        index_free(&index);
        sample_deinit(&sample);
    }
}

static void add_all(struct index *index, const struct sample *sample, const size_t *order)
{
    for (size_t i = 0; i < sample->catalogue.items_count; i++)
        if (sample->assessed[i])
            index_assess(index, i);
    for (size_t i = 0; i < sample->findings_count; i++)
        assert_int_equal(index_add(index, &sample->findings[order[i]]), STATUS_OK);
}

static void accept_some(struct scope *scope, struct accepted_risk risks[3], const struct sample *sample,
                        struct chance *chance)
{
    for (size_t i = 0; i < 3; i++) {
        const struct catalogue *catalogue = &sample->catalogue;
        risks[i] = (struct accepted_risk){.from_day = 20260101, .until_day = 20260601};
        risks[i].item = catalogue->items[chance_below(chance, catalogue->items_count)].id;
        ranges_init(&risks[i].where);
        uint32_t first = 0xc0000200 + (uint32_t)chance_below(chance, 12);
        if (!chance_of(chance, 3))
            assert_int_equal(ranges_add(&risks[i].where, (struct range){address_from_ipv4(first),
                                                                        address_from_ipv4(first + 4)}),
                             STATUS_OK);
    }
    *scope = (struct scope){.accepted = risks, .accepted_count = 3};
}

static void assert_same_items(const struct scorecard *a, const struct scorecard *b)
{
    assert_int_equal(a->items_count, b->items_count);
    for (size_t i = 0; i < a->items_count; i++) {
        assert_int_equal(a->items[i].item, b->items[i].item);
        assert_int_equal(a->items[i].count, b->items[i].count);
        assert_int_equal(a->items[i].accepted, b->items[i].accepted);
        assert_true(same_bits(a->items[i].loss, b->items[i].loss));
        assert_true(same_bits(a->items[i].gain, b->items[i].gain));
    }
}

/* One index goes from organization to organization, now listing everything and now numbers only; risks are
   accepted in between. */
static void used_memory_and_fewer_lists_change_no_bit(void **state)
{
    (void)state;
    struct chance chance = {4};
    for (size_t i = 0; i < 300; i++) {
        struct sample sample;
        struct scope scope;
        struct accepted_risk risks[3];
        struct index *index, *used;
        struct scorecard card, other;
        sample_init(&sample, &chance);
        accept_some(&scope, risks, &sample, &chance);
        struct index_options with = sample.options, without = sample.options;
        with.scope = without.scope = &scope;
        with.today = without.today = 20260201;
        without.without_occurrences = without.without_fixes = true;
        size_t *order = calloc(sample.findings_count + 1, sizeof *order);
        shuffle(order, sample.findings_count, &chance);
        assert_int_equal(index_new(&sample.catalogue, &with, &index), STATUS_OK);
        add_all(index, &sample, order);
        assert_int_equal(index_score(index, &card), STATUS_OK);
        assert_int_equal(index_new(&sample.catalogue, &without, &used), STATUS_OK);
        for (size_t round = 0; round < 4; round++) {
            shuffle(order, sample.findings_count, &chance);
            add_all(used, &sample, order);
            assert_int_equal(index_score(used, &other), STATUS_OK);
            assert_same_numbers(&card, &other);
            if (round % 2) {
                assert_same_lists(&card, &other);
            } else {
                assert_same_items(&card, &other);
                assert_int_equal(other.occurrences_count + other.fixes_count, 0);
            }
            scorecard_deinit(&other);
            assert_int_equal(index_reset(used, round % 2 ? &without : &with), STATUS_OK);
        }
        for (size_t j = 0; j < 3; j++)
            ranges_deinit(&risks[j].where);
        free(order);
        scorecard_deinit(&card);
        index_free(&index);
        index_free(&used);
        sample_deinit(&sample);
    }
}

static double score_of(const struct sample *sample)
{
    struct index *index;
    struct scorecard card;
    sample_score(sample, NULL, false, &index, &card);
    double exact = card.index_exact;
    assert_true(isfinite(exact) && exact >= 0 && exact <= 1000);
    assert_true(card.bounds[0] <= exact && exact <= card.bounds[1]);
    assert_true(card.bounds[0] >= 0 && card.bounds[1] <= 1000);
    scorecard_deinit(&card);
    index_free(&index);
    return exact;
}

/* Within what was assessed, and for bases up to 2, not by a bit (model.md §8). */
static void nothing_that_is_worse_raises_the_index(void **state)
{
    (void)state;
    struct chance chance = {3};
    for (size_t i = 0; i < 1500; i++) {
        struct sample sample;
        sample_init(&sample, &chance);
        if (sample.catalogue.log_base == 0 || sample.catalogue.log_base > 2)
            sample.catalogue.log_base = 2;
        for (size_t j = 0; j < sample.catalogue.items_count; j++)
            sample.assessed[j] = true;
        double before = score_of(&sample);
        if (sample.findings_count > 0) {
            struct finding *finding = &sample.findings[chance_below(&chance, sample.findings_count)];
            const struct item *item =
                &sample.catalogue.items[catalogue_item(&sample.catalogue, finding->item)];
            int *value = chance_of(&chance, 2) ? &finding->asset : &finding->confidence;
            int kept = *value, own = value == &finding->asset ? item->asset : item->confidence;
            *value = (kept ? kept : own) < 5 ? (kept ? kept : own) + 1 : 5;
            assert_true(score_of(&sample) <= before);
            *value = kept;
            double exposure = finding->exposure;
            finding->exposure = isnan(exposure) ? 1.0 : exposure * 1.0000001 < 1 ? exposure * 1.0000001 : 1;
            assert_true(score_of(&sample) <= before);
            finding->exposure = exposure;
            sample.findings_count--;
            assert_true(score_of(&sample) >= before);
            sample.findings_count++;
        }
        sample_deinit(&sample);
    }
}

#define ONE_ITEM(settings)                                                                                   \
    "{\"auscult_catalogue\": 1, \"name\": \"one\", " settings                                                \
    "\"domains\": [{\"id\": \"K\", \"zh\": \"域\", \"en\": \"d\"}], "                                       \
    "\"dimensions\": [{\"id\": \"D1\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}, "                 \
    "{\"id\": \"D2\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}], "                                 \
    "\"items\": [{\"id\": \"I\", \"dimension\": \"D1\", \"zh\": \"项\", \"en\": \"i\", "                    \
    "\"source\": \"scan\", \"risk\": 1, \"severity\": 5, \"asset\": 5, \"confidence\": 5, \"unit\": "        \
    "\"host\"}, "                                                                                            \
    "{\"id\": \"J\", \"dimension\": \"D2\", \"zh\": \"项\", \"en\": \"j\", "                                \
    "\"source\": \"survey\", \"risk\": 1, \"severity\": 1, \"asset\": 1, \"confidence\": 1, \"alpha\": "     \
    "201}]}"

static void score_one(const char *text, const struct index_options *options, const struct finding *finding,
                      struct catalogue *catalogue, struct index **index_out, struct scorecard *card_out)
{
    sample_catalogue(catalogue, text);
    assert_int_equal(index_new(catalogue, options, index_out), STATUS_OK);
    if (finding)
        assert_int_equal(index_add(*index_out, finding), STATUS_OK);
    assert_int_equal(index_score(*index_out, card_out), STATUS_OK);
}

static void discard(struct catalogue *catalogue, struct index **index, struct scorecard *card)
{
    scorecard_deinit(card);
    index_free(index);
    catalogue_deinit(catalogue);
}

static void the_gravest_weakness_empties_its_dimension(void **state)
{
    (void)state;
    const struct index_options options = {.exposure = vantage_exposure(VANTAGE_INTERNET),
                                          .informatization = NAN};
    struct catalogue catalogue;
    struct index *index;
    struct scorecard card;
    struct finding finding = sample_finding("I", 0xc0000201, 80);
    score_one(ONE_ITEM(""), &options, &finding, &catalogue, &index, &card);
    assert_true(card.items[0].loss == 1000);
    assert_true(card.dimensions[0].score == 0 && card.dimensions[0].assessed);
    assert_true(isnan(card.dimensions[1].score) && !card.dimensions[1].assessed);
    assert_true(card.domains[0].score == 0 && card.domains[0].assessed);
    assert_true(card.index_exact == 0 && card.literal == 500);
    assert_true(card.bounds[0] == 0 && card.bounds[1] == 500);
    assert_int_equal(card.items_assessed, 1);
    assert_int_equal(card.dimensions_assessed, 1);
    assert_int_equal(card.domains_assessed, 1);
    assert_true(card.item_assessed[0] && !card.item_assessed[1]);
    assert_int_equal(card.band, BAND_POOR);
    assert_int_equal(card.gate, BAND_GOOD);
    assert_true(card.items[0].gain == 1000 && card.occurrences[0].gain == 1000);
    assert_true(card.occurrences[0].weight == 125);
    discard(&catalogue, &index, &card);
    finding_deinit(&finding);
}

static void halves_are_rounded_up(void **state)
{
    (void)state;
    /* 201 · f(1) · 1 off one of two dimensions: 899.5. */
    const struct index_options options = {.exposure = 1, .informatization = NAN};
    struct catalogue catalogue;
    struct index *index;
    struct scorecard card;
    struct finding finding = sample_finding("J", 0xc0000201, 80);
    sample_catalogue(&catalogue, ONE_ITEM(""));
    assert_int_equal(index_new(&catalogue, &options, &index), STATUS_OK);
    index_assess(index, 0);
    assert_int_equal(index_add(index, &finding), STATUS_OK);
    assert_int_equal(index_score(index, &card), STATUS_OK);
    assert_true(card.index_exact == 899.5);
    assert_int_equal(card.index, 900);
    assert_int_equal(card.band, BAND_EXCELLENT);
    discard(&catalogue, &index, &card);
    finding_deinit(&finding);
}

static void nothing_assessed_is_no_index(void **state)
{
    (void)state;
    const struct index_options options = {.exposure = 1, .informatization = NAN};
    struct catalogue catalogue;
    struct index *index;
    struct scorecard card;
    score_one(ONE_ITEM("\"g\": {\"kind\": \"quantile\", \"knots\": [[0, 300], [1000, 900]]}, "), &options,
              NULL, &catalogue, &index, &card);
    assert_false(card.assessed);
    assert_int_equal(card.index, 0);
    assert_true(card.bounds[0] == 300 && card.bounds[1] == 900 && card.literal == 900);
    assert_int_equal(card.items_assessed + card.dimensions_assessed + card.domains_assessed, 0);
    assert_true(isnan(card.domains[0].score));
    scorecard_deinit(&card);
    index_assess(index, 0);
    index_assess(index, 99);
    assert_int_equal(index_score(index, &card), STATUS_OK);
    assert_true(card.assessed && card.index_exact == 900);
    discard(&catalogue, &index, &card);
}

static void accepted_risks_stand_beside_the_index(void **state)
{
    (void)state;
    char item[] = "I";
    struct accepted_risk risk = {.item = item, .from_day = 20260101, .until_day = 20260201};
    const struct scope scope = {.accepted = &risk, .accepted_count = 1};
    struct index_options options = {
        .exposure = 1, .informatization = NAN, .scope = &scope, .today = 20260131};
    struct catalogue catalogue;
    struct index *index;
    struct scorecard card;
    struct finding finding = sample_finding("I", 0xc0000201, 80);
    score_one(ONE_ITEM(""), &options, &finding, &catalogue, &index, &card);
    assert_true(card.index_exact == 1000 && card.without_acceptance == 0);
    assert_int_equal(card.gate, BAND_EXCELLENT);
    assert_int_equal(card.items_count, 1);
    assert_true(card.items[0].count == 0 && card.items[0].accepted == 1 && card.items[0].gain == 0);
    assert_int_equal(card.occurrences_count, 0);
    assert_int_equal(card.fixes_count, 0);
    assert_true(card.item_assessed[0]);
    discard(&catalogue, &index, &card);
    options.today = 20260201;
    score_one(ONE_ITEM(""), &options, &finding, &catalogue, &index, &card);
    assert_true(card.index_exact == 0 && card.without_acceptance == 0);
    assert_int_equal(card.gate, BAND_GOOD);
    assert_true(card.items[0].count == 1 && card.items[0].accepted == 0);
    discard(&catalogue, &index, &card);
    finding_deinit(&finding);
}

/* A false positive is nothing that was found: neither index, gate, bounds nor what is assessed hang on it. */
static void false_positives_leave_the_index(void **state)
{
    (void)state;
    char item[] = "I";
    struct accepted_risk mark = {.item = item, .from_day = 20260101};
    const struct scope scope = {.false_positives = &mark, .false_positives_count = 1};
    struct index_options options = {
        .exposure = 1, .informatization = NAN, .scope = &scope, .today = 20260131};
    struct finding finding = sample_finding("I", 0xc0000201, 80);
    for (int without = 0; without < 2; without++) {
        struct catalogue catalogue;
        struct index *index;
        struct scorecard card;
        options.without_occurrences = without;
        score_one(ONE_ITEM(""), &options, &finding, &catalogue, &index, &card);
        assert_false(card.assessed);
        assert_int_equal(card.items_count, 0);
        assert_int_equal(card.occurrences_count, 0);
        assert_int_equal(card.gate, BAND_EXCELLENT);
        assert_true(card.marked == 1);
        scorecard_deinit(&card);
        index_assess(index, 0);
        assert_int_equal(index_score(index, &card), STATUS_OK);
        assert_true(card.index_exact == 1000 && card.without_acceptance == 1000 && card.marked == 1);
        if (!without) {
            struct index_occurrence *list;
            size_t count;
            assert_int_equal(index_occurrences(index, &list, &count), STATUS_OK);
            assert_int_equal(count, 1);
            assert_int_equal(list[0].state, OCCURRENCE_MARKED);
            assert_ptr_equal(list[0].risk, &mark);
            assert_int_equal(list[0].finding->port.number, 80);
            free(list);
        }
        discard(&catalogue, &index, &card);
    }
    options.without_occurrences = false;
    options.today = 20251231;
    struct catalogue catalogue;
    struct index *index;
    struct scorecard card;
    score_one(ONE_ITEM(""), &options, &finding, &catalogue, &index, &card);
    assert_true(card.index_exact == 0 && card.marked == 0);
    discard(&catalogue, &index, &card);
    finding_deinit(&finding);
}

/* What one finding more would do is what it does when it is there. */
static void one_more_is_a_true_evaluation(void **state)
{
    (void)state;
    struct chance chance = {11};
    for (int round = 0; round < 60; round++) {
        struct sample sample;
        struct index *index;
        struct scorecard card;
        sample_init(&sample, &chance);
        if (sample.findings_count == 0) {
            sample_deinit(&sample);
            continue;
        }
        size_t all = sample.findings_count;
        struct finding *last = &sample.findings[all - 1];
        /* At a place of its own, so that it is an occurrence more whatever its unit is. */
        char key[] = "nowhere else";
        char *before = last->key;
        last->has_address = false;
        last->key = key;
        bool once =
            sample.catalogue.items[catalogue_item(&sample.catalogue, last->item)].unit != UNIT_ORGANIZATION;
        const struct finding *more = last;
        double with = 0;
        sample.findings_count = all - 1;
        sample_score(&sample, NULL, false, &index, &card);
        scorecard_deinit(&card);
        assert_int_equal(index_with(index, &more, 1, false, &with), STATUS_OK);
        index_free(&index);
        sample.findings_count = all;
        sample_score(&sample, NULL, false, &index, &card);
        if (once)
            assert_memory_equal(&with, &card.index_exact, sizeof with);
        scorecard_deinit(&card);
        index_free(&index);
        last->key = before;
        sample_deinit(&sample);
    }
}

/* 19 of the 43 dimensions have no item that a scan can determine (model.md §4). */
static void a_scan_alone_never_goes_below_441(void **state)
{
    (void)state;
    const char *name = CATALOGUE_DEFAULT;
    const struct index_options options = {.exposure = 1, .informatization = NAN, .literal = true};
    struct catalogue catalogue;
    struct complaints complaints;
    struct index *index;
    struct scorecard card;
    complaints_init(&complaints, NULL);
    assert_int_equal(catalogue_load(&catalogue, &name, 1, &complaints), STATUS_OK);
    assert_int_equal(index_new(&catalogue, &options, &index), STATUS_OK);
    for (size_t i = 0; i < catalogue.items_count; i++) {
        struct finding finding = sample_finding(catalogue.items[i].id, 0, 0);
        finding.count = UINT64_MAX / 4;
        finding.asset = finding.confidence = 5;
        if (catalogue.items[i].source == SOURCE_SCAN)
            assert_int_equal(index_add(index, &finding), STATUS_OK);
        finding_deinit(&finding);
    }
    assert_int_equal(index_score(index, &card), STATUS_OK);
    assert_int_equal(card.dimensions_assessed, 24);
    assert_true(fabs(card.index_exact - 19000.0 / 43) < 1e-9);
    assert_true(card.index_exact >= 441.8);
    assert_int_equal(card.gate, BAND_FAIR);
    discard(&catalogue, &index, &card);
    complaints_deinit(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_is_that_of_the_printed_steps),
        cmocka_unit_test(neither_order_nor_parts_change_a_bit),
        cmocka_unit_test(used_memory_and_fewer_lists_change_no_bit),
        cmocka_unit_test(nothing_that_is_worse_raises_the_index),
        cmocka_unit_test(the_gravest_weakness_empties_its_dimension),
        cmocka_unit_test(halves_are_rounded_up),
        cmocka_unit_test(nothing_assessed_is_no_index),
        cmocka_unit_test(accepted_risks_stand_beside_the_index),
        cmocka_unit_test(false_positives_leave_the_index),
        cmocka_unit_test(one_more_is_a_true_evaluation),
        cmocka_unit_test(a_scan_alone_never_goes_below_441),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
