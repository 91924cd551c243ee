#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authorize.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define JUNE         INT64_C(1780300800) /* 2026-06-01 08:00 UTC */

static void only_what_the_scope_holds_is_allowed(void **state)
{
    (void)state;
    struct scope scope;
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    assert_int_equal(ask(authorization, "192.0.2.0", 22, JUNE), REFUSAL_NONE);
    assert_int_equal(ask(authorization, "192.0.2.255", 65535, JUNE), REFUSAL_NONE);
    assert_int_equal(ask(authorization, "2001:db8::ff", 22, JUNE), REFUSAL_NONE);
    assert_int_equal(ask(authorization, "192.0.1.255", 22, JUNE), REFUSAL_NOT_IN_SCOPE);
    assert_int_equal(ask(authorization, "192.0.3.0", 22, JUNE), REFUSAL_NOT_IN_SCOPE);
    assert_int_equal(ask(authorization, "2001:db8::100", 22, JUNE), REFUSAL_NOT_IN_SCOPE);
    assert_int_equal(ask(authorization, "127.0.0.1", 22, JUNE), REFUSAL_NOT_IN_SCOPE);
    assert_int_equal(ask(authorization, "192.0.2.66", 22, JUNE), REFUSAL_EXCLUDED);
    assert_int_equal(ask(authorization, "::ffff:192.0.2.66", 22, JUNE), REFUSAL_EXCLUDED);
    assert_int_equal(ask(authorization, "203.0.113.9", 22, JUNE), REFUSAL_EXCLUDED);
    assert_int_equal(ask(authorization, "192.0.2.1", 0, JUNE), REFUSAL_PORT);
    dismiss(&scope, authorization);
}

static void printers_are_left_alone_unless_asked_for(void **state)
{
    (void)state;
    struct scope scope;
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    static const uint16_t printing[] = {515, 9100, 9103, 9107};
    for (size_t i = 0; i < COUNT(printing); i++)
        assert_int_equal(ask(authorization, "192.0.2.1", printing[i], JUNE), REFUSAL_PORT);
    assert_int_equal(ask(authorization, "192.0.2.1", 9108, JUNE), REFUSAL_NONE);
    dismiss(&scope, authorization);
    authorization = authorize(&scope, YEAR_2026 "\"UTC\", \"exclude_ports\": \"\"");
    assert_int_equal(ask(authorization, "192.0.2.1", 9100, JUNE), REFUSAL_NONE);
    dismiss(&scope, authorization);
    authorization =
        authorize(&scope, YEAR_2026 "\"UTC\", \"ports\": \"20-25,9100\", \"exclude_ports\": \"23\"");
    assert_int_equal(ask(authorization, "192.0.2.1", 22, JUNE), REFUSAL_NONE);
    assert_int_equal(ask(authorization, "192.0.2.1", 9100, JUNE), REFUSAL_NONE);
    assert_int_equal(ask(authorization, "192.0.2.1", 23, JUNE), REFUSAL_PORT);
    assert_int_equal(ask(authorization, "192.0.2.1", 80, JUNE), REFUSAL_PORT);
    const struct permit *permit;
    struct address address = address_from_ipv4(0xc0000201);
    assert_int_equal(
        authorization_permit(authorization, address, (struct port){22, TRANSPORT_UDP}, JUNE, &permit),
        REFUSAL_PORT);
    assert_int_equal(authorization_permit(authorization, address, (struct port){22, 2}, JUNE, &permit),
                     REFUSAL_PORT);
    dismiss(&scope, authorization);
}

static void a_permit_says_for_what_it_is(void **state)
{
    (void)state;
    struct scope scope;
    const struct permit *permit;
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    for (uint32_t last = 0; last < 256; last++) {
        struct address address = address_from_ipv4(0xc0000200 + last);
        struct port port = {(uint16_t)(last + 1), TRANSPORT_UDP};
        enum refusal refusal = authorization_permit(authorization, address, port, JUNE, &permit);
        assert_int_equal(refusal, last == 66 ? REFUSAL_EXCLUDED : REFUSAL_NONE);
        if (!permit)
            continue;
        assert_int_equal(address_compare(permit_address(permit), address), 0);
        assert_int_equal(permit_port(permit).number, port.number);
        assert_int_equal(permit_port(permit).transport, TRANSPORT_UDP);
        assert_int_equal(permit_manner(permit), last >= 128 && last < 192 ? MANNER_FRAGILE : MANNER_NORMAL);
        assert_ptr_equal(permit_organization(permit), &scope.organizations[0]);
        authorization_release(authorization, permit);
    }
    dismiss(&scope, authorization);
}

