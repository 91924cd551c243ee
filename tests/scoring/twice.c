#include "twice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void twice_compare(struct twice *twice, const char *scope, const struct round *before,
                   const struct round *after)
{
    rounds_begin(&twice->rounds, scope);
    twice->before = rounds_scan(&twice->rounds, before);
    twice->after = rounds_scan(&twice->rounds, after);
    rounds_compare(&twice->rounds, &twice->before, &twice->after, 0, &twice->changes);
}

void twice_done(struct twice *twice)
{
    changes_deinit(&twice->changes);
    store_run_deinit(&twice->before);
    store_run_deinit(&twice->after);
    rounds_end(&twice->rounds);
}

void twice_is(const struct twice *twice, const char *item, uint32_t host, enum change_kind kind,
              enum change_reason reason)
{
    const struct change *change = rounds_change(&twice->rounds, &twice->changes, item, host);
    if (change->kind != kind || change->reason != reason)
        fail_msg("%s at %u is %s (%s)", item, host, change_kind_word(change->kind),
                 change_reason_name(change->reason, LANGUAGE_EN));
    assert_int_equal(change->why != NULL, reason != REASON_NONE);
}

void twice_counts(const struct twice *twice, enum change_kind kind, uint64_t count)
{
    assert_int_equal(twice->changes.counts[kind], count);
}

const struct organization_change *twice_row(const struct twice *twice, const char *id)
{
    const struct organization_change *found = changes_organization(&twice->changes, id);
    assert_non_null(found);
    return found;
}
