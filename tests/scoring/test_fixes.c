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

/* Two dimensions in one domain, each worth half a point of the index for a point of its own. One occurrence
   costs what its item's id says: 40 times alpha. */
static const struct {
    const char *id;
    const char *dimension;
    int alpha;
} costs[] = {
    {"flat40", "Flat", 1},     {"deep800", "Deep", 20}, {"deep1000a", "Deep", 25}, {"flat120", "Flat", 3},
    {"deep1000b", "Deep", 25}, {"flat80", "Flat", 2},   {"deep240a", "Deep", 6},   {"deep240b", "Deep", 6},
    {"deep240c", "Deep", 6},   {"deep240d", "Deep", 6}, {"deep240e", "Deep", 6},   {"flat240", "Flat", 6},
};

static void make_catalogue(struct catalogue *catalogue)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fprintf(out,
            "{\"auscult_catalogue\": 1, \"name\": \"fixes\", \"domains\": [{\"id\": \"K\", \"zh\": \"域\", "
            "\"en\": \"d\"}], \"dimensions\": [{\"id\": \"Deep\", \"domain\": \"K\", \"zh\": \"深\", "
            "\"en\": \"deep\"}, {\"id\": \"Flat\", \"domain\": \"K\", \"zh\": \"浅\", \"en\": \"flat\"}], "
            "\"items\": [");
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
        fprintf(out,
                "%s{\"id\": \"%s\", \"dimension\": \"%s\", \"zh\": \"项\", \"en\": \"i\", \"source\": "
                "\"import\", "
                "\"risk\": 1, \"severity\": 2, \"asset\": 4, \"confidence\": 5, \"alpha\": %d}",
                i ? ", " : "", costs[i].id, costs[i].dimension, costs[i].alpha);
    fprintf(out, "]}");
    fclose(out);
    sample_catalogue(catalogue, text);
    free(text);
}

static void propose(const char *const *items, size_t count, size_t most, struct catalogue *catalogue,
                    struct index **index_out, struct scorecard *card_out)
{
    const struct index_options options = {.exposure = 1, .informatization = NAN, .fixes_max = most};
    make_catalogue(catalogue);
    assert_int_equal(index_new(catalogue, &options, index_out), STATUS_OK);
    index_assess(*index_out, 0);
    index_assess(*index_out, 1);
    for (size_t i = 0; i < count; i++) {
        struct finding finding = sample_finding(items[i], 0xc0000201, 80);
        assert_int_equal(index_add(*index_out, &finding), STATUS_OK);
        finding_deinit(&finding);
    }
    assert_int_equal(index_score(*index_out, card_out), STATUS_OK);
}

struct step {
    const char *item;
    double index_after;
};

static void assert_proposed(const char *const *items, size_t count, size_t most, const struct step *steps,
                            size_t steps_count)
{
    struct catalogue catalogue;
    struct index *index;
    struct scorecard card;
    propose(items, count, most, &catalogue, &index, &card);
    double before = card.index_exact;
    assert_int_equal(card.fixes_count, steps_count);
    for (size_t i = 0; i < steps_count; i++) {
        assert_string_equal(catalogue.items[card.fixes[i].item].id, steps[i].item);
        assert_true(card.fixes[i].index_after == steps[i].index_after);
        assert_true(card.fixes[i].gain == card.fixes[i].index_after - before);
        before = card.fixes[i].index_after;
    }
    scorecard_deinit(&card);
    index_free(&index);
    catalogue_deinit(&catalogue);
}

static void where_nothing_is_saturated_the_best_comes_first(void **state)
{
    (void)state;
    const char *items[] = {"flat40", "flat80", "flat120", "deep800"};
    const struct step steps[] = {{"deep800", 880}, {"flat120", 940}, {"flat80", 980}, {"flat40", 1000}};
    assert_proposed(items, 4, 0, steps, 4);
    assert_proposed(items, 4, 2, steps, 2);
}

