#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ether.h"
#include "model.h"

/* Random scopes, each held against its model in all that a scan lets out by: the permits, the table that the kernel's
   program decides by alone, the plan of each shard, and the sweep's attempts. test_scopes [COUNT [FIRST]]. */

#define SCOPES_DEFAULT 600
#define NOW_S          INT64_C(1780000000) /* May 2026 */
#define ATTEMPTS_MAX   3
#define MARKS          256

static uint64_t scopes_count = SCOPES_DEFAULT, scopes_first;

/* What all of a run came to, so that it can be seen that something was tried. */
static struct {
    uint64_t decisions, granted, denied, steps, frames, empty;
} tally;

struct trial {
    struct model model;
    struct scope scope;
    struct authorization *authorization;
    struct ports wanted;
    uint8_t asked[MODEL_PLACES][MODEL_PORTS]; /* SYNs */
    enum nature natures[MODEL_PLACES][MODEL_PORTS];
    unsigned attempts;
};

/* The world that a sweep meets; cmocka's tests are functions without an argument of their own. */
static const struct trial *meeting;

static int place_of(const struct model *model, struct address address)
{
    for (int i = 0; i < MODEL_PLACES; i++)
        if (address_compare(model->addresses[i], address) == 0)
            return i;
    fail_msg("an address of nowhere in %s", model->text);
    return -1;
}

static int port_of(const struct model *model, uint16_t number)
{
    for (int i = 0; i < MODEL_PORTS; i++)
        if (model->ports[i] == number)
            return i;
    return -1; /* the model's lists name ports between its own */
}