static int compare(const void *a, const void *b)
{
    const uintptr_t *left = a;
    const uintptr_t *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* Many at once are distinct; given back, the same ones serve again, so that steady work allocates nothing. */
static void permits_are_used_again(void **state)
{
    (void)state;
    enum { HELD = 1000 };
    struct scope scope;
    static const struct permit *held[HELD];
    static uintptr_t first[HELD], second[HELD];
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < HELD; i++) {
            struct port port = {(uint16_t)(i + 1), TRANSPORT_TCP};
            struct address address = address_from_ipv4(0xc0000200);
            if (i + 1 == 515)
                port.number = 2000;
            assert_int_equal(authorization_permit(authorization, address, port, JUNE, &held[i]),
                             REFUSAL_NONE);
            (round == 0 ? first : second)[i] = (uintptr_t)held[i];
        }
        for (int i = 0; i < HELD; i++)
            assert_int_equal(permit_port(held[i]).number, i + 1 == 515 ? 2000 : i + 1);
        for (int i = 0; i < HELD; i++)
            authorization_release(authorization, held[(i * 7) % HELD]);
    }
    qsort(first, HELD, sizeof *first, compare);
    qsort(second, HELD, sizeof *second, compare);
    size_t same = 0;
    for (int i = 0; i < HELD; i++) {
        assert_true(i == 0 || first[i] != first[i - 1]);
        same += bsearch(&second[i], first, HELD, sizeof *first, compare) != NULL;
    }
    assert_true(same >= HELD - 64);
    dismiss(&scope, authorization);
}

static void a_permit_given_back_twice_is_given_out_once(void **state)
{
    (void)state;
    struct scope scope;
    const struct permit *one, *other;
    struct port port = {22, TRANSPORT_TCP};
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    struct address address = address_from_ipv4(0xc0000201);
    assert_int_equal(authorization_permit(authorization, address, port, JUNE, &one), REFUSAL_NONE);
    authorization_release(authorization, one);
    authorization_release(authorization, one);
    authorization_release(authorization, NULL);
    assert_int_equal(authorization_permit(authorization, address, port, JUNE, &one), REFUSAL_NONE);
    assert_int_equal(authorization_permit(authorization, address, port, JUNE, &other), REFUSAL_NONE);
    assert_ptr_not_equal(one, other);
    dismiss(&scope, authorization);
}

static void a_batch_is_granted_whole_or_not_at_all(void **state)
{
    (void)state;
    struct scope scope;
    const struct permits *permits;
    size_t refused;
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    struct permits_request requests[] = {{address_from_ipv4(0xc0000201), {22, TRANSPORT_TCP}},
                                         {address_from_ipv4(0xc0000202), {23, TRANSPORT_TCP}},
                                         {address_from_ipv4(0xc0000203), {24, TRANSPORT_TCP}}};
    static const struct {
        uint32_t address;
        uint16_t port;
        enum refusal right;
    } cases[] = {{0xc0000202, 23, REFUSAL_NONE},     {0xc0000242, 23, REFUSAL_EXCLUDED},
                 {0xc0000282, 23, REFUSAL_FRAGILE},  {0xc0000302, 23, REFUSAL_NOT_IN_SCOPE},
                 {0xc0000202, 9100, REFUSAL_PORT},   {0xc0000202, 0, REFUSAL_PORT},
                 {0xcb007109, 23, REFUSAL_EXCLUDED}, {0xc0000203, 23, REFUSAL_NONE}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        requests[1].address = address_from_ipv4(cases[i].address);
        requests[1].port.number = cases[i].port;
        assert_int_equal(authorization_permits(authorization, requests, 3, JUNE, &permits, &refused),
                         cases[i].right);
        assert_int_equal(permits ? permits_count(permits) : 0, cases[i].right == REFUSAL_NONE ? 3 : 0);
        assert_true(cases[i].right == REFUSAL_NONE || refused == 1);
    }
    assert_int_equal(
        authorization_permits(authorization, requests, 3, JUNE + 366 * 86400, &permits, &refused),
        REFUSAL_EXPIRED);
    assert_null(permits);
    dismiss(&scope, authorization);
}

