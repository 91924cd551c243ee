#include <stdlib.h>
#include <string.h>

#include "scanner/sweep.h"

/* The record of a sweep: a head of numbers, little-endian, then two bits for each step from `settled` to the cursor
   of the first attempt. */

#define COUNTS      12
#define NUMBERS_MAX (3 + SWEEP_PASSES + COUNTS)
#define FORM        UINT64_C(0x3230306565777321) /* "!swee002" */
#define STATE_MASK  3

struct head {
    uint64_t numbers[NUMBERS_MAX];
    size_t count;
};

/* What is counted, in the order of the record. */
static void list_counts(struct sweep *sweep, uint64_t *counts_out[COUNTS])
{
    struct sweep_totals *totals = &sweep->totals;
    uint64_t *const counts[COUNTS] = {&totals->frames,      &totals->settled,     &totals->first,
                                      &totals->later,       &totals->retries,     &totals->blind,
                                      &totals->blind_later, &totals->asked_again, &totals->answered_again,
                                      &totals->repeats,     &totals->late,        &sweep->blind_end};
    memcpy(counts_out, counts, sizeof counts);
}

static void gather(const struct sweep *sweep, struct head *head)
{
    struct sweep copy = *sweep;
    uint64_t *counts[COUNTS];
    list_counts(&copy, counts);
    head->count = 0;
    head->numbers[head->count++] = FORM;
    head->numbers[head->count++] = sweep->size;
    head->numbers[head->count++] = sweep->settled;
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++)
        head->numbers[head->count++] = sweep->cursors[pass];
    for (size_t i = 0; i < COUNTS; i++)
        head->numbers[head->count++] = *counts[i];
}

static size_t states_size(const struct sweep *sweep)
{
    return (size_t)((sweep->cursors[1] - sweep->settled + 3) / 4);
}

size_t sweep_save_size(const struct sweep *sweep)
{
    return NUMBERS_MAX * 8 + states_size(sweep);
}

static uint8_t *place_of(const struct sweep *sweep, uint64_t step)
{
    return &sweep->wire->marks[step & (sweep->wire->marks_size - 1)];
}

enum status sweep_save(const struct sweep *sweep, uint8_t **bytes_out, size_t *size_out)
{
    struct head head;
    gather(sweep, &head);
    size_t at = head.count * 8;
    *size_out = at + states_size(sweep);
    *bytes_out = calloc(*size_out, 1);
    if (!*bytes_out)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < at; i++)
        (*bytes_out)[i] = (uint8_t)(head.numbers[i / 8] >> i % 8 * 8);
    for (uint64_t step = sweep->settled; step < sweep->cursors[1]; step++) {
        uint64_t place = step - sweep->settled;
        (*bytes_out)[at + place / 4] |= (uint8_t)((*place_of(sweep, step) & STATE_MASK) << place % 4 * 2);
    }
    return STATUS_OK;
}

static uint64_t number_at(const uint8_t *bytes, size_t place)
{
    uint64_t number = 0;
    for (size_t i = 8; i-- > 0;)
        number = number << 8 | bytes[place * 8 + i];
    return number;
}

/* Cursors in their order, and no more under way than there are marks. */
static bool possible(const struct sweep *sweep)
{
    uint64_t before = sweep->size;
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++) {
        if (sweep->cursors[pass] > before)
            return false;
        before = sweep->cursors[pass];
    }
    return sweep->settled <= before && sweep->cursors[1] - sweep->settled <= sweep->wire->marks_size;
}

static void take_counts(struct sweep *sweep, const uint8_t *bytes, size_t at)
{
    uint64_t *counts[COUNTS];
    list_counts(sweep, counts);
    for (size_t i = 0; i < COUNTS; i++)
        *counts[i] = number_at(bytes, at + i);
}

enum status sweep_load(struct sweep *sweep, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    struct head head;
    gather(sweep, &head);
    size_t at = head.count * 8;
    if (size < at || number_at(bytes, 0) != FORM || number_at(bytes, 1) != sweep->size)
        return STATUS_MISMATCH;
    sweep->settled = number_at(bytes, 2);
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++)
        sweep->cursors[pass] = number_at(bytes, 2 + pass);
    if (!possible(sweep) || size != at + states_size(sweep))
        return STATUS_MISMATCH;
    take_counts(sweep, bytes, 3 + sweep->options.attempts);
    for (uint64_t step = sweep->settled; step < sweep->cursors[1]; step++) {
        uint64_t place = step - sweep->settled;
        *place_of(sweep, step) = bytes[at + place / 4] >> place % 4 * 2 & STATE_MASK;
    }
    /* What was in flight is asked once more: its answer may be lost with the one who heard it. */
    sweep->cursors[sweep->options.attempts] = sweep->settled;
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++) {
        sweep->ripe[pass] = pass == sweep->options.attempts ? sweep->settled : sweep->cursors[pass + 1];
        trail_note(&sweep->trails[pass], sweep->cursors[pass], now_ns);
    }
    return STATUS_OK;
}
