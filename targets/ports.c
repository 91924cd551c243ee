#include "targets/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS    65536u
#define TRANSPORTS 2

/* Which ports a list names; a list of any order and length costs no sorting this way. */
struct chosen {
    uint8_t bits[TRANSPORTS][NUMBERS / 8];
};

void ports_init(struct ports *ports)
{
    *ports = (struct ports){NULL, 0, 0};
}

void ports_deinit(struct ports *ports)
{
    free(ports->items);
    ports_init(ports);
}

static uint32_t rank(struct port port)
{
    return (uint32_t)port.transport << 16 | port.number;
}

/* Where the port is, or would have to stand. */
static size_t place(const struct ports *ports, struct port port)
{
    size_t low = 0;
    size_t high = ports->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rank(ports->items[middle]) < rank(port))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum status reserve(struct ports *ports, size_t count)
{
    if (count <= ports->capacity)
        return STATUS_OK;
    size_t capacity = ports->capacity * 2 > count ? ports->capacity * 2 : count;
    struct port *items = reallocarray(ports->items, capacity, sizeof *items);
    if (!items)
        return STATUS_NO_MEMORY;
    ports->items = items;
    ports->capacity = capacity;
    return STATUS_OK;
}

enum status ports_add(struct ports *ports, uint16_t number, enum transport transport)
{
    struct port port = {number, (uint8_t)transport};
    size_t at = place(ports, port);
    if (at < ports->count && rank(ports->items[at]) == rank(port))
        return STATUS_OK;
    if (reserve(ports, ports->count + 1) != STATUS_OK)
        return STATUS_NO_MEMORY;
    if (at < ports->count)
        memmove(&ports->items[at + 1], &ports->items[at], (ports->count - at) * sizeof port);
    ports->items[at] = port;
    ports->count++;
    return STATUS_OK;
}

bool ports_equal(const struct ports *a, const struct ports *b)
{
    bool all = a->count == b->count;
    for (size_t i = 0; i < a->count && all; i++)
        all = a->items[i].number == b->items[i].number && a->items[i].transport == b->items[i].transport;
    return all;
}

enum status ports_copy(struct ports *copy, const struct ports *ports)
{
    enum status status = STATUS_OK;
    ports_init(copy);
    for (size_t i = 0; i < ports->count && status == STATUS_OK; i++)
        status = ports_add(copy, ports->items[i].number, (enum transport)ports->items[i].transport);
    return status;
}

bool ports_contain(const struct ports *ports, uint16_t number, enum transport transport)
{
    struct port port = {number, (uint8_t)transport};
    size_t at = place(ports, port);
    return at < ports->count && rank(ports->items[at]) == rank(port);
}

static void chosen_add(struct chosen *chosen, enum transport transport, uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++)
        chosen->bits[transport][number / 8] |= (uint8_t)(1u << number % 8);
}

/* A place in a list, and what is wrong there once something is. */
struct reader {
    const char *list;
    size_t at;
    const char *why;
};

static bool mistake(struct reader *reader, size_t at, const char *why)
{
    reader->at = at;
    reader->why = why;
    return false;
}

static void skip_spaces(struct reader *reader)
{
    while (reader->list[reader->at] == ' ' || reader->list[reader->at] == '\t')
        reader->at++;
}

static bool number_parse(struct reader *reader, uint32_t *number_out)
{
    size_t start = reader->at;
    uint32_t number = 0;
    for (; reader->list[reader->at] >= '0' && reader->list[reader->at] <= '9'; reader->at++) {
        if (reader->at - start == 5)
            return mistake(reader, start, "a port is a number from 1 to 65535");
        number = number * 10 + (uint32_t)(reader->list[reader->at] - '0');
    }
    if (reader->at == start)
        return mistake(reader, start, "write a port number here, as in 22,8000-8100,161/udp");
    if (reader->list[start] == '0' || number >= NUMBERS)
        return mistake(reader, start, "a port is a number from 1 to 65535, without leading zeros");
    *number_out = number;
    return true;
}

