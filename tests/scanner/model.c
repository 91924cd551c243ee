#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

/* Two stretches of addresses that words may name, and a few that are no one's. */
#define STRETCH   64
#define STRANGERS (MODEL_PLACES - 2 * STRETCH)

static const uint32_t begins_v4[] = {0x0a0000e0, 0xc0000200, 0xac1fffc8, 0xdfffffc0, 0x01000000, 0x7f0000e0};
static const struct address begins_v6[] = {
    {UINT64_C(0x20010db800000000), 0},
    {UINT64_C(0x20010db800000000), UINT64_C(0xffffffffffffffe0)}, /* over the edge of a word */
    {UINT64_C(0xfd00000000000000), UINT64_C(0xfff0)},
    {UINT64_C(0x20010db8ffffffff), UINT64_C(0xffffffffffffffc0)},
};
static const uint16_t port_numbers[MODEL_PORTS] = {1,  2,  3,   4,    5,    6,    7,    8,    9,
                                                   10, 11, 515, 9099, 9100, 9107, 9108, 8080, 65535};

/* xorshift64* (Vigna 2016): nothing of the code under test. */
static uint64_t roll(struct model *model)
{
    model->dice ^= model->dice >> 12;
    model->dice ^= model->dice << 25;
    model->dice ^= model->dice >> 27;
    return model->dice * UINT64_C(2685821657736338717);
}

uint64_t model_below(struct model *model, uint64_t bound)
{
    return (roll(model) >> 32) * bound >> 32;
}

static bool chance(struct model *model, unsigned percent)
{
    return model_below(model, 100) < percent;
}

/* --- words --- */

__attribute__((format(printf, 2, 3))) static void say(struct model *model, const char *format, ...)
{
    va_list values;
    size_t length = strlen(model->text);
    va_start(values, format);
    int more = vsnprintf(model->text + length, MODEL_TEXT_MAX - length, format, values);
    va_end(values);
    assert_true(more >= 0 && (size_t)more < MODEL_TEXT_MAX - length);
}

static void write_address(struct address address, char text[48])
{
    uint8_t bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(address.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
    }
    bool ipv4 = address.high == 0 && address.low >> 32 == 0xffff;
    assert_non_null(ipv4 ? inet_ntop(AF_INET, bytes + 12, text, 48) : inet_ntop(AF_INET6, bytes, text, 48));
}

/* Consecutive places of one stretch. */
struct run {
    int first, count;
};

static struct run draw_run(struct model *model, int longest)
{
    int stretch = (int)model_below(model, 2) * STRETCH;
    int count = 1 + (int)model_below(model, (uint64_t)(chance(model, 50) ? longest : 4));
    struct run run = {stretch + (int)model_below(model, (uint64_t)(STRETCH - count + 1)), count};
    if (!chance(model, 30))
        return run;
    /* One that a prefix can name. */
    int bits = (int)model_below(model, 6);
    run.count = 1 << bits;
    run.first -= (int)(model->addresses[run.first].low & ((1u << bits) - 1));
    bool inside = run.first >= stretch && run.first + run.count <= stretch + STRETCH;
    return inside ? run : draw_run(model, longest);
}

/* In one of the ways in which a range can be written. */
static void say_run(struct model *model, struct run run, const char *before)
{
    const char *first = model->texts[run.first], *last = model->texts[run.first + run.count - 1];
    int bits = 0;
    while (1 << bits < run.count)
        bits++;
    uint64_t low = model->addresses[run.first].low;
    bool prefix = 1 << bits == run.count && (low & ((1u << bits) - 1)) == 0;
    if (prefix && chance(model, 70))
        say(model, "%s\"%s/%d\"", before, first, (run.first < STRETCH ? 32 : 128) - bits);
    else if (run.count == 1 && chance(model, 80))
        say(model, "%s\"%s\"", before, first);
    else
        say(model, "%s\"%s-%s\"", before, first, last);
}

/* --- the scope --- */

static void place_addresses(struct model *model)
{
    struct address v4 = {0, UINT64_C(0xffff00000000) | begins_v4[model_below(model, 6)]};
    struct address v6 = begins_v6[model_below(model, 4)];
    for (int i = 0; i < STRETCH; i++) {
        model->addresses[i] = (struct address){0, v4.low + (uint64_t)i};
        uint64_t low = v6.low + (uint64_t)i;
        model->addresses[STRETCH + i] = (struct address){v6.high + (low < v6.low), low};
    }
    for (int i = 0; i < STRANGERS; i++) {
        struct address like = model->addresses[model_below(model, 2 * STRETCH)];
        const struct address strangers[] = {
            {like.high, like.low ^ UINT64_C(1) << (6 + model_below(model, 26))},
            {like.high ^ UINT64_C(1) << model_below(model, 61), like.low},
            {0, like.low & UINT32_MAX},                            /* as IPv4 without the mapping */
            {UINT64_C(0x0064ff9b00000000), like.low & UINT32_MAX}, /* as NAT64 has it */
        };
        struct address stranger = strangers[model_below(model, 4)];
        for (int j = 0; j < 2 * STRETCH; j++)
            if (address_compare(stranger, model->addresses[j]) == 0)
                stranger = (struct address){UINT64_C(0x2a00000000000000), (uint64_t)i};
        model->addresses[2 * STRETCH + i] = stranger;
    }
    for (int i = 0; i < MODEL_PLACES; i++) {
        write_address(model->addresses[i], model->texts[i]);
        model->owners[i] = -1;
    }
}

