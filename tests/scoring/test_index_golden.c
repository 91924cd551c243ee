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

/* The cases of golden_index.jsonl, which independent_index.py made from model.md in fractions. */

#define TOLERANCE 1e-9

struct golden {
    unsigned line;
    const cJSON *expect;
    struct catalogue catalogue;
    struct index *index, *literal_index;
    struct scorecard card, literal;
};

static double number_in(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(member) ? member->valuedouble : otherwise;
}

static const char *text_in(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static struct finding read_finding(const cJSON *record)
{
    const char *ip = text_in(record, "ip"), *key = text_in(record, "key");
    const char *transport = text_in(record, "transport");
    struct finding finding =
        sample_finding(text_in(record, "item"), 0, (uint16_t)number_in(record, "port", 0));
    finding.has_address = ip && address_parse(ip, strlen(ip), &finding.address);
    finding.port.transport = transport && strcmp(transport, "udp") == 0 ? TRANSPORT_UDP : TRANSPORT_TCP;
    finding.key = key ? strdup(key) : NULL;
    finding.asset = (int)number_in(record, "asset", 0);
    finding.confidence = (int)number_in(record, "confidence", 0);
    finding.exposure = number_in(record, "exposure", NAN);
    finding.count = (uint64_t)number_in(record, "count", 1);
    return finding;
}

static void score_case(const struct catalogue *catalogue, const cJSON *root, bool literal,
                       struct index **index_out, struct scorecard *card_out)
{
    struct index_options options = {.exposure = number_in(root, "exposure", NAN), .literal = literal};
    options.informatization = number_in(root, "informatization", NAN);
    const cJSON *entry;
    assert_int_equal(index_new(catalogue, &options, index_out), STATUS_OK);
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(root, "assessed"))
        index_assess(*index_out, catalogue_item(catalogue, entry->valuestring));
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(root, "findings"))
    {
        struct finding finding = read_finding(entry);
        assert_int_equal(index_add(*index_out, &finding), STATUS_OK);
        finding_deinit(&finding);
    }
    assert_int_equal(index_score(*index_out, card_out), STATUS_OK);
}

static void assert_near(const struct golden *golden, double found, double expected, const char *what)
{
    if (!(fabs(found - expected) <= TOLERANCE))
        fail_msg("line %u: %s is %.17g, expected %.17g", golden->line, what, found, expected);
}

static void check_gains(const struct golden *golden)
{
    const cJSON *gains = cJSON_GetObjectItemCaseSensitive(golden->expect, "gains");
    if (!gains)
        return;
    assert_int_equal(golden->card.items_count, cJSON_GetArraySize(gains));
    for (size_t i = 0; i < golden->card.items_count; i++) {
        const struct score_item *item = &golden->card.items[i];
        assert_near(golden, item->gain, number_in(gains, golden->catalogue.items[item->item].id, NAN),
                    "a gain");
        if (i > 0)
            assert_true(item->gain <= golden->card.items[i - 1].gain + TOLERANCE);
    }
}

static void check_case(const struct golden *golden)
{
    const cJSON *expect = golden->expect, *bounds = cJSON_GetObjectItemCaseSensitive(expect, "bounds");
    const struct scorecard *card = &golden->card;
    double score = number_in(expect, "score", NAN);
    assert_near(golden, golden->literal.index_exact, number_in(expect, "literal", NAN), "the literal index");
    assert_near(golden, card->literal, number_in(expect, "literal", NAN), "the field literal");
    assert_near(golden, card->bounds[0], cJSON_GetArrayItem(bounds, 0)->valuedouble, "the lower bound");
    assert_near(golden, card->bounds[1], cJSON_GetArrayItem(bounds, 1)->valuedouble, "the upper bound");
    assert_string_equal(band_word(card->gate), text_in(expect, "gate"));
    assert_int_equal(card->assessed, !isnan(score));
    if (card->assessed) {
        assert_near(golden, card->score, score, "the score");
        assert_near(golden, card->index_exact, number_in(expect, "index", NAN), "the index");
    }
    check_gains(golden);
}

static void run_case(const char *text, unsigned line)
{
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    struct golden golden = {.line = line, .expect = cJSON_GetObjectItemCaseSensitive(root, "expect")};
    char *catalogue = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(root, "catalogue"));
    sample_catalogue(&golden.catalogue, catalogue);
    score_case(&golden.catalogue, root, false, &golden.index, &golden.card);
    score_case(&golden.catalogue, root, true, &golden.literal_index, &golden.literal);
    check_case(&golden);
    scorecard_deinit(&golden.card);
    scorecard_deinit(&golden.literal);
    index_free(&golden.index);
    index_free(&golden.literal_index);
    catalogue_deinit(&golden.catalogue);
    cJSON_free(catalogue);
    cJSON_Delete(root);
}

static void the_index_is_that_of_the_independent_computation(void **state)
{
    (void)state;
    FILE *in = fopen(TEST_FOLDER "/golden_index.jsonl", "r");
    assert_non_null(in);
    char *text = NULL;
    size_t capacity = 0;
    unsigned line = 0;
    while (getline(&text, &capacity, in) > 0)
        run_case(text, ++line);
    assert_true(line >= 100);
    free(text);
    fclose(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_index_is_that_of_the_independent_computation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