/* What a random scope holds, as flags: 768 addresses of IPv4 and 256 of IPv6, and all ports below 64. */
enum { V4 = 768, ADDRESSES = V4 + 256, PORTS = 64 };

struct model {
    int owner[ADDRESSES];
    bool excluded[ADDRESSES], fragile[ADDRESSES];
    bool limited, allowed[2][PORTS], barred[2][PORTS];
};

static struct address address_of(uint64_t i)
{
    if (i < V4)
        return address_from_ipv4((uint32_t)(0x0a000000 + i));
    return address_add((struct address){UINT64_C(0x20010db800000000), 0}, i - V4);
}

/* One range of the model's addresses in the file's words; never across the families. */
static void print_range(FILE *out, uint64_t first, uint64_t last)
{
    char text[2][ADDRESS_TEXT_MAX];
    address_format(address_of(first), text[0]);
    address_format(address_of(last), text[1]);
    if (first == last)
        fprintf(out, "\"%s\"", text[0]);
    else
        fprintf(out, "\"%s-%s\"", text[0], text[1]);
}

static void choose_range(struct random *random, uint64_t longest, uint64_t *first_out, uint64_t *last_out)
{
    *first_out = random_below(random, ADDRESSES);
    *last_out = *first_out + random_below(random, longest);
    if (*first_out < V4 && *last_out >= V4)
        *last_out = V4 - 1;
    if (*last_out >= ADDRESSES)
        *last_out = ADDRESSES - 1;
}

static void print_exclusions(FILE *out, struct random *random, struct model *model)
{
    fputs("\"exclude\": [", out);
    for (uint64_t i = 0, count = random_below(random, 6); i < count; i++) {
        uint64_t first, last;
        choose_range(random, 60, &first, &last);
        fputs(i ? ", " : "", out);
        print_range(out, first, last);
        memset(model->excluded + first, true, last - first + 1);
    }
    fputs("], ", out);
}

static void print_ports(FILE *out, struct random *random, const char *key, bool flags[2][PORTS])
{
    fprintf(out, ", \"%s\": \"", key);
    for (uint64_t i = 0, count = 1 + random_below(random, 5); i < count; i++) {
        uint64_t first = 1 + random_below(random, PORTS - 1);
        uint64_t last = first + random_below(random, PORTS - first);
        uint64_t transport = random_below(random, 2);
        fprintf(out, "%s%d-%d%s", i ? "," : "", (int)first, (int)last, transport ? "/udp" : "");
        memset(flags[transport] + first, true, last - first + 1);
    }
    fputc('"', out);
}

/* Ranges that no other organization has yet; the last of them begins the fragile ones. */
static void print_organization(FILE *out, struct random *random, struct model *model, int number)
{
    uint64_t first = 0, last = 0, kept = 0;
    fprintf(out, "%s{ \"id\": \"h%d\", \"name\": \"n\", \"ranges\": [", number ? ", " : "", number);
    while (kept == 0)
        for (int tries = 0; tries < 5; tries++) {
            choose_range(random, 60, &first, &last);
            bool taken = false;
            for (uint64_t i = first; i <= last; i++)
                taken |= model->owner[i] >= 0 && model->owner[i] != number;
            if (taken)
                continue;
            fputs(kept++ ? ", " : "", out);
            print_range(out, first, last);
            for (uint64_t i = first; i <= last; i++)
                model->owner[i] = number;
        }
    fputs("], \"fragile\": [", out);
    for (uint64_t i = 0, begun = 0; i < ADDRESSES; i++) {
        if (model->owner[i] != number || !random_chance(random, 10))
            continue;
        fputs(begun++ ? ", " : "", out);
        print_range(out, i, i);
        model->fragile[i] = true;
    }
    fputs("] }", out);
}

