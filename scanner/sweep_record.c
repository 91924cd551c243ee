#include <stdlib.h>
#include <string.h>

#include "scanner/sweep_parts.h"

/* The record of a sweep: a head of numbers, little-endian, then two bits for each step from `settled` to the cursor
   of the first attempt, then the steps that are aside, attempt by attempt, each a number like those of the head. */

#define COUNTS      12
#define NUMBERS_MAX (3 + 2 * SWEEP_PASSES + COUNTS)
#define FORM        UINT64_C(0x3330306565777321) /* "!swee003" */

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
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++)
        head->numbers[head->count++] = sweep->aside.counts[pass];
    for (size_t i = 0; i < COUNTS; i++)
        head->numbers[head->count++] = *counts[i];
}

static size_t states_size(const struct sweep *sweep)
{
    return (size_t)((sweep->cursors[1] - sweep->settled + 3) / 4);
}

static void write_number(uint8_t *bytes, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> i * 8);
}

static void write_asides(const struct sweep *sweep, uint8_t *bytes)
{
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++)
        for (const struct aside_entry *entry = sweep->aside.oldest[pass]; entry;
             entry = entry->newer, bytes += 8)
            write_number(bytes, entry->step);
}

enum status sweep_save(const struct sweep *sweep, uint8_t **bytes_out, size_t *size_out)
{
    struct head head;
    gather(sweep, &head);
    size_t at = head.count * 8;
    *size_out = at + states_size(sweep) + sweep->aside.count * 8;
    *bytes_out = calloc(*size_out, 1);
    if (!*bytes_out)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < head.count; i++)
        write_number(*bytes_out + i * 8, head.numbers[i]);
    write_asides(sweep, *bytes_out + at + states_size(sweep));
    for (uint64_t step = sweep->settled; step < sweep->cursors[1]; step++) {
        uint64_t place = step - sweep->settled;
        (*bytes_out)[at + place / 4] |= (uint8_t)((*mark_of(sweep, step) & MARK_STATE) << place % 4 * 2);
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

/* What is aside of one attempt; *bytes moves on. What was in flight or aside of the last one is met again. */
static enum status load_asides(struct sweep *sweep, unsigned pass, uint64_t count, const uint8_t **bytes)
{
    uint64_t from = sweep->settled;
    for (; count > 0; count--, *bytes += 8) {
        uint64_t step = number_at(*bytes, 0);
        if (step < from || step >= sweep->cursors[pass])
            return STATUS_MISMATCH;
        from = step + 1;
        if (pass == sweep->options.attempts || *mark_of(sweep, step))
            continue;
        struct network *network = sweep_network(sweep, step);
        if (!network || sweep_put_aside(sweep, pass, network, step) != STATUS_OK)
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

/* How many the record has of all attempts; UINT64_MAX when that can't be. */
static uint64_t count_asides(const struct sweep *sweep, const uint8_t *bytes)
{
    uint64_t count = 0;
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++) {
        uint64_t more = number_at(bytes, 2 + sweep->options.attempts + pass);
        if (more > ASIDE_MAX - count || (more && !sweep->limited))
            return UINT64_MAX;
        count += more;
    }
    return count;
}

static enum status load_states(struct sweep *sweep, const uint8_t *bytes, const uint8_t *states,
                               size_t states_bytes)
{
    for (uint64_t step = sweep->settled; step < sweep->cursors[1]; step++) {
        uint64_t place = step - sweep->settled;
        *mark_of(sweep, step) = states[place / 4] >> place % 4 * 2 & MARK_STATE;
    }
    const uint8_t *asides = states + states_bytes;
    enum status status = STATUS_OK;
    for (unsigned pass = 1; pass <= sweep->options.attempts && status == STATUS_OK; pass++)
        status = load_asides(sweep, pass, number_at(bytes, 2 + sweep->options.attempts + pass), &asides);
    return status;
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
    uint64_t asides = count_asides(sweep, bytes);
    if (!possible(sweep) || asides > ASIDE_MAX || size != at + states_size(sweep) + asides * 8)
        return STATUS_MISMATCH;
    take_counts(sweep, bytes, 3 + 2 * sweep->options.attempts);
    enum status status = load_states(sweep, bytes, bytes + at, states_size(sweep));
    if (status != STATUS_OK)
        return status;
    /* What was in flight is asked once more: its answer may be lost with the one who heard it. */
    sweep->cursors[sweep->options.attempts] = sweep->settled;
    for (unsigned pass = 1; pass <= sweep->options.attempts; pass++) {
        sweep->ripe[pass] = pass == sweep->options.attempts ? sweep->settled : sweep->cursors[pass + 1];
        uint64_t lowest = aside_lowest(&sweep->aside, pass), cursor = sweep->cursors[pass];
        trail_note(&sweep->trails[pass], lowest < cursor ? lowest : cursor, now_ns);
    }
    return STATUS_OK;
}
