#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/resolver.h"

/* What every machine can resolve without a network; the rest is in tests/wire/test_names.py. */

#define NAMES 200

struct told {
    unsigned found[NAMES], missing[NAMES];
    size_t until; /* the listener fails at so many calls; 0: never */
    size_t calls;
};

static enum status found(void *context, size_t name, struct address address)
{
    struct told *told = context;
    struct address loopback = {0, 1};
    assert_true(name < NAMES);
    assert_true(address_compare(address, loopback) == 0 ||
                (address_is_ipv4(address) && (address.low >> 24 & 0xff) == 127));
    told->found[name]++;
    return ++told->calls == told->until ? STATUS_LIMIT : STATUS_OK;
}

static enum status missing(void *context, size_t name, const char *why)
{
    struct told *told = context;
    assert_true(name < NAMES && why[0]);
    told->missing[name]++;
    return STATUS_OK;
}

static enum status ask(struct told *told)
{
    static char longest[NAMES][80];
    const char *names[NAMES];
    const struct resolver_listener listener = {told, found, missing};
    for (size_t i = 0; i < NAMES; i++) {
        memset(longest[i], 'a', 70); /* a label that no name has */
        names[i] = i % 2 ? longest[i] : "localhost";
    }
    return resolver_run(names, NAMES, &listener);
}

static void test_all_are_told_of(void **state)
{
    (void)state;
    static struct told told;
    assert_int_equal(ask(&told), STATUS_OK);
    for (size_t i = 0; i < NAMES; i++) {
        assert_int_equal(told.found[i] > 0, i % 2 == 0);
        assert_int_equal(told.missing[i], i % 2);
    }
    assert_int_equal(resolver_run(NULL, 0, &(struct resolver_listener){&told, found, missing}), STATUS_OK);
}

static void test_listener_ends_it(void **state)
{
    (void)state;
    static struct told told = {.until = 5};
    assert_int_equal(ask(&told), STATUS_LIMIT);
    assert_int_equal(told.calls, 5);
}

/* A signal that comes before, or during it: it is taken, and those that follow wait. */
static void test_interrupted(void **state)
{
    (void)state;
    static struct told told;
    sigset_t both, before;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_BLOCK, &both, &before);
    raise(SIGTERM);
    assert_int_equal(ask(&told), STATUS_INTERRUPTED);
    sigset_t waiting;
    sigpending(&waiting);
    assert_false(sigismember(&waiting, SIGTERM));
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(ask(&told), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_told_of),
        cmocka_unit_test(test_listener_ends_it),
        cmocka_unit_test(test_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
