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

/* The index of the sample without the findings that `left_out` names; everything of it stays assessed. */
static double index_without(const struct sample *sample, const bool *left_out)
{
    struct index *index;
    struct scorecard card;
    assert_int_equal(index_new(&sample->catalogue, &sample->options, &index), STATUS_OK);
    for (size_t i = 0; i < sample->findings_count; i++) {
        index_assess(index, catalogue_item(&sample->catalogue, sample->findings[i].item));
        if (!left_out[i])
            assert_int_equal(index_add(index, &sample->findings[i]), STATUS_OK);
    }
    for (size_t i = 0; i < sample->catalogue.items_count; i++)
        if (sample->assessed[i])
            index_assess(index, i);
    assert_int_equal(index_score(index, &card), STATUS_OK);
    double exact = card.index_exact;
    scorecard_deinit(&card);
    index_free(&index);
    return exact;
}

static void assert_same_bits(double found, double expected)
{
    assert_memory_equal(&found, &expected, sizeof found);
}

static void check_items(const struct sample *sample, const struct scorecard *card, bool *left_out)
{
    for (size_t i = 0; i < card->items_count; i++) {
        const char *id = sample->catalogue.items[card->items[i].item].id;
        for (size_t j = 0; j < sample->findings_count; j++)
            left_out[j] = strcmp(sample->findings[j].item, id) == 0;
        assert_same_bits(card->items[i].gain, index_without(sample, left_out) - card->index_exact);
    }
}

/* Where an occurrence is an endpoint, it is easy to say which findings are its own. */
static void check_endpoints(const struct sample *sample, const struct scorecard *card, bool *left_out)
{
    for (size_t i = 0; i < card->occurrences_count; i++) {
        const struct score_occurrence *occurrence = &card->occurrences[i];
        const struct finding *gone = occurrence->finding;
        if (sample->catalogue.items[occurrence->item].unit != UNIT_ENDPOINT || !gone->has_address)
            continue;
        for (size_t j = 0; j < sample->findings_count; j++) {
            const struct finding *finding = &sample->findings[j];
            left_out[j] = strcmp(finding->item, gone->item) == 0 && finding->has_address &&
                          address_compare(finding->address, gone->address) == 0 &&
                          finding->port.number == gone->port.number &&
                          finding->port.transport == gone->port.transport;
        }
        assert_same_bits(occurrence->gain, index_without(sample, left_out) - card->index_exact);
    }
}

static void check_order(const struct scorecard *card)
{
    for (size_t i = 1; i < card->items_count; i++)
        assert_true(card->items[i].gain <= card->items[i - 1].gain + 1e-9);
    for (size_t i = 1; i < card->occurrences_count; i++)
        assert_true(card->occurrences[i].gain <= card->occurrences[i - 1].gain + 1e-9);
}

static void gains_are_true_evaluations(void **state)
{
    (void)state;
    struct chance chance = {7};
    for (size_t round = 0; round < 250; round++) {
        struct sample sample;
        struct index *index;
        struct scorecard card;
        sample_init(&sample, &chance);
        sample.options.literal = chance_of(&chance, 3);
        sample_score(&sample, NULL, false, &index, &card);
        bool *left_out = calloc(sample.findings_count + 1, sizeof *left_out);
        check_items(&sample, &card, left_out);
        check_endpoints(&sample, &card, left_out);
        check_order(&card);
        free(left_out);
        scorecard_deinit(&card);
        index_free(&index);
        sample_deinit(&sample);
    }
}

#define TIED(id, risk, severity, asset)                                                                      \
    "{\"id\": \"" id                                                                                         \
    "\", \"dimension\": \"D\", \"zh\": \"项\", \"en\": \"i\", \"source\": \"import\", \"risk\": " risk       \
    ", \"severity\": " severity ", \"asset\": " asset ", \"confidence\": 1, \"alpha\": 0}"

/* With alpha 0 nothing gains anything. */
static const char tied[] =
    "{\"auscult_catalogue\": 1, \"name\": \"tied\", \"domains\": [{\"id\": \"K\", \"zh\": \"域\", \"en\": "
    "\"d\"}], "
    "\"dimensions\": [{\"id\": \"D\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}], \"items\": [" TIED(
        "b", "1", "1", "1") "," TIED("a", "1", "1",
                                     "1") "," TIED("many", "1", "1",
                                                   "1") "," TIED("dear", "1", "1",
                                                                 "2") "," TIED("threat", "2", "1",
                                                                               "1") "," TIED("severe", "1",
                                                                                             "2", "1") "]}";

static void ties_go_by_severity_risk_asset_count_and_id(void **state)
{
    (void)state;
    static const char *const order[] = {"severe", "threat", "dear", "many", "a", "b"};
    struct sample sample = {.options = {.exposure = 1, .informatization = NAN}};
    struct finding findings[7];
    bool assessed[6] = {false};
    sample_catalogue(&sample.catalogue, tied);
    for (size_t i = 0; i < 6; i++)
        findings[i] = sample_finding(sample.catalogue.items[i].id, 1, 1);
    findings[6] = sample_finding("many", 2, 1);
    sample.findings = findings;
    sample.findings_count = 7;
    sample.assessed = assessed;
    struct index *index;
    struct scorecard card;
    sample_score(&sample, NULL, false, &index, &card);
    assert_int_equal(card.items_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(sample.catalogue.items[card.items[i].item].id, order[i]);
    assert_int_equal(card.fixes_count, 0);
    scorecard_deinit(&card);
    index_free(&index);
    for (size_t i = 0; i < 7; i++)
        finding_deinit(&findings[i]);
    catalogue_deinit(&sample.catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_are_true_evaluations),
        cmocka_unit_test(ties_go_by_severity_risk_asset_count_and_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
