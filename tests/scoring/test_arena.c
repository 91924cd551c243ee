#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "scoring/arena.h"

static void pieces_are_apart_and_aligned(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *pieces[400];
    for (size_t i = 0; i < 400; i++) {
        size_t size = i % 50 == 49 ? 3000000 : i * 7 % 4000;
        pieces[i] = arena_take(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 400; i++) {
        size_t size = i % 50 == 49 ? 3000000 : i * 7 % 4000;
        for (size_t at = 0; at < size; at++)
            if (pieces[i][at] != i % 251)
                fail_msg("piece %zu was written over at %zu", i, at);
    }
    arena_deinit(&arena);
}

static void a_reset_gives_the_same_memory_again(void **state)
{
    (void)state;
    struct arena arena = {0};
    void *first[100];
    for (size_t i = 0; i < 100; i++)
        first[i] = arena_take(&arena, 5000);
    arena_reset(&arena);
    for (size_t i = 0; i < 100; i++)
        assert_ptr_equal(arena_take(&arena, 5000), first[i]);
    arena_deinit(&arena);
}

static void what_cannot_be_had_is_null(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_null(arena_take(&arena, SIZE_MAX));
    assert_null(arena_take(&arena, SIZE_MAX - 20));
    assert_non_null(arena_take(&arena, 1));
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_apart_and_aligned),
        cmocka_unit_test(a_reset_gives_the_same_memory_again),
        cmocka_unit_test(what_cannot_be_had_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