static bool is_free(const struct model *model, struct run run, int owner)
{
    for (int i = run.first; i < run.first + run.count; i++)
        if (model->owners[i] >= 0 && model->owners[i] != owner)
            return false;
    return true;
}

/* Where chance finds no place any more: one that nobody has. */
static struct run free_place(const struct model *model, int owner)
{
    struct run run = {0, 1};
    while (run.first < MODEL_PLACES && !is_free(model, run, owner))
        run.first++;
    assert_true(run.first < MODEL_PLACES);
    return run;
}

/* One organization's ranges may overlap each other, and the fragile ones are parts of them. */
static void say_organization(struct model *model, int owner)
{
    struct run own[4];
    int count = 0;
    for (int tries = 0; count == 0 || (count < 4 && chance(model, 50)); tries++) {
        struct run run = draw_run(model, tries < 50 ? 40 : 1);
        if (!is_free(model, run, owner)) {
            if (tries < 5000)
                continue;
            run = free_place(model, owner);
        }
        own[count++] = run;
        for (int i = run.first; i < run.first + run.count; i++)
            model->owners[i] = owner;
    }
    say(model, "%s{\"id\":\"o%d\",\"name\":\"n\",\"ranges\":[", owner ? "," : "", owner);
    for (int i = 0; i < count; i++)
        say_run(model, own[i], i ? "," : "");
    say(model, "],\"fragile\":[");
    for (int said = 0; chance(model, 50) && said < 3; said++) {
        struct run whole = own[model_below(model, (uint64_t)count)];
        int skip = (int)model_below(model, (uint64_t)whole.count);
        struct run run = {whole.first + skip, 1 + (int)model_below(model, (uint64_t)(whole.count - skip))};
        say_run(model, run, said ? "," : "");
        for (int i = run.first; i < run.first + run.count; i++)
            model->fragile[i] = true;
    }
    say(model, "]}");
}

static void say_exclusions(struct model *model)
{
    const char *before = "";
    say(model, "\"exclude\":[");
    for (int said = 0; chance(model, 65) && said < 6; said++, before = ",") {
        struct run run = draw_run(model, 30);
        say_run(model, run, before);
        for (int i = run.first; i < run.first + run.count; i++)
            model->excluded[i] = true;
    }
    if (chance(model, 4)) { /* wider than all there is */
        bool ipv6 = chance(model, 50);
        say(model, "%s%s", before, ipv6 ? "\"2000::/3\",\"fc00::/7\"" : "\"0.0.0.0/0\"");
        for (int i = 0; i < MODEL_PLACES; i++) {
            const struct address *address = &model->addresses[i];
            bool mapped = address->high == 0 && address->low >> 32 == 0xffff;
            model->excluded[i] |= ipv6 ? address->high >> 61 == 1 || address->high >> 57 == 0x7e : mapped;
        }
    }
    say(model, "],");
}

/* A list of ports, and in `named` which of the model's it names. */
static void list_ports(struct model *model, unsigned most, char text[MODEL_LIST_MAX], bool named[MODEL_PORTS])
{
    size_t length = 0;
    memset(named, 0, MODEL_PORTS * sizeof *named);
    for (uint64_t parts = 1 + model_below(model, most); parts > 0; parts--) {
        int first = (int)model_below(model, MODEL_PORTS);
        unsigned from = port_numbers[first],
                 to = from + (unsigned)(chance(model, 60) ? model_below(model, 9) : 0);
        to = to > UINT16_MAX ? UINT16_MAX : to;
        for (int i = 0; i < MODEL_PORTS; i++)
            named[i] |= port_numbers[i] >= from && port_numbers[i] <= to;
        const char *form = from == to ? "%s%u" : "%s%u-%u";
        length += (size_t)snprintf(text + length, MODEL_LIST_MAX - length, form, length ? "," : "", from, to);
    }
}

static void say_ports(struct model *model)
{
    char list[MODEL_LIST_MAX];
    bool named[MODEL_PORTS];
    model->udp_allowed = true;
    for (int i = 0; i < MODEL_PORTS; i++)
        model->allowed[i] = true;
    if (chance(model, 40)) {
        list_ports(model, 6, list, model->allowed);
        say(model, ",\"ports\":\"%s\"", list);
        model->udp_allowed = false;
    }
    if (chance(model, 60)) {
        list_ports(model, 2, list, named);
        say(model, ",\"exclude_ports\":\"%s\"", list);
    } else { /* printers */
        for (int i = 0; i < MODEL_PORTS; i++)
            named[i] = port_numbers[i] == 515 || (port_numbers[i] >= 9100 && port_numbers[i] <= 9107);
    }
    for (int i = 0; i < MODEL_PORTS; i++)
        model->allowed[i] &= !named[i];
    list_ports(model, 5, model->wanted_text, model->wanted);
    if (chance(model, 20))
        strcat(model->wanted_text, ",7/udp"); /* not for TCP to ask */
}

void model_make(struct model *model, uint64_t number)
{
    memset(model, 0, sizeof *model);
    model->dice = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(model->ports, port_numbers, sizeof port_numbers);
    place_addresses(model);
    say(model, "{\"auscult\":1,");
    say_exclusions(model);
    say(model, "\"authorization\":{\"reference\":\"r\",\"authorized_by\":\"a\",\"contact\":\"c\","
               "\"timezone\":\"UTC\","
               "\"valid_from\":\"2026-01-01\",\"valid_until\":\"2026-12-31\"");
    say_ports(model);
    say(model, "},\"organizations\":[");
    int owners = 1 + (int)model_below(model, MODEL_OWNERS);
    for (int i = 0; i < owners; i++)
        say_organization(model, i);
    say(model, "]}");
}
