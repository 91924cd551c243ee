#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/canary.h"

#define SECOND INT64_C(1000000000)
#define EVERY  10

static void begin(struct watch *watch, size_t count)
{
    struct canary canaries[CANARIES_MAX + 1] = {0};
    for (size_t i = 0; i <= CANARIES_MAX; i++)
        canaries[i] = (struct canary){address_from_ipv4((uint32_t)(0xc0000200 + i)), {443, TRANSPORT_TCP}};
    watch_init(watch, canaries, count, EVERY, 0);
}

/* A word of asks and answers of one canary: a accepts, r refuses, - silent, n not sent. Returns its state. */
static enum canary_state after(const char *answers)
{
    struct watch watch;
    begin(&watch, 1);
    for (int64_t now_ns = 0; *answers; answers++) {
        now_ns = watch.items[0].due_ns;
        struct watched *watched = watch_take(&watch, now_ns);
        if (!watched)
            fail_msg("there is nothing to ask before \"%s\"", answers);
        watch_answer(&watch, watched,
                     *answers == 'a'   ? CANARY_ACCEPTS
                     : *answers == 'r' ? CANARY_REFUSES
                     : *answers == '-' ? CANARY_SILENT
                                       : CANARY_UNASKED,
                     now_ns);
    }
    return watch.items[0].state;
}

static void test_states(void **state)
{
    (void)state;
    static const struct {
        const char *answers;
        enum canary_state state;
    } cases[] = {
        {"", CANARY_NEW},          {"-", CANARY_NEW},     {"n", CANARY_NEW},       {"nnnn", CANARY_NEW},
        {"--", CANARY_MUTE},       {"-n-", CANARY_MUTE},  {"-a", CANARY_OPEN},     {"-r", CANARY_CLOSED},
        {"a", CANARY_OPEN},        {"r", CANARY_CLOSED},  {"a-", CANARY_OPEN},     {"a-a-a-", CANARY_OPEN},
        {"a--", CANARY_GONE},      {"a-n-", CANARY_GONE}, {"ar", CANARY_OPEN},     {"arr", CANARY_SHUT_OFF},
        {"a-r", CANARY_SHUT_OFF},  {"ar-", CANARY_GONE},  {"rrrr", CANARY_CLOSED}, {"raaar", CANARY_CLOSED},
        {"r-a-r-", CANARY_CLOSED}, {"r--", CANARY_GONE},  {"-a-", CANARY_OPEN},    {"-a--", CANARY_GONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (after(cases[i].answers) != cases[i].state)
            fail_msg("\"%s\" leads to %d, not to %d", cases[i].answers, after(cases[i].answers),
                     cases[i].state);
}

/* Every one at once, then each in its own time, none while it has not answered, and sooner after a miss. */
static void test_turns(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch, 2);
    struct watched *first = watch_take(&watch, 0), *second = watch_take(&watch, 0);
    assert_ptr_equal(first, &watch.items[0]);
    assert_ptr_equal(second, &watch.items[1]);
    assert_null(watch_take(&watch, 1000 * SECOND));
    assert_int_equal(watch_asked(&watch), 2);
    assert_false(watch_ready(&watch));
    assert_true(watch_answer(&watch, first, CANARY_ACCEPTS, SECOND));
    assert_false(watch_ready(&watch));
    assert_null(watch_take(&watch, (EVERY + 1) * SECOND - 1));
    assert_true(watch_answer(&watch, second, CANARY_ACCEPTS, 2 * SECOND));
    assert_true(watch_ready(&watch));
    assert_ptr_equal(watch_take(&watch, (EVERY + 1) * SECOND), first);
    assert_false(watch_answer(&watch, first, CANARY_SILENT, 100 * SECOND));
    assert_ptr_equal(watch_take(&watch, 101 * SECOND), second);
    assert_null(watch_take(&watch, 102 * SECOND - 1));
    assert_ptr_equal(watch_take(&watch, 102 * SECOND), first);
    assert_null(watch_fallen(&watch));
    assert_true(watch_answer(&watch, first, CANARY_SILENT, 103 * SECOND));
    assert_ptr_equal(watch_fallen(&watch), first);
    assert_null(watch_take(&watch, 1000 * SECOND));
}

/* What never answered is asked no more, and speaks for nothing. */
static void test_mute(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch, 2);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 2; i++) {
            assert_false(watch_mute(&watch));
            watch_answer(&watch, watch_take(&watch, 10 * (round + 1) * SECOND), CANARY_SILENT,
                         10 * (round + 1) * SECOND);
        }
    assert_true(watch_mute(&watch));
    assert_true(watch_ready(&watch));
    assert_null(watch_take(&watch, 1000 * SECOND));
    assert_null(watch_fallen(&watch));
    begin(&watch, 0);
    assert_false(watch_mute(&watch));
    assert_true(watch_ready(&watch));
    assert_null(watch_take(&watch, SECOND));
    begin(&watch, CANARIES_MAX + 1);
    assert_int_equal(watch.count, CANARIES_MAX);
}

/* Against what the rule says of the whole list of answers: fallen when the last two that were sent are misses, those
   before the first answer not regarded. */
static enum canary_state told(const char *answers)
{
    enum canary_state state = CANARY_NEW;
    char kept[16] = "";
    size_t count = 0;
    for (; *answers; answers++)
        if (*answers != 'n')
            kept[count++] = *answers;
    size_t first = strspn(kept, "-");
    if (first >= 2)
        return CANARY_MUTE;
    if (kept[first])
        state = kept[first] == 'a' ? CANARY_OPEN : CANARY_CLOSED;
    const char *misses = state == CANARY_OPEN ? "-r" : "-";
    for (size_t i = first + 2; i < count; i++)
        if (strchr(misses, kept[i]) && strchr(misses, kept[i - 1]))
            return kept[i] == 'r' ? CANARY_SHUT_OFF : CANARY_GONE;
    return state;
}

/* Every word of eight answers, as far as it is asked for. */
static void test_every_word(void **state)
{
    (void)state;
    for (unsigned word = 0; word < 4u * 4 * 4 * 4 * 4 * 4 * 4; word++) {
        char answers[8] = "";
        unsigned rest = word;
        for (size_t i = 0; i < 7; i++, rest /= 4) {
            answers[i] = "ar-n"[rest % 4];
            answers[i + 1] = 0;
            enum canary_state wanted = told(answers);
            if (after(answers) != wanted)
                fail_msg("\"%s\" leads to %d, not to %d", answers, after(answers), wanted);
            if (wanted == CANARY_MUTE || wanted == CANARY_GONE || wanted == CANARY_SHUT_OFF)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_mute),
        cmocka_unit_test(test_every_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