static char *print_scope(struct random *random, struct model *model, size_t *size_out)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size_out);
    assert_non_null(out);
    memset(model, 0, sizeof *model);
    memset(model->owner, -1, sizeof model->owner);
    fputs("{ \"auscult\": 1, ", out);
    print_exclusions(out, random, model);
    fputs(
        "\"authorization\": { \"reference\": \"r\", \"authorized_by\": \"a\", \"contact\": \"c\", " YEAR_2026
        "\"UTC\"",
        out);
    model->limited = random_chance(random, 2);
    if (model->limited)
        print_ports(out, random, "ports", model->allowed);
    if (random_chance(random, 2))
        print_ports(out, random, "exclude_ports", model->barred);
    fputs(" }, \"organizations\": [", out);
    for (int i = 0, count = 1 + (int)random_below(random, 5); i < count; i++)
        print_organization(out, random, model, i);
    fputs("] }", out);
    fclose(out);
    return text;
}

static bool plain_port(const struct model *model, struct port port)
{
    return port.number != 0 && !model->barred[port.transport][port.number] &&
           (!model->limited || model->allowed[port.transport][port.number]);
}

static enum refusal plain_refusal(const struct model *model, uint64_t i, struct port port)
{
    if (model->excluded[i])
        return REFUSAL_EXCLUDED;
    if (model->owner[i] < 0)
        return REFUSAL_NOT_IN_SCOPE;
    return plain_port(model, port) ? REFUSAL_NONE : REFUSAL_PORT;
}

static void assert_permit(struct authorization *authorization, const struct scope *scope,
                          const struct model *model, uint64_t i, struct port port)
{
    const struct permit *permit;
    enum refusal right = plain_refusal(model, i, port);
    assert_int_equal(authorization_permit(authorization, address_of(i), port, JUNE, &permit), right);
    assert_int_equal(permit != NULL, right == REFUSAL_NONE);
    if (!permit)
        return;
    assert_ptr_equal(permit_organization(permit), &scope->organizations[model->owner[i]]);
    assert_int_equal(permit_manner(permit), model->fragile[i] ? MANNER_FRAGILE : MANNER_NORMAL);
    authorization_release(authorization, permit);
}

/* Requests that are swept, but for one in a place of its own that may be refused. */
static void assert_batch(struct authorization *authorization, const struct model *model,
                         struct random *random)
{
    static struct permits_request requests[PERMITS_MAX];
    const struct permits *permits;
    size_t count = 0, refused;
    enum refusal right = REFUSAL_NONE;
    for (int tries = 0; tries < 400 && count < PERMITS_MAX; tries++) {
        uint64_t number = random_below(random, ADDRESSES);
        struct port port = {(uint16_t)random_below(random, PORTS), TRANSPORT_TCP};
        enum refusal alone = plain_refusal(model, number, port);
        if (alone == REFUSAL_NONE && model->fragile[number])
            alone = REFUSAL_FRAGILE;
        if (alone != REFUSAL_NONE && (right != REFUSAL_NONE || !random_chance(random, 200)))
            continue;
        requests[count++] = (struct permits_request){address_of(number), port};
        right = alone != REFUSAL_NONE ? alone : right;
    }
    assert_int_equal(authorization_permits(authorization, requests, count, JUNE, &permits, &refused), right);
    assert_int_equal(permits != NULL, right == REFUSAL_NONE);
    assert_true(right == REFUSAL_NONE || refused < count);
    for (size_t i = 0; permits && i < permits_count(permits); i++) {
        assert_int_equal(address_compare(permits_address(permits, i), requests[i].address), 0);
        assert_int_equal(permits_port(permits, i).number, requests[i].port.number);
    }
    assert_true(!permits || permits_count(permits) == count);
}

