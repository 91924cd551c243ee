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

#define GATE_ITEM(id, dimension, severity, asset, confidence)                                                \
    "{\"id\": \"" id "\", \"dimension\": \"" dimension "\", \"zh\": \"项\", \"en\": \"i\", \"source\": "    \
    "\"import\", \"risk\": 1, \"severity\": " severity ", \"asset\": " asset ", \"confidence\": " confidence \
    "}"
#define GATE_DIMENSION(id) "{\"id\": \"" id "\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}"

static const char gates[] = "{\"auscult_catalogue\": 1, \"name\": \"gates\", \"domains\": [{\"id\": \"K\", "
                            "\"zh\": \"域\", \"en\": \"d\"}], "
                            "\"dimensions\": [" GATE_DIMENSION("D1") "," GATE_DIMENSION("D2") "," GATE_DIMENSION("D3") "], \"items\": [" GATE_ITEM(
                                "a1", "D1", "5", "4",
                                "4") "," GATE_ITEM("b1", "D1", "5", "5",
                                                   "5") "," GATE_ITEM("a2", "D2", "5", "4",
                                                                      "4") "," GATE_ITEM("a3", "D3", "5", "4",
                                                                                         "4") "," GATE_ITEM("four",
                                                                                                            "D3",
                                                                                                            "4",
                                                                                                            "5",
                                                                                                            "5") "," GATE_ITEM("cheap",
                                                                                                                               "D3",
                                                                                                                               "5",
                                                                                                                               "3",
                                                                                                                               "5") "," GATE_ITEM("guess",
                                                                                                                                                  "D3",
                                                                                                                                                  "5",
                                                                                                                                                  "5",
                                                                                                                                                  "3") "]}";

static enum band gate_of(const struct finding *findings, size_t count, const char *gated_by)
{
    struct sample sample = {.options = {.exposure = 0.3, .informatization = NAN}};
    struct index *index;
    struct scorecard card;
    char names[100] = "";
    sample_catalogue(&sample.catalogue, gates);
    assert_int_equal(index_new(&sample.catalogue, &sample.options, &index), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(index_add(index, &findings[i]), STATUS_OK);
    assert_int_equal(index_score(index, &card), STATUS_OK);
    for (size_t i = 0; i < card.gated_by_count; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s ",
                 sample.catalogue.items[card.gated_by[i]].id);
    assert_string_equal(names, gated_by);
    enum band gate = card.gate;
    scorecard_deinit(&card);
    index_free(&index);
    catalogue_deinit(&sample.catalogue);
    return gate;
}

static enum band gate_of_items(const char *const *items, size_t count, const char *gated_by)
{
    struct finding findings[10] = {{0}};
    for (size_t i = 0; i < count; i++)
        findings[i] = sample_finding(items[i], 0xc0000201 + (uint32_t)i, 80);
    enum band gate = gate_of(findings, count, gated_by);
    for (size_t i = 0; i < count; i++)
        finding_deinit(&findings[i]);
    return gate;
}

static void the_gravest_findings_cap_the_band(void **state)
{
    (void)state;
    const char *none[] = {"four", "cheap", "guess"};
    assert_int_equal(gate_of_items(none, 3, ""), BAND_EXCELLENT);
    const char *one[] = {"a1"};
    assert_int_equal(gate_of_items(one, 1, "a1 "), BAND_GOOD);
    const char *two[] = {"a2", "b1", "a1", "a1", "four"};
    assert_int_equal(gate_of_items(two, 5, "a1 b1 a2 "), BAND_GOOD);
    const char *three[] = {"a3", "a2", "b1"};
    assert_int_equal(gate_of_items(three, 3, "b1 a2 a3 "), BAND_FAIR);
}

static void an_occurrence_gates_by_its_own_values(void **state)
{
    (void)state;
    struct finding finding = sample_finding("a1", 0xc0000201, 80);
    finding.asset = 3;
    assert_int_equal(gate_of(&finding, 1, ""), BAND_EXCELLENT);
    finding.asset = 0;
    finding.confidence = 3;
    assert_int_equal(gate_of(&finding, 1, ""), BAND_EXCELLENT);
    finding_deinit(&finding);
    finding = sample_finding("cheap", 0xc0000201, 80);
    finding.asset = 4;
    assert_int_equal(gate_of(&finding, 1, "cheap "), BAND_GOOD);
    finding_deinit(&finding);
}

static void bands_are_taken_from_whole_numbers(void **state)
{
    (void)state;
    static const enum band expected[] = {BAND_POOR, BAND_POOR, BAND_FAIR,      BAND_FAIR,
                                         BAND_GOOD, BAND_GOOD, BAND_EXCELLENT, BAND_EXCELLENT};
    static const int indices[] = {0, 499, 500, 699, 700, 899, 900, 1000};
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(band_of(indices[i]), expected[i]);
    assert_string_equal(band_word(BAND_POOR), "poor");
    assert_string_equal(band_name(BAND_EXCELLENT, LANGUAGE_EN), "excellent");
    assert_string_equal(band_name(BAND_FAIR, LANGUAGE_ZH), "一般");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gravest_findings_cap_the_band),
        cmocka_unit_test(an_occurrence_gates_by_its_own_values),
        cmocka_unit_test(bands_are_taken_from_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
