#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "scanner/evidence.h"
#include "scanner/syn.h"

static const char scope_text[] =
    "{ \"auscult\": 1, \"authorization\": { \"reference\": \"r\", \"authorized_by\": \"a\", \"contact\": "
    "\"c\", "
    "\"valid_from\": \"2020-01-01\", \"valid_until\": \"2020-12-31\" }, \"organizations\": [ { \"id\": "
    "\"a\", "
    "\"name\": \"n\", \"ranges\": [\"192.0.2.7\", \"2001:db8::7\"], \"fragile\": [\"2001:db8::7\"] } ] }";

/* What is replayed over: 192.0.2.7 and 2001:db8::7 with the ports 1 to 5, in a scope of long ago. */
struct scene {
    struct scope scope;
    struct complaints complaints;
    struct authorization *authorization;
    struct ports ports;
    struct plan plan;
    char path[32];
    struct evidence *evidence;
    int64_t time_ns;
    char told[2][6][4]; /* of each target the answers, a letter each */
    unsigned attempts;
};

static void replied(void *context, const struct wire_reply *reply)
{
    struct scene *scene = context;
    char *told = scene->told[!address_is_ipv4(reply->address)][reply->port];
    assert_in_range(reply->port, 1, 5);
    assert_true(strlen(told) < 3);
    told[strlen(told)] = "ocusNU"[reply->answer];
    scene->attempts = scene->attempts * 10 + reply->attempt;
}

static void scene_init(struct scene *scene)
{
    char why[WIRE_WHY_MAX];
    const char *wrong;
    size_t at;
    memset(scene, 0, sizeof *scene);
    complaints_init(&scene->complaints, "s");
    ports_init(&scene->ports);
    assert_int_equal(scope_parse(&scene->scope, scope_text, sizeof scope_text - 1, &scene->complaints),
                     STATUS_OK);
    assert_int_equal(authorization_new(&scene->scope, &scene->authorization), STATUS_OK);
    assert_int_equal(ports_parse(&scene->ports, "1-5", &wrong, &at), STATUS_OK);
    assert_int_equal(plan_init(&scene->plan, scene->authorization, &scene->ports, 1, 1, 1, true), STATUS_OK);
    strcpy(scene->path, "/tmp/auscult-replay-XXXXXX");
    int descriptor = mkstemp(scene->path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(evidence_new(scene->path, &scene->evidence, why), STATUS_OK);
}

static void scene_deinit(struct scene *scene)
{
    evidence_free(&scene->evidence);
    unlink(scene->path);
    plan_deinit(&scene->plan);
    ports_deinit(&scene->ports);
    authorization_free(&scene->authorization);
    scope_deinit(&scene->scope);
    complaints_deinit(&scene->complaints);
}

static void add(struct scene *scene, const struct frame *frame)
{
    evidence_add(scene->evidence, ++scene->time_ns, DLT_EN10MB, (struct span){frame->bytes, frame->size});
}

static void add_syn(struct scene *scene, const struct pair *pair)
{
    struct frame frame = {.size = 0};
    bool ipv6 = !address_is_ipv4(pair->own);
    frame_add_link(&frame, DLT_EN10MB, ipv6, 0);
    frame_add_ip(&frame, pair->own, pair->other, 6, 20);
    frame_add_u16(&frame, pair->own_port);
    frame_add_u16(&frame, pair->other_port);
    frame_add_u32(&frame, pair->sequence);
    frame_add_u32(&frame, 0);
    frame_add_u16(&frame, 0x5002);
    frame_add_u16(&frame, 1024);
    frame_add_u32(&frame, 0);
    add(scene, &frame);
}

static void add_tcp(struct scene *scene, const struct pair *pair, uint8_t flags)
{
    struct frame frame;
    frame_tcp(&frame, pair, DLT_EN10MB, 0, flags, pair->sequence + 1, 6);
    add(scene, &frame);
}

static void add_error(struct scene *scene, const struct pair *pair)
{
    struct frame frame;
    frame_icmp(&frame, pair, address_is_ipv4(pair->own) ? 3 : 1, 1, 8);
    add(scene, &frame);
}

static struct wire_counters replay(struct scene *scene)
{
    struct wire_settings settings = {.plan = &scene->plan, .authorization = scene->authorization};
    struct wire_counters counted;
    struct wire_sent sent;
    struct wire *wire;
    char why[WIRE_WHY_MAX];
    settings.marks_size = 16;
    settings.listener = (struct wire_listener){.replied = replied, .context = scene};
    memset(scene->told, 0, sizeof scene->told);
    scene->attempts = 0;
    assert_int_equal(evidence_flush(scene->evidence), STATUS_OK);
    assert_int_equal(wire_replay_new(&settings, scene->path, &wire, why), STATUS_OK);
    assert_int_equal(wire->sweep(wire, (struct wire_span){0, 10, 1}, &sent), STATUS_OK);
    assert_true(sent.steps == 10 && sent.frames == 0);
    struct pollfd ready = {.fd = wire->descriptor, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 0), 1);
    for (bool more = true; more;)
        assert_int_equal(wire->hear(wire, &more), STATUS_OK);
    assert_int_equal(poll(&ready, 1, 0), 0);
    wire->count(wire, &counted);
    wire->free(&wire);
    assert_null(wire);
    return counted;
}

static void assert_told(const struct scene *scene, int ipv6, int port, const char *right)
{
    assert_string_equal(scene->told[ipv6][port], right);
}

