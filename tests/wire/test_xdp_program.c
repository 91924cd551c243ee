#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "scanner/clock.h"
#include "scanner/wire_xdp.h"
#include "targets/permutation.h"
#include "tests/scanner/scene.h"

#include <wire.skel.h>

/* The program as it runs in the kernel, one run at a time and without live frames: nothing leaves the machine. */

#define LOOPBACK 1
#define SKIPPED  77

static uint64_t drawn;

static uint64_t below(uint64_t bound)
{
    return permutation_mix(++drawn) % bound;
}

struct trial {
    struct scene scene;
    struct plan plan;
    struct xdp_ways ways;
    struct syn_template templates[8]; /* of each hop */
    struct wire_settings settings;
    struct wire_bpf *program;
};

static void read_ports(struct ports *ports, const char *list)
{
    const char *why = "";
    size_t at = 0;
    ports_init(ports);
    assert_int_equal(ports_parse(ports, list, &why, &at), STATUS_OK);
}

static uint32_t add_way(struct trial *trial, const char *source, enum xdp_way way)
{
    struct syn_template syn;
    struct syn_link link = {{2, 0, 0, 0, 0, (uint8_t)below(256)}, {2, 0, 0, 0, 1, 1}};
    struct address from;
    uint32_t hop = 0;
    assert_true(address_parse(source, strlen(source), &from));
    assert_int_equal(syn_template_init(&syn, &link, from, 1500, (uint32_t)below(UINT32_MAX)), STATUS_OK);
    assert_int_equal(xdp_ways_add(&trial->ways, &syn, LOOPBACK, way, &hop), STATUS_OK);
    trial->templates[hop] = syn;
    return hop;
}

/* Two ways for each family; ranges are cut in two so that both are taken. */
static void make_ways(struct trial *trial, enum xdp_way first)
{
    const struct order *order = &trial->plan.orders[PLAN_SWEPT];
    struct xdp_ways *ways = &trial->ways;
    memset(ways, 0, sizeof *ways);
    uint32_t hops[2][2] = {
        {add_way(trial, "203.0.113.1", first), add_way(trial, "203.0.113.9", XDP_WAY_ROUTER)},
        {add_way(trial, "2001:db8:f::1", first), add_way(trial, "2001:db8:f::9", XDP_WAY_ROUTER)}};
    for (size_t i = 0; i < order->addresses.count; i++) {
        struct range range = order->addresses.items[i];
        uint64_t before = order->index.before[i], half = range_size(range) / 2;
        uint32_t *pair = hops[!address_is_ipv4(range.first)];
        assert_int_equal(xdp_ways_piece(ways, range.first, before, pair[0]), STATUS_OK);
        if (half)
            assert_int_equal(xdp_ways_piece(ways, address_add(range.first, half), before + half, pair[1]),
                             STATUS_OK);
    }
}

/* A plan of one scene's scope under the authorization of another. */
static void trial_init(struct trial *trial, const char *ranges, const char *gate_ranges, const char *others,
                       const char *list, enum xdp_way first)
{
    char organizations[4096], why[WIRE_WHY_MAX];
    struct scene planned;
    struct ports wanted;
    const char form[] = "[{\"id\":\"h1\",\"name\":\"H\",\"ranges\":[%s]}]";
    snprintf(organizations, sizeof organizations, form, ranges);
    scene_init(&planned, organizations, ",\"exclude_ports\":\"\"", "");
    snprintf(organizations, sizeof organizations, form, gate_ranges);
    scene_init(&trial->scene, organizations, ",\"exclude_ports\":\"9100-9107\"", others);
    read_ports(&wanted, list);
    uint32_t shards = (uint32_t)(1 + below(3)), shard = (uint32_t)(1 + below(shards));
    assert_int_equal(
        plan_init(&trial->plan, planned.authorization, &wanted, below(UINT64_MAX), shard, shards, true),
        STATUS_OK);
    ports_deinit(&wanted);
    scene_deinit(&planned);
    make_ways(trial, first);
    trial->settings = (struct wire_settings){
        .plan = &trial->plan, .authorization = trial->scene.authorization, .marks_size = XDP_MARKS_PAGE};
    for (int i = 0; i < 16; i++)
        trial->settings.key[i] = (uint8_t)below(256);
    assert_int_equal(xdp_program_new(&trial->settings, &trial->ways, &trial->program, why), STATUS_OK);
}

static void trial_deinit(struct trial *trial)
{
    wire_bpf__destroy(trial->program);
    xdp_ways_deinit(&trial->ways);
    plan_deinit(&trial->plan);
    scene_deinit(&trial->scene);
}

