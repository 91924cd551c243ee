#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scanner/tempo.h"

static void an_even_pace(void **state)
{
    (void)state;
    struct tempo tempo;
    tempo_init(&tempo);
    assert_true(tempo_rate(&tempo) == 0);
    for (int64_t i = 0; i < 5000; i++)
        tempo_note(&tempo, 1, 7 + i * 1000000);
    assert_true(tempo_rate(&tempo) == 1000);
    assert_int_equal(tempo.burst, 10);
}

static void the_longest_burst_stays(void **state)
{
    (void)state;
    struct tempo tempo;
    tempo_init(&tempo);
    tempo_note(&tempo, 3, 0);
    tempo_note(&tempo, 4, 9999999);
    tempo_note(&tempo, 5, 10000000); /* the first three are a window ago */
    assert_int_equal(tempo.burst, 9);
    for (int64_t i = 0; i < 100; i++)
        tempo_note(&tempo, 1, (i + 2) * 10000000);
    assert_int_equal(tempo.burst, 9);
}

static void faster_than_it_remembers(void **state)
{
    (void)state;
    struct tempo tempo;
    tempo_init(&tempo);
    for (int64_t i = 0; i < 100000; i++)
        tempo_note(&tempo, 64, i * 1000);
    assert_in_range(tempo.burst, 640000, 65 * 100000); /* 10 000 batches a window; it may only seem more */
    assert_true(tempo_rate(&tempo) > 63.9e6 && tempo_rate(&tempo) < 64.1e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_even_pace),
        cmocka_unit_test(the_longest_burst_stays),
        cmocka_unit_test(faster_than_it_remembers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