#define assert_right(trial, right)                                                                           \
    do {                                                                                                     \
        if (!(right))                                                                                        \
            fail_msg("%s, ports %s, in %s", #right, (trial)->model.wanted_text, (trial)->model.text);        \
    } while (0)

static void begin(struct trial *trial, uint64_t number)
{
    struct complaints complaints;
    const char *why = "";
    size_t at = 0;
    memset(trial, 0, sizeof *trial);
    model_make(&trial->model, number);
    complaints_init(&complaints, "scope");
    enum status status =
        scope_parse(&trial->scope, trial->model.text, strlen(trial->model.text), &complaints);
    if (status != STATUS_OK)
        fail_msg("%s: %s", trial->model.text, complaints.count ? complaints.items[0].text : "no complaint");
    complaints_deinit(&complaints);
    assert_int_equal(authorization_new(&trial->scope, &trial->authorization), STATUS_OK);
    ports_init(&trial->wanted);
    assert_int_equal(ports_parse(&trial->wanted, trial->model.wanted_text, &why, &at), STATUS_OK);
    trial->attempts = 1 + (unsigned)model_below(&trial->model, ATTEMPTS_MAX);
    for (int i = 0; i < MODEL_PLACES; i++)
        for (int j = 0; j < MODEL_PORTS; j++)
            trial->natures[i][j] = (enum nature)model_below(&trial->model, 4);
}

static void end(struct trial *trial)
{
    ports_deinit(&trial->wanted);
    authorization_free(&trial->authorization);
    scope_deinit(&trial->scope);
}

/* --- permits --- */

static void check_permit(struct trial *trial, int place, struct port port, bool allowed)
{
    const struct model *model = &trial->model;
    const struct permit *permit = NULL;
    enum refusal refusal =
        authorization_permit(trial->authorization, model->addresses[place], port, NOW_S, &permit);
    bool right = model_grants(model, place) && allowed;
    assert_right(trial, (refusal == REFUSAL_NONE) == right && (permit != NULL) == right);
    if (permit) {
        enum manner manner = model->fragile[place] ? MANNER_FRAGILE : MANNER_NORMAL;
        assert_right(trial, permit_manner(permit) == manner);
        assert_right(trial, permit_organization(permit)->id[1] - '0' == model->owners[place]);
    }
    authorization_release(trial->authorization, permit);
    const struct permits_request request = {model->addresses[place], port};
    const struct permits *permits;
    size_t refused;
    refusal = authorization_permits(trial->authorization, &request, 1, NOW_S, &permits, &refused);
    assert_right(trial, (refusal == REFUSAL_NONE) == (right && !model->fragile[place]));
    tally.decisions += 2;
    tally.granted += right;
}

static void check_permits(struct trial *trial)
{
    for (int i = 0; i < MODEL_PLACES; i++) {
        for (int j = 0; j < MODEL_PORTS; j++)
            check_permit(trial, i, (struct port){trial->model.ports[j], TRANSPORT_TCP},
                         trial->model.allowed[j]);
        check_permit(trial, i, (struct port){4000, TRANSPORT_UDP}, trial->model.udp_allowed);
        check_permit(trial, i, (struct port){0, TRANSPORT_TCP}, false);
    }
}

/* --- the table alone, as the program in the kernel has it: no permit is asked for --- */

/* A longest-prefix match finds one exactly where any of them holds the address: compared bit by bit. */
static bool any_holds(const struct prefix *prefixes, size_t count, struct address address)
{
    for (size_t i = 0; i < count; i++) {
        unsigned bit = 0;
        for (; bit < prefixes[i].length; bit++) {
            uint64_t ours = bit < 64 ? prefixes[i].address.high : prefixes[i].address.low;
            uint64_t theirs = bit < 64 ? address.high : address.low;
            if ((ours ^ theirs) >> (63 - bit % 64) & 1)
                break;
        }
        if (bit == prefixes[i].length)
            return true;
    }
    return false;
}

static void check_table(struct trial *trial)
{
    const struct model *model = &trial->model;
    struct authorization_table *table;
    size_t granted_count, denied_count;
    assert_int_equal(authorization_table_new(trial->authorization, &table), STATUS_OK);
    const struct prefix *granted = authorization_table_granted(table, &granted_count);
    const struct prefix *denied = authorization_table_denied(table, &denied_count);
    for (int i = 0; i < MODEL_PLACES; i++) {
        bool found = any_holds(granted, granted_count, model->addresses[i]) &&
                     !any_holds(denied, denied_count, model->addresses[i]);
        assert_right(trial, found == (model_grants(model, i) && !model->fragile[i]));
        tally.decisions++;
        tally.denied += !found;
    }
    for (int j = 0; j < MODEL_PORTS; j++)
        assert_right(trial, authorization_table_port(table, model->ports[j]) == model->allowed[j]);
    assert_right(trial, !authorization_table_port(table, 0));
    authorization_table_free(&table);
}

/* --- the plan, in shards: each target once --- */

static void note(struct trial *trial, const struct plan *plan, enum plan_part part, uint64_t step,
                 uint8_t count)
{
    struct address address;
    struct port port;
    plan_draw(plan, part, step, &address, &port);
    int place = place_of(&trial->model, address), at = port_of(&trial->model, port.number);
    uint64_t number = plan_number(plan, address, port);
    struct address again;
    struct port port_again;
    assert_right(trial, number < plan->total && port.transport == TRANSPORT_TCP);
    plan_target(plan, number, &again, &port_again);
    assert_right(trial, address_compare(address, again) == 0 && port.number == port_again.number);
    assert_right(trial, part == PLAN_ASKED || plan_step(plan, address, port.number) == step);
    assert_right(trial, trial->model.fragile[place] ? part == PLAN_ASKED : true);
    if (at >= 0)
        trial->asked[place][at] += count;
    tally.steps++;
}

static void answered(void *context, const struct wire_reply *reply, enum endpoint_state state)
{
    (void)context;
    (void)reply;
    (void)state;
}

static enum nature nature_of(struct address address, uint16_t number)
{
    int at = port_of(&meeting->model, number);
    return at < 0 ? NATURE_CLOSED : meeting->natures[place_of(&meeting->model, address)][at];
}

/* All attempts of a shard's sweep, over a window of marks that it outgrows. */
static void sweep_shard(struct trial *trial, const struct plan *plan)
{
    struct ether ether;
    static struct sweep sweep;
    int64_t now_ns = 1;
    struct networks networks;
    const struct sweep_options options = {trial->attempts, 900, &networks, 0};
    const struct sweep_listener listener = {NULL, answered};
    ether_init(&ether, plan, MARKS);
    ether.nature = nature_of;
    ether.sweep = &sweep;
    meeting = trial;
    assert_int_equal(networks_init(&networks, model_below(&trial->model, 3) ? 0 : 1000), STATUS_OK);
    assert_int_equal(sweep_init(&sweep, plan, &ether.wire, &options, &listener), STATUS_OK);
    for (int turns = 0; !sweep_over(&sweep); turns++) {
        uint32_t frames;
        bool more;
        ether.now_ns = now_ns;
        assert_int_equal(sweep_send(&sweep, 1 + (uint32_t)model_below(&trial->model, 300), now_ns, &frames),
                         STATUS_OK);
        assert_int_equal(ether.wire.hear(&ether.wire, &more), STATUS_OK);
        int64_t wake_ns = sweep_wake(&sweep);
        now_ns = wake_ns != INT64_MAX && wake_ns > now_ns ? wake_ns : now_ns;
        assert_right(trial, turns < 100000);
    }
    for (uint64_t step = 0; step < plan_size(plan, PLAN_SWEPT); step++) {
        note(trial, plan, PLAN_SWEPT, step, ether.sent[step]);
        tally.frames += ether.sent[step];
    }
    sweep_deinit(&sweep);
    networks_deinit(&networks);
    ether_deinit(&ether);
}

/* Asked once; swept: the silent as often as there are attempts, whoever answers once. */
static uint8_t budget_of(const struct trial *trial, int place, int port, bool sweep)
{
    const struct model *model = &trial->model;
    if (!model_grants(model, place) || !model->allowed[port] || !model->wanted[port])
        return 0;
    bool silent = sweep && !model->fragile[place] && trial->natures[place][port] == NATURE_SILENT;
    return (uint8_t)(silent ? trial->attempts : 1);
}

static void check_asked(const struct trial *trial, bool sweep)
{
    bool nothing = true;
    for (int i = 0; i < MODEL_PLACES; i++)
        for (int j = 0; j < MODEL_PORTS; j++) {
            uint8_t budget = budget_of(trial, i, j, sweep);
            if (trial->asked[i][j] != budget)
                fail_msg("%s port %u: %u SYNs for %u, ports %s, in %s", trial->model.texts[i],
                         trial->model.ports[j], trial->asked[i][j], budget, trial->model.wanted_text,
                         trial->model.text);
            nothing &= budget == 0;
        }
    tally.empty += nothing;
}

/* The census of all shards counts the same for each organization. */
static void check_census(const struct trial *trial, const struct plan *plan, const uint64_t *counts)
{
    const struct model *model = &trial->model;
    for (size_t owner = 0; owner < trial->scope.organizations_count; owner++) {
        uint64_t hosts = 0;
        for (int i = 0; i < MODEL_PLACES; i++)
            hosts += model->owners[i] == (int)owner && !model->excluded[i];
        for (size_t port = 0; port < plan->ports.count; port++)
            assert_right(trial, counts[owner * plan->ports.count + port] == hosts);
    }
}

static void check_plan(struct trial *trial, bool sweep)
{
    uint32_t shards = (uint32_t)(1 + model_below(&trial->model, 4));
    uint64_t seed = model_below(&trial->model, UINT32_MAX);
    uint64_t *counts = NULL;
    memset(trial->asked, 0, sizeof trial->asked);
    for (uint32_t shard = 1; shard <= shards; shard++) {
        struct plan plan;
        assert_int_equal(plan_init(&plan, trial->authorization, &trial->wanted, seed, shard, shards, sweep),
                         STATUS_OK);
        counts = counts ? counts
                        : calloc(trial->scope.organizations_count * (plan.ports.count + 1), sizeof *counts);
        assert_non_null(counts);
        assert_int_equal(plan_census(&plan, &trial->scope, counts), STATUS_OK);
        for (uint64_t step = 0; step < plan_size(&plan, PLAN_ASKED); step++)
            note(trial, &plan, PLAN_ASKED, step, 1);
        if (plan_size(&plan, PLAN_SWEPT))
            sweep_shard(trial, &plan);
        if (shard == shards)
            check_census(trial, &plan, counts);
        plan_deinit(&plan);
    }
    free(counts);
    check_asked(trial, sweep);
}

static void all_that_goes_out_is_the_models(void **state)
{
    (void)state;
    for (uint64_t number = scopes_first; number < scopes_first + scopes_count; number++) {
        static struct trial trial;
        begin(&trial, number);
        check_permits(&trial);
        check_table(&trial);
        check_plan(&trial, false);
        check_plan(&trial, true);
        end(&trial);
    }
    assert_true(tally.granted > scopes_count && tally.denied > scopes_count && tally.frames > scopes_count);
    assert_true(tally.empty < scopes_count); /* of two plans each */
    printf("%llu scopes from %llu on: %llu decisions, %llu of them grants; %llu targets drawn, %llu frames; "
           "%llu plans of %llu were empty\n",
           (unsigned long long)scopes_count, (unsigned long long)scopes_first,
           (unsigned long long)tally.decisions, (unsigned long long)tally.granted,
           (unsigned long long)tally.steps, (unsigned long long)tally.frames, (unsigned long long)tally.empty,
           (unsigned long long)scopes_count * 2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_goes_out_is_the_models),
    };
    scopes_count = argc > 1 ? strtoull(argv[1], NULL, 10) : SCOPES_DEFAULT;
    scopes_first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