/* 2800 are lost of 1000: any of the deep ones alone gains nothing, all three are worth most for each fix. */
static void a_set_is_found_in_an_empty_dimension(void **state)
{
    (void)state;
    const char *items[] = {"flat120", "deep1000a", "deep1000b", "deep800"};
    const struct step steps[] = {{"deep1000a", 440}, {"deep1000b", 540}, {"deep800", 940}, {"flat120", 1000}};
    assert_proposed(items, 4, 10, steps, 4);
}

/* Five fixes of 240 bring 500 together and so 100 each, one in the flat dimension brings 120. */
static void a_set_is_worth_what_each_of_its_fixes_brings(void **state)
{
    (void)state;
    const char *items[] = {"deep240a", "deep240b", "deep240c", "deep240d", "deep240e", "flat240"};
    const struct step steps[] = {{"flat240", 500},  {"deep240a", 520}, {"deep240b", 640},
                                 {"deep240c", 760}, {"deep240d", 880}, {"deep240e", 1000}};
    assert_proposed(items, 6, 0, steps, 6);
}

static void a_set_that_does_not_fit_waits_for_what_does(void **state)
{
    (void)state;
    const char *items[] = {"flat40", "flat120", "deep1000a", "deep1000b"};
    /* Two fixes bring 500 in the deep one: better than 60 and 20 in the flat one. */
    const struct step whole[] = {{"deep1000a", 420}, {"deep1000b", 920}, {"flat120", 980}};
    assert_proposed(items, 4, 3, whole, 3);
    /* One fix brings nothing there. */
    const struct step single[] = {{"flat120", 480}};
    assert_proposed(items, 4, 1, single, 1);
    /* Where nothing that fits brings anything, the way is shown as far as it goes. */
    const char *deep[] = {"deep1000a", "deep1000b"};
    const struct step begun[] = {{"deep1000a", 500}};
    assert_proposed(deep, 2, 1, begun, 1);
}

static void check_random(const struct sample *sample, const struct scorecard *card)
{
    double before = card->index_exact;
    for (size_t i = 0; i < card->fixes_count; i++) {
        assert_true(card->fixes[i].index_after >= before - 1e-9);
        assert_true(card->fixes[i].gain == card->fixes[i].index_after - before);
        before = card->fixes[i].index_after;
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(card->fixes[i].item, card->fixes[j].item);
        assert_true(sample->catalogue.items[card->fixes[i].item].alpha > 0);
    }
    for (size_t i = 0; i < card->items_count; i++)
        if (card->fixes_count > 0 && sample->catalogue.g.kind == G_IDENTITY && card->items[i].loss > 0)
            assert_true(before >= card->index_exact + card->items[i].gain - 1e-9);
}

/* With room for all, the last index is that of an organization without findings. */
static void all_fixes_together_mend_everything(void **state)
{
    (void)state;
    struct chance chance = {8};
    for (size_t round = 0; round < 300; round++) {
        struct sample sample;
        struct index *index, *clean_index;
        struct scorecard card, clean;
        sample_init(&sample, &chance);
        sample.options.fixes_max = 100;
        sample_score(&sample, NULL, false, &index, &card);
        check_random(&sample, &card);
        for (size_t i = 0; i < sample.findings_count; i++)
            sample.assessed[catalogue_item(&sample.catalogue, sample.findings[i].item)] = true;
        size_t count = sample.findings_count;
        sample.findings_count = 0;
        sample_score(&sample, NULL, false, &clean_index, &clean);
        sample.findings_count = count;
        if (card.fixes_count > 0)
            assert_true(card.fixes[card.fixes_count - 1].index_after == clean.index_exact);
        scorecard_deinit(&card);
        scorecard_deinit(&clean);
        index_free(&index);
        index_free(&clean_index);
        sample_deinit(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nothing_is_saturated_the_best_comes_first),
        cmocka_unit_test(a_set_is_found_in_an_empty_dimension),
        cmocka_unit_test(a_set_is_worth_what_each_of_its_fixes_brings),
        cmocka_unit_test(a_set_that_does_not_fit_waits_for_what_does),
        cmocka_unit_test(all_fixes_together_mend_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