/* Runs one step; its fate, and the frame where there is one. */
static enum xdp_fate run(struct trial *trial, uint64_t step, uint32_t attempt, uint8_t frame[SYN_FRAME_MAX],
                         uint32_t *size_out)
{
    uint8_t dirt[SYN_FRAME_MAX], out[256];
    struct xdp_state *state = &trial->program->bss->state;
    memset(dirt, 0xa5, sizeof dirt);
    state->first = step;
    state->attempt = attempt;
    state->done = state->stopped = 0;
    struct bpf_test_run_opts options = {.sz = sizeof options,
                                        .data_in = dirt,
                                        .data_size_in = sizeof dirt,
                                        .data_out = out,
                                        .data_size_out = sizeof out,
                                        .repeat = 1};
    assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(trial->program->progs.wire), &options), 0);
    assert_int_equal(state->done, 1);
    enum xdp_fate fate = state->fates[0];
    assert_int_equal(options.retval, fate == XDP_FATE_SENT ? XDP_REDIRECT : XDP_DROP);
    assert_int_equal(state->stopped, fate == XDP_FATE_REFUSED || fate == XDP_FATE_BROKEN);
    assert_true(fate != XDP_FATE_SENT || options.data_size_out <= SYN_FRAME_MAX);
    if (fate == XDP_FATE_SENT)
        memcpy(frame, out, options.data_size_out);
    *size_out = options.data_size_out;
    return fate;
}

static uint32_t hop_of(const struct trial *trial, struct address address)
{
    uint64_t number = ranges_index_of(&trial->plan.orders[PLAN_SWEPT].index, address);
    size_t at = 0;
    while (at + 1 < trial->ways.pieces_count && trial->ways.pieces[at + 1].before <= number)
        at++;
    return trial->ways.pieces[at].hop;
}

static const char *const plans[] = {
    "\"192.0.2.0/24\"",
    "\"192.0.2.7\"",
    "\"10.0.0.0/16\",\"192.0.2.3-192.0.2.77\"",
    "\"2001:db8::/112\"",
    "\"10.0.0.0/12\",\"2001:db8::ffff:ffff:ffff:fff0-2001:db8:0:1::5\",\"2001:db8:1::/110\",\"192.0.2.1\"",
    "\"10.1.0.1\",\"10.1.0.3\",\"10.1.0.5\",\"10.1.0.7\",\"10.1.0.9\",\"10.1.0.11\",\"2001:db8::1\"",
};
static const char *const lists[] = {"80", "22,80,443", "1-1000", "21-25,80,443,3306,8000-8100"};

/* Every step of a plan: the target of its order, and the frame that syn_write makes. */
static void frames_are_those_of_the_template(void **state)
{
    (void)state;
    for (int round = 0; round < 48; round++) {
        struct trial trial;
        const char *ranges = plans[round % 6];
        trial_init(&trial, ranges, ranges, "", lists[below(4)], XDP_WAY_ROUTER);
        struct siphash_key key;
        memcpy(&key, trial.settings.key, sizeof key);
        uint64_t steps = plan_size(&trial.plan, PLAN_SWEPT);
        for (int i = 0; i < 200 && steps; i++) {
            uint64_t step = below(steps);
            uint32_t attempt = (uint32_t)(1 + below(WIRE_ATTEMPTS_MAX)), size = 0;
            uint8_t frame[SYN_FRAME_MAX], right[SYN_FRAME_MAX];
            struct address address;
            struct port port;
            plan_draw(&trial.plan, PLAN_SWEPT, step, &address, &port);
            const struct syn_template *syn = &trial.templates[hop_of(&trial, address)];
            assert_int_equal(run(&trial, step, attempt, frame, &size), XDP_FATE_SENT);
            assert_int_equal(size, syn->size);
            syn_write(syn, &key, address, port.number, attempt, right);
            assert_memory_equal(frame, right, size);
        }
        trial_deinit(&trial);
    }
}

/* The plan asks more than the scope holds: the frame is made exactly where a permit would be given. */
static void a_wrong_plan_gets_no_frame_out(void **state)
{
    (void)state;
    uint64_t refused = 0, sent = 0;
    for (int round = 0; round < 40; round++) {
        struct trial trial;
        char gate[512], others[512];
        unsigned from = (unsigned)below(200), to = from + (unsigned)below(56), out = (unsigned)below(256);
        snprintf(gate, sizeof gate,
                 "\"192.0.2.%u-192.0.2.%u\",\"2001:db8::%x-2001:db8::%x\"],\"fragile\":[\"192.0.2.%u\"", from,
                 to, from, to, from + (unsigned)below(to - from + 1));
        snprintf(others, sizeof others,
                 "\"exclude\":[\"192.0.2.%u-192.0.2.255\",\"2001:db8::%x\",\"198.51.100.0/24\"],", out,
                 from + (unsigned)below(to - from + 1));
        trial_init(&trial, "\"192.0.0.0/21\",\"2001:db8::/119\"", gate, others, "22,80,443,9100-9103",
                   XDP_WAY_ROUTER);
        for (int i = 0; i < 400; i++) {
            struct address address;
            struct port port;
            const struct permit *permit;
            uint8_t frame[SYN_FRAME_MAX];
            uint32_t size;
            uint64_t step = below(plan_size(&trial.plan, PLAN_SWEPT));
            plan_draw(&trial.plan, PLAN_SWEPT, step, &address, &port);
            enum refusal refusal = authorization_permit(trial.scene.authorization, address, port,
                                                        clock_epoch_ms() / 1000, &permit);
            bool right = refusal == REFUSAL_NONE && permit_manner(permit) == MANNER_NORMAL;
            authorization_release(trial.scene.authorization, permit);
            enum xdp_fate fate = run(&trial, step, 1, frame, &size);
            assert_int_equal(fate, right ? XDP_FATE_SENT : XDP_FATE_REFUSED);
            refused += !right;
            sent += right;
        }
        trial_deinit(&trial);
    }
    assert_true(sent > 100 && refused > 1000);
}

