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
#include "scoring/data.h"

#define SAMPLES   2500
#define TOLERANCE 1e-9

/* A second evaluation, straight from the report's six steps over each occurrence's own values and in long
   double: no levels, no exact sums, quadratic, and the integral taken the other way round, occurrence by
   occurrence from the heaviest (b · (f(n) − f(n − 1))). */
struct naive {
    const struct sample *sample;
    long double *weights; /* of one item's occurrences */
    size_t count;
};

static bool naive_same_place(const struct item *item, const struct finding *a, const struct finding *b)
{
    if (item->unit == UNIT_ORGANIZATION)
        return true;
    bool both = a->has_address && b->has_address;
    bool host = both && address_compare(a->address, b->address) == 0;
    bool endpoint = host && a->port.number == b->port.number && a->port.transport == b->port.transport;
    bool key = a->key && b->key && strcmp(a->key, b->key) == 0;
    bool no_key = !a->key && !b->key;
    if (item->unit == UNIT_HOST || item->unit == UNIT_ENDPOINT) {
        if (a->has_address || b->has_address)
            return item->unit == UNIT_HOST ? host : endpoint;
        return key;
    }
    return key || (no_key && endpoint);
}

static bool naive_has_place(const struct item *item, const struct finding *finding)
{
    return item->unit == UNIT_ORGANIZATION || finding->has_address || finding->key;
}

static long double naive_weight(const struct sample *sample, const struct item *item,
                                const struct finding *finding)
{
    int asset = finding->asset ? finding->asset : item->asset;
    int confidence = finding->confidence ? finding->confidence : item->confidence;
    double exposure = isnan(finding->exposure) ? sample->options.exposure : finding->exposure;
    return (long double)item->risk * item->severity * asset * confidence * exposure;
}

/* Is there an earlier finding of the same occurrence? Then the graver of all was counted with that. */
static bool naive_is_repeat(const struct sample *sample, const struct item *item, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(sample->findings[i].item, item->id) == 0 && naive_has_place(item, &sample->findings[at]) &&
            naive_same_place(item, &sample->findings[i], &sample->findings[at]))
            return true;
    return false;
}

static long double naive_gravest(const struct sample *sample, const struct item *item, size_t at)
{
    long double gravest = naive_weight(sample, item, &sample->findings[at]);
    for (size_t i = at + 1; i < sample->findings_count && naive_has_place(item, &sample->findings[at]); i++)
        if (strcmp(sample->findings[i].item, item->id) == 0 &&
            naive_same_place(item, &sample->findings[at], &sample->findings[i]))
            gravest = fmaxl(gravest, naive_weight(sample, item, &sample->findings[i]));
    return gravest;
}

static void naive_gather(struct naive *naive, const struct item *item)
{
    const struct sample *sample = naive->sample;
    naive->count = 0;
    for (size_t i = 0; i < sample->findings_count; i++) {
        if (strcmp(sample->findings[i].item, item->id) != 0 || naive_is_repeat(sample, item, i))
            continue;
        uint64_t count = naive_has_place(item, &sample->findings[i]) ? 1 : sample->findings[i].count;
        for (uint64_t n = 0; n < (count ? count : 1); n++)
            naive->weights[naive->count++] = naive_gravest(sample, item, i);
    }
}

static long double naive_f(const struct catalogue *catalogue, long double threshold, long double c)
{
    if (c <= threshold + 1)
        return c;
    if (catalogue->frequency == FREQUENCY_CONTINUOUS)
        return threshold + 1 + logl(c - threshold);
    long double base = catalogue->log_base == 0 ? 1 : logl(catalogue->log_base);
    return threshold + logl(c - threshold) / base;
}

static int naive_falling(const void *a, const void *b)
{
    long double left = *(const long double *)a, right = *(const long double *)b;
    return (left < right) - (left > right);
}

static long double naive_loss(struct naive *naive, const struct item *item)
{
    const struct catalogue *catalogue = &naive->sample->catalogue;
    long double loss = 0;
    naive_gather(naive, item);
    qsort(naive->weights, naive->count, sizeof *naive->weights, naive_falling);
    for (size_t n = 0; n < naive->count; n++)
        loss += naive->weights[n] *
                (naive_f(catalogue, item->threshold, n + 1) - naive_f(catalogue, item->threshold, n));
    return (long double)item->alpha * loss;
}

static bool naive_dimension_assessed(const struct sample *sample, size_t dimension)
{
    for (size_t i = 0; i < sample->catalogue.items_count; i++) {
        if (sample->catalogue.items[i].dimension != dimension)
            continue;
        bool assessed = sample->assessed[i];
        for (size_t j = 0; j < sample->findings_count; j++)
            assessed = assessed || strcmp(sample->findings[j].item, sample->catalogue.items[i].id) == 0;
        if (assessed)
            return true;
    }
    return false;
}

/* Steps 3 to 5; what was not assessed is `absent`, or left out where that is NAN. */
static long double naive_score(struct naive *naive, long double absent)
{
    const struct catalogue *catalogue = &naive->sample->catalogue;
    long double score = 0, all = 0;
    for (size_t k = 0; k < catalogue->domains_count; k++) {
        long double sum = 0, beta = 0, omega = 0;
        for (size_t j = 0; j < catalogue->dimensions_count; j++) {
            if (catalogue->dimensions[j].domain != k)
                continue;
            omega++;
            bool assessed = naive_dimension_assessed(naive->sample, j);
            long double dimension = 1000;
            for (size_t i = 0; i < catalogue->items_count; i++)
                if (catalogue->items[i].dimension == j)
                    dimension -= naive_loss(naive, &catalogue->items[i]);
            dimension = assessed ? fmaxl(0, dimension) : absent;
            if (isnan(dimension))
                continue;
            sum += (long double)catalogue->dimensions[j].weight * dimension;
            beta += (long double)catalogue->dimensions[j].weight;
        }
        if (!isnan(catalogue->domains[k].omega))
            omega = catalogue->domains[k].omega;
        if (beta > 0) {
            score += omega * sum / beta;
            all += omega;
        }
    }
    return all > 0 ? score / all : NAN;
}

static long double naive_g(const struct sample *sample, long double score)
{
    const struct g *g = &sample->catalogue.g;
    long double level = isnan(sample->options.informatization) ? g->f_ref : sample->options.informatization;
    if (isnan(score))
        return 0;
    if (g->kind == G_IDENTITY)
        return score;
    if (g->kind == G_POWER)
        return 1000 * powl(score / 1000, g->gamma * expl(-g->kappa * (level - g->f_ref)));
    if (score <= g->knots[0][0])
        return g->knots[0][1];
    for (size_t i = 1; i < g->knots_count; i++)
        if (score <= g->knots[i][0])
            return g->knots[i - 1][1] + (g->knots[i][1] - g->knots[i - 1][1]) * (score - g->knots[i - 1][0]) /
                                            (g->knots[i][0] - g->knots[i - 1][0]);
    return g->knots[g->knots_count - 1][1];
}

static void naive_init(struct naive *naive, const struct sample *sample)
{
    size_t most = 1;
    for (size_t i = 0; i < sample->findings_count; i++)
        most += sample->findings[i].count + 1;
    *naive = (struct naive){sample, calloc(most, sizeof(long double)), 0};
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_is_that_of_the_printed_steps),
        cmocka_unit_test(neither_order_nor_parts_change_a_bit),
        cmocka_unit_test(nothing_that_is_worse_raises_the_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