static void assert_plan(const struct authorization *authorization, const struct model *model)
{
    struct ranges addresses;
    struct ports wanted, ports;
    uint64_t count = 0;
    assert_int_equal(authorization_addresses(authorization, &addresses), STATUS_OK);
    for (uint64_t i = 0; i < ADDRESSES; i++) {
        bool right = model->owner[i] >= 0 && !model->excluded[i];
        assert_int_equal(ranges_contain(&addresses, address_of(i)), right);
        count += right;
    }
    assert_true(ranges_size(&addresses) == count);
    ports_init(&wanted);
    for (uint16_t number = 1; number < PORTS; number++)
        for (int transport = 0; transport < 2; transport++)
            assert_int_equal(ports_add(&wanted, number, (enum transport)transport), STATUS_OK);
    assert_int_equal(authorization_ports(authorization, &wanted, &ports), STATUS_OK);
    for (uint16_t number = 1; number < PORTS; number++)
        for (int transport = 0; transport < 2; transport++) {
            bool right =
                !model->barred[transport][number] && (!model->limited || model->allowed[transport][number]);
            assert_int_equal(ports_contain(&ports, number, (enum transport)transport), right);
        }
    ranges_deinit(&addresses);
    ports_deinit(&wanted);
    ports_deinit(&ports);
}

static bool any_holds(const struct prefix *prefixes, size_t count, struct address address)
{
    for (size_t i = 0; i < count; i++)
        if (prefix_holds(prefixes[i], address))
            return true;
    return false;
}

/* The model's addresses, and those right beside them. */
static void assert_table(const struct authorization *authorization, const struct model *model)
{
    struct authorization_table *table;
    assert_int_equal(authorization_table_new(authorization, &table), STATUS_OK);
    size_t granted_count, denied_count;
    const struct prefix *granted = authorization_table_granted(table, &granted_count);
    const struct prefix *denied = authorization_table_denied(table, &denied_count);
    for (uint64_t i = 0; i < ADDRESSES; i++) {
        bool right = model->owner[i] >= 0 && !model->excluded[i] && !model->fragile[i];
        bool allowed = any_holds(granted, granted_count, address_of(i)) &&
                       !any_holds(denied, denied_count, address_of(i));
        assert_int_equal(allowed, right);
    }
    assert_false(any_holds(granted, granted_count, address_from_ipv4(0x0a000000 + V4)));
    assert_false(any_holds(granted, granted_count, address_from_ipv4(0x0a000000 - 1)));
    for (uint16_t number = 0; number < PORTS; number++)
        assert_int_equal(authorization_table_port(table, number),
                         plain_port(model, (struct port){number, TRANSPORT_TCP}));
    authorization_table_free(&table);
    assert_null(table);
}

static void permits_agree_with_a_model(void **state)
{
    (void)state;
    struct random random = {71};
    static struct model model;
    size_t granted = 0, asked = 0;
    for (int round = 0; round < 600; round++) {
        size_t size;
        struct scope scope;
        struct complaints complaints;
        struct authorization *authorization;
        char *text = print_scope(&random, &model, &size);
        complaints_init(&complaints, "s");
        assert_int_equal(scope_parse(&scope, text, size, &complaints), STATUS_OK);
        assert_int_equal(authorization_new(&scope, &authorization), STATUS_OK);
        for (int i = 0; i < 100; i++, asked++) {
            uint64_t number = random_below(&random, ADDRESSES);
            struct port port = {(uint16_t)random_below(&random, PORTS), (uint8_t)random_below(&random, 2)};
            assert_permit(authorization, &scope, &model, number, port);
            granted += plain_refusal(&model, number, port) == REFUSAL_NONE;
        }
        assert_batch(authorization, &model, &random);
        assert_plan(authorization, &model);
        assert_table(authorization, &model);
        dismiss(&scope, authorization);
        complaints_deinit(&complaints);
        free(text);
    }
    assert_true(asked == 60000 && granted > 2000);
}

static void refusals_have_words(void **state)
{
    (void)state;
    for (enum refusal refusal = REFUSAL_NONE; refusal <= REFUSAL_FRAGILE; refusal++)
        assert_true(strlen(refusal_text(refusal)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_scope_holds_is_allowed),
        cmocka_unit_test(printers_are_left_alone_unless_asked_for),
        cmocka_unit_test(a_permit_says_for_what_it_is),
        cmocka_unit_test(permits_are_used_again),
        cmocka_unit_test(a_permit_given_back_twice_is_given_out_once),
        cmocka_unit_test(a_batch_is_granted_whole_or_not_at_all),
        cmocka_unit_test(permits_agree_with_a_model),
        cmocka_unit_test(refusals_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