static bool transport_parse(struct reader *reader, enum transport *transport_out)
{
    *transport_out = TRANSPORT_TCP;
    if (reader->list[reader->at] != '/')
        return true;
    reader->at++;
    const char *name = reader->list + reader->at;
    size_t length = strcspn(name, ", \t");
    if (length != 3 || (memcmp(name, "tcp", 3) != 0 && memcmp(name, "udp", 3) != 0))
        return mistake(reader, reader->at, "after \"/\" write tcp or udp");
    *transport_out = name[0] == 'u' ? TRANSPORT_UDP : TRANSPORT_TCP;
    reader->at += length;
    return true;
}

/* One entry: a number or a run of them, and perhaps its transport. */
static bool entry_parse(struct reader *reader, struct chosen *chosen)
{
    size_t start = reader->at;
    uint32_t first;
    enum transport transport;
    if (!number_parse(reader, &first))
        return false;
    uint32_t last = first;
    if (reader->list[reader->at] == '-') {
        reader->at++;
        if (!number_parse(reader, &last))
            return false;
    }
    if (last < first)
        return mistake(reader, start, "the run ends before it begins; write the lower port first");
    if (!transport_parse(reader, &transport))
        return false;
    chosen_add(chosen, transport, first, last);
    return true;
}

static bool list_parse(struct reader *reader, struct chosen *chosen)
{
    skip_spaces(reader);
    if (reader->list[reader->at] == 0)
        return true;
    for (;;) {
        if (!entry_parse(reader, chosen))
            return false;
        skip_spaces(reader);
        if (reader->list[reader->at] == 0)
            return true;
        if (reader->list[reader->at] != ',')
            return mistake(reader, reader->at, "separate ports by commas, as in 22,8000-8100,161/udp");
        reader->at++;
        skip_spaces(reader);
    }
}

static bool is_chosen(const struct chosen *chosen, int transport, uint32_t number)
{
    return chosen->bits[transport][number / 8] >> number % 8 & 1;
}

/* Puts all that is chosen in place of the items; in order, because the bits are. */
static enum status replace(struct ports *ports, const struct chosen *chosen)
{
    size_t count = 0;
    for (int transport = 0; transport < TRANSPORTS; transport++)
        for (uint32_t number = 1; number < NUMBERS; number++)
            count += is_chosen(chosen, transport, number);
    if (reserve(ports, count) != STATUS_OK)
        return STATUS_NO_MEMORY;
    ports->count = 0;
    for (int transport = 0; transport < TRANSPORTS; transport++)
        for (uint32_t number = 1; number < NUMBERS; number++)
            if (is_chosen(chosen, transport, number))
                ports->items[ports->count++] = (struct port){(uint16_t)number, (uint8_t)transport};
    return STATUS_OK;
}

enum status ports_parse(struct ports *ports, const char *list, const char **why_out, size_t *at_out)
{
    struct chosen chosen = {{{0}}};
    struct reader reader = {list, 0, NULL};
    for (size_t i = 0; i < ports->count; i++)
        chosen_add(&chosen, ports->items[i].transport, ports->items[i].number, ports->items[i].number);
    if (!list_parse(&reader, &chosen)) {
        *why_out = reader.why;
        *at_out = reader.at;
        return STATUS_WRONG_FILE;
    }
    return replace(ports, &chosen);
}

/* The index behind the run that begins at `from`. */
static size_t run_end(const struct ports *ports, size_t from)
{
    size_t i = from + 1;
    while (i < ports->count && rank(ports->items[i]) == rank(ports->items[i - 1]) + 1)
        i++;
    return i;
}

#define RUN_TEXT_MAX sizeof "65535-65535/udp,"

char *ports_format(const struct ports *ports)
{
    char *text = reallocarray(NULL, ports->count + 1, RUN_TEXT_MAX);
    if (!text)
        return NULL;
    size_t at = 0;
    text[0] = 0;
    for (size_t i = 0, end; i < ports->count; i = end) {
        end = run_end(ports, i);
        unsigned first = ports->items[i].number;
        unsigned last = ports->items[end - 1].number;
        const char *suffix = ports->items[i].transport == TRANSPORT_UDP ? "/udp" : "";
        const char *comma = at ? "," : "";
        at += (size_t)(first == last
                           ? snprintf(text + at, RUN_TEXT_MAX, "%s%u%s", comma, first, suffix)
                           : snprintf(text + at, RUN_TEXT_MAX, "%s%u-%u%s", comma, first, last, suffix));
    }
    return text;
}

const char *transport_name(enum transport transport)
{
    return transport == TRANSPORT_UDP ? "udp" : "tcp";
}