/* Once refused, all that follows is refused too, until somebody begins anew. */
static void a_refusal_ends_the_run(void **state)
{
    (void)state;
    struct trial trial;
    uint8_t out[256], in[SYN_FRAME_MAX] = {0};
    trial_init(&trial, "\"192.0.2.0/24\"", "\"192.0.2.0/25\"", "", "80", XDP_WAY_ROUTER);
    struct xdp_state *program = &trial.program->bss->state;
    uint32_t steps = (uint32_t)plan_size(&trial.plan, PLAN_SWEPT);
    struct bpf_test_run_opts options = {
        .sz = sizeof options, .data_in = in, .data_size_in = sizeof in, .data_out = out, .repeat = 1};
    program->attempt = 1;
    bool refused = false;
    for (uint32_t i = 0; i < steps; i++) {
        options.data_size_out = sizeof out;
        assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(trial.program->progs.wire), &options), 0);
        refused |= program->fates[i] == XDP_FATE_REFUSED;
        assert_int_equal(program->fates[i], refused ? XDP_FATE_REFUSED : XDP_FATE_SENT);
    }
    assert_true(refused);
    trial_deinit(&trial);
}

static void the_gate_is_frozen(void **state)
{
    (void)state;
    struct trial trial;
    struct xdp_prefix all = {.length = 0};
    uint8_t there = 1;
    trial_init(&trial, "\"192.0.2.0/24\"", "\"192.0.2.0/25\"", "\"exclude\":[\"192.0.2.1\"],", "80",
               XDP_WAY_ROUTER);
    assert_true(bpf_map_update_elem(bpf_map__fd(trial.program->maps.granted), &all, &there, BPF_ANY) != 0);
    assert_true(bpf_map_delete_elem(bpf_map__fd(trial.program->maps.denied), &all) != 0);
    trial_deinit(&trial);
}

static void marks_and_ways_decide(void **state)
{
    (void)state;
    struct trial trial;
    uint8_t frame[SYN_FRAME_MAX], unknown = 0;
    uint32_t size, page = 0;
    trial_init(&trial, "\"192.0.2.0/24\"", "\"192.0.2.0/24\"", "", "80", XDP_WAY_LINK);
    struct address first = {0, UINT64_C(0xffffc0000200)};
    const uint8_t hardware[6] = {2, 9, 8, 7, 6, 5};
    uint64_t step = UINT64_MAX;
    while (step == UINT64_MAX) {
        step = plan_step(&trial.plan, first, 80);
        if (step == UINT64_MAX) /* another shard's */
            first.low++;
    }
    assert_int_equal(run(&trial, step, 1, frame, &size), XDP_FATE_UNRESOLVED);
    assert_int_equal(xdp_program_acquaint(trial.program, first, hardware), STATUS_OK);
    assert_int_equal(run(&trial, step, 1, frame, &size), XDP_FATE_SENT);
    assert_memory_equal(frame, hardware, 6);
    static struct xdp_marks marks;
    marks.bytes[step % XDP_MARKS_PAGE] = 1;
    assert_int_equal(bpf_map_update_elem(bpf_map__fd(trial.program->maps.marks), &page, &marks, 0), 0);
    assert_int_equal(run(&trial, step, 1, frame, &size), XDP_FATE_MARKED);
    marks.bytes[step % XDP_MARKS_PAGE] = unknown;
    assert_int_equal(bpf_map_update_elem(bpf_map__fd(trial.program->maps.marks), &page, &marks, 0), 0);
    assert_int_equal(run(&trial, step, 1, frame, &size), XDP_FATE_SENT);
    trial_deinit(&trial);
    trial_init(&trial, "\"192.0.2.0\"", "\"192.0.2.0/24\"", "", "80-89", XDP_WAY_OTHER);
    if (plan_size(&trial.plan, PLAN_SWEPT))
        assert_int_equal(run(&trial, 0, 1, frame, &size), XDP_FATE_OTHER);
    trial_deinit(&trial);
}

/* Says why and how, where this kernel or user can't. */
static bool is_possible(void)
{
    libbpf_set_print(NULL);
    struct wire_bpf *program = wire_bpf__open();
    int error = program ? wire_bpf__load(program) : -1;
    wire_bpf__destroy(program);
    if (error)
        printf("skipped: the program can't be loaded here: %s\n", strerror(-error));
    return error == 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_the_template),
        cmocka_unit_test(a_wrong_plan_gets_no_frame_out),
        cmocka_unit_test(a_refusal_ends_the_run),
        cmocka_unit_test(the_gate_is_frozen),
        cmocka_unit_test(marks_and_ways_decide),
    };
    return is_possible() ? cmocka_run_group_tests(tests, NULL, NULL) : SKIPPED;
}