static void each_target_says_what_it_said(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct pair pairs[6];
        for (uint16_t port = 1; port < 5; port++) {
            pairs[port] = pair_of(ipv6, port, 1);
            add_syn(&scene, &pairs[port]);
        }
        add_tcp(&scene, &pairs[1], 0x12);
        add_tcp(&scene, &pairs[2], 0x14);
        add_error(&scene, &pairs[3]);
    }
    struct wire_counters counted = replay(&scene);
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        static const char *const right[] = {"", "o", "c", "u", "s", ""};
        for (int port = 1; port < 6; port++)
            assert_told(&scene, ipv6, port, right[port]);
    }
    assert_true(counted.sent == 8 && counted.heard == 6 && counted.foreign == 0 && counted.lost_in == 0);
    scene_deinit(&scene);
}

static void an_answer_before_its_syn_or_to_another_is_none(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    struct pair pair = pair_of(false, 1, 1), other = pair;
    add_tcp(&scene, &pair, 0x12);
    add_syn(&scene, &pair);
    add_syn(&scene, &pair); /* the same again is no other attempt */
    other.sequence++;
    add_tcp(&scene, &other, 0x12);
    other = pair;
    other.own_port++;
    add_tcp(&scene, &other, 0x14);
    other = pair;
    other.own = address_next(pair.own);
    add_error(&scene, &other);
    add_tcp(&scene, &pair, 0x04); /* a reset that acknowledges nothing */
    other = pair_of(false, 9, 1); /* not of the plan */
    add_syn(&scene, &other);
    add_tcp(&scene, &other, 0x12);
    struct wire_counters counted = replay(&scene);
    assert_told(&scene, 0, 1, "s");
    assert_int_equal(scene.attempts, 1);
    assert_true(counted.sent == 1 && counted.heard == 0 && counted.foreign == 5);
    add_tcp(&scene, &pair, 0x12);
    counted = replay(&scene);
    assert_told(&scene, 0, 1, "o");
    assert_true(counted.heard == 1);
    scene_deinit(&scene);
}

static void attempts_are_told_apart(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    struct pair pairs[4];
    for (unsigned attempt = 1; attempt < 4; attempt++) {
        pairs[attempt] = pair_of(false, 1, attempt);
        pairs[attempt].own_port = (uint16_t)(40000 + attempt * 7); /* anybody's */
        add_syn(&scene, &pairs[attempt]);
    }
    add_tcp(&scene, &pairs[3], 0x12);
    add_tcp(&scene, &pairs[1], 0x12);
    struct wire_counters counted = replay(&scene);
    assert_told(&scene, 0, 1, "oo");
    assert_int_equal(scene.attempts, 31);
    assert_true(counted.sent == 3 && counted.heard == 2);
    scene_deinit(&scene);
}

/* More SYNs than the first table has room for. */
static void many_are_kept(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    struct pair pair = pair_of(false, 1, 1);
    enum { MANY = 20000 };
    for (uint32_t i = 0; i < MANY; i++) {
        pair.sequence = i * 77777;
        add_syn(&scene, &pair);
    }
    pair.sequence = 12345 * UINT32_C(77777);
    add_tcp(&scene, &pair, 0x12);
    struct wire_counters counted = replay(&scene);
    assert_told(&scene, 0, 1, "o");
    assert_true(counted.sent == MANY && counted.heard == 1);
    scene_deinit(&scene);
}

/* Cut anywhere, the capture holds what stands before the cut. */
static void a_cut_capture_ends_there(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    struct pair pair = pair_of(false, 1, 1);
    add_syn(&scene, &pair);
    add_tcp(&scene, &pair, 0x12);
    assert_true(replay(&scene).heard == 1);
    const long header = 24, syn = 16 + 54, all = header + syn + 16 + 58;
    for (long size = all - 1; size >= header; size--) {
        assert_int_equal(truncate(scene.path, size), 0);
        struct wire_counters counted = replay(&scene);
        assert_told(&scene, 0, 1, size >= header + syn ? "s" : "");
        assert_true(counted.sent == (size >= header + syn) && counted.heard == 0);
        assert_true(counted.lost_in == (size != header && size != header + syn));
    }
    scene_deinit(&scene);
}

static void what_is_no_capture_is_refused(void **state)
{
    (void)state;
    struct scene scene;
    struct wire *wire;
    char why[WIRE_WHY_MAX];
    scene_init(&scene);
    struct wire_settings settings = {.plan = &scene.plan, .marks_size = 16};
    assert_int_equal(wire_replay_new(&settings, "/nowhere/at/all", &wire, why), STATUS_WRONG_FILE);
    assert_null(wire);
    assert_non_null(strstr(why, "/nowhere/at/all"));
    FILE *file = fopen(scene.path, "w");
    assert_non_null(file);
    fputs("a letter, and long enough to be a header", file);
    fclose(file);
    assert_int_equal(wire_replay_new(&settings, scene.path, &wire, why), STATUS_WRONG_FILE);
    assert_true(strlen(why) > 10);
    scene_deinit(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_target_says_what_it_said),
        cmocka_unit_test(an_answer_before_its_syn_or_to_another_is_none),
        cmocka_unit_test(attempts_are_told_apart),
        cmocka_unit_test(many_are_kept),
        cmocka_unit_test(a_cut_capture_ends_there),
        cmocka_unit_test(what_is_no_capture_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
