#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/resolver_answers.h"

/* What a process that was taken over may write, and what is made of it. */

#define NAMES 3

struct told {
    unsigned found[NAMES], missing[NAMES];
    const char *why;
};

static enum status found(void *context, size_t name, struct address address)
{
    struct told *told = context;
    (void)address;
    assert_true(name < NAMES && !told->missing[name]);
    told->found[name]++;
    return STATUS_OK;
}

static enum status missing(void *context, size_t name, const char *why)
{
    struct told *told = context;
    assert_true(name < NAMES && why[0]);
    told->missing[name]++;
    told->why = why;
    return STATUS_OK;
}

static void take(struct resolver_answers *answers, uint32_t name, uint32_t kind, int32_t code, unsigned times)
{
    const struct resolver_answer answer = {.name = name, .kind = kind, .code = code};
    for (unsigned i = 0; i < times; i++)
        assert_int_equal(resolver_answers_take(answers, &answer), STATUS_OK);
}

static void test_bounds(void **state)
{
    (void)state;
    struct told told = {0};
    struct resolver_answers answers;
    const struct resolver_listener listener = {&told, found, missing};
    assert_int_equal(resolver_answers_init(&answers, NAMES, &listener), STATUS_OK);
    take(&answers, NAMES, ANSWER_ADDRESS, 0, 2);
    take(&answers, UINT32_MAX, ANSWER_DONE, 0, 2);
    take(&answers, 0, 99, 0, 2);
    take(&answers, 0, UINT32_MAX, 0, 2);
    assert_int_equal(told.found[0], 0);
    take(&answers, 0, ANSWER_ADDRESS, 0, 100000);
    assert_int_equal(told.found[0], NAMES_ADDRESSES_MAX);
    assert_int_equal(answers.done, 0);
    take(&answers, 0, ANSWER_DONE, 0, 3);
    take(&answers, 0, ANSWER_ADDRESS, 0, 3); /* after its end */
    take(&answers, 0, ANSWER_MORE, 0, 3);
    assert_int_equal(told.found[0], NAMES_ADDRESSES_MAX);
    assert_int_equal(told.missing[0], 1); /* that there are more */
    assert_int_equal(answers.done, 1);
    take(&answers, 1, ANSWER_ADDRESS, 0, NAMES_ADDRESSES_MAX);
    take(&answers, 1, ANSWER_DONE, INT32_MIN, 2);
    assert_int_equal(told.missing[1], 0);
    assert_int_equal(resolver_answers_end(&answers, "why"), STATUS_OK);
    assert_int_equal(told.missing[2], 1);
    assert_string_equal(told.why, "why");
    assert_int_equal(answers.done, NAMES);
    assert_int_equal(resolver_answers_end(&answers, "why"), STATUS_OK); /* once */
    assert_int_equal(told.missing[2], 1);
    resolver_answers_deinit(&answers);
}

/* Any code has words. */
static void test_codes(void **state)
{
    (void)state;
    for (int32_t code = -200; code < 200; code++) {
        struct told told = {0};
        struct resolver_answers answers;
        const struct resolver_listener listener = {&told, found, missing};
        assert_int_equal(resolver_answers_init(&answers, 1, &listener), STATUS_OK);
        take(&answers, 0, ANSWER_DONE, code, 1);
        assert_int_equal(told.missing[0], 1);
        resolver_answers_deinit(&answers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
