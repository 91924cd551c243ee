#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/dialogue.h"

enum { OFFERED, WORKS, LOGIN, USERS };

static const struct fact facts[] = {
    [OFFERED] = {"test.offered", FACT_BOOL, "", ""},
    [WORKS] = {"test.works", FACT_BOOL, "", ""},
    [LOGIN] = {"test.login", FACT_BOOL, "", ""},
    [USERS] = {"test.users", FACT_BOOL, "", ""},
    {0},
};

static const struct dialogue dialogue = {
    .offered = &facts[OFFERED],
    .works = &facts[WORKS],
    .outside = (const struct fact *const[]){&facts[LOGIN], NULL},
    .always = (const struct fact *const[]){&facts[USERS], NULL},
    .ports = (const uint16_t[]){110, 995, 0},
    .goodbye = "BYE\r\n",
};

/* One connection to a port, with all that a call of its probe borrows. */
struct connection {
    struct dialogue_state state;
    struct observation observation;
    struct probe_context context;
    struct cursor in;
    uint8_t storage[64];
    struct buffer out;
    struct probe_call call;
};

static void connect_to(struct connection *connection, uint16_t port)
{
    *connection = (struct connection){.context = {.port = port}, .in = cursor_over("", 0)};
    connection->out = buffer_over(connection->storage, sizeof connection->storage);
    observation_init(&connection->observation, (struct address){0}, (struct port){port, TRANSPORT_TCP});
    connection->call = (struct probe_call){.state = &connection->state,
                                           .in = &connection->in,
                                           .out = &connection->out,
                                           .observation = &connection->observation,
                                           .context = &connection->context};
}

static enum probe_answer heard(struct probe_call *call)
{
    return dialogue_say(call, 1, "LIST\r\n");
}

static enum probe_answer secured(struct probe_call *call)
{
    return dialogue_finish(call, &dialogue);
}

static enum probe_answer step(struct connection *connection, enum probe_event event)
{
    connection->call.event = event;
    return dialogue_step(&connection->call, &dialogue, heard, secured);
}

static void expect_sent(const struct connection *connection, const char *text)
{
    assert_int_equal(connection->out.size, strlen(text));
    assert_memory_equal(connection->out.bytes, text, strlen(text));
}

static const struct fact_value *value(const struct connection *connection, int fact)
{
    return observation_find(&connection->observation, facts[fact].name);
}

static void expect_open(const struct connection *connection, int fact, const char *why)
{
    assert_non_null(value(connection, fact));
    assert_string_equal(value(connection, fact)->undetermined, why);
}

static void test_whole(void **state)
{
    (void)state;
    struct connection connection;
    connect_to(&connection, 110);
    assert_int_equal(step(&connection, PROBE_OPENED), PROBE_WAIT);
    assert_false(connection.state.always_inside);
    assert_int_equal(step(&connection, PROBE_HEARD), PROBE_WAIT);
    assert_int_equal(connection.state.stage, 1);
    assert_int_equal(step(&connection, PROBE_SECURED), PROBE_DONE);
    expect_sent(&connection, "LIST\r\nBYE\r\n");
    assert_true(observation_is_true(&connection.observation, &facts[WORKS]));
    /* After the goodbye nothing is read or said. */
    assert_int_equal(step(&connection, PROBE_HEARD), PROBE_DONE);
    expect_sent(&connection, "LIST\r\nBYE\r\n");
    observation_deinit(&connection.observation);
}

static void test_stopped(void **state)
{
    (void)state;
    static const struct {
        enum probe_event event;
        const char *why;
    } cases[] = {
        {PROBE_UNSECURED, "the handshake did not end"},
        {PROBE_ENDED, "the server closed before it answered"},
        {PROBE_QUIET, "the server did not answer in time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct connection connection;
        connect_to(&connection, 995);
        assert_int_equal(step(&connection, cases[i].event), PROBE_NOT_MINE); /* no greeting came */
        assert_int_equal(connection.observation.facts_count, 0);
        connection.state.stage = 1;
        assert_int_equal(step(&connection, cases[i].event), PROBE_DONE);
        expect_open(&connection, OFFERED, cases[i].why);
        expect_open(&connection, LOGIN, cases[i].why);
        expect_open(&connection, USERS, cases[i].why);
        assert_null(value(&connection, WORKS)); /* it was not offered */
        observation_deinit(&connection.observation);
    }
}

static void test_confirmed(void **state)
{
    (void)state;
    struct connection connection;
    connect_to(&connection, 9999);
    connection.state.stage = 1;
    assert_false(dialogue_usual_port(&connection.call, &dialogue));
    assert_int_equal(step(&connection, PROBE_QUIET), PROBE_NOT_MINE);
    connection.state.sure = true;
    assert_true(dialogue_confirmed(&connection.call, &dialogue));
    assert_int_equal(step(&connection, PROBE_QUIET), PROBE_DONE);
    observation_deinit(&connection.observation);
}

static void test_leave_open(void **state)
{
    (void)state;
    struct connection connection;
    connect_to(&connection, 110);
    observation_bool(&connection.observation, &facts[OFFERED], true);
    assert_int_equal(dialogue_give_up(&connection.call, &dialogue, "why"), PROBE_DONE);
    expect_sent(&connection, "BYE\r\n");
    assert_true(observation_is_true(&connection.observation, &facts[OFFERED]));
    expect_open(&connection, WORKS, "why");
    observation_deinit(&connection.observation);
    /* Inside TLS from the start a switch to it was never a question. */
    connect_to(&connection, 995);
    connection.call.inside_tls = true;
    assert_int_equal(step(&connection, PROBE_OPENED), PROBE_WAIT);
    dialogue_leave_open(&connection.call, &dialogue, "why");
    assert_int_equal(connection.observation.facts_count, 1);
    expect_open(&connection, USERS, "why");
    observation_deinit(&connection.observation);
}

static struct span text(const char *words)
{
    return (struct span){(const uint8_t *)words, strlen(words)};
}

static void test_readable_login(void **state)
{
    (void)state;
    assert_true(dialogue_readable_login(text("CRAM-MD5 plain")));
    assert_true(dialogue_readable_login(text("LOGIN")));
    assert_false(dialogue_readable_login(text("CRAM-MD5 PLAINTEXT")));
    assert_false(dialogue_readable_login(text("")));
}

static void test_names(void **state)
{
    (void)state;
    uint8_t storage[8];
    struct buffer names = buffer_over(storage, sizeof storage);
    dialogue_add_name(&names, ", ", text("abc"));
    dialogue_add_name(&names, ", ", text(""));
    dialogue_add_name(&names, ", ", text("defg")); /* one byte too long */
    dialogue_add_name(&names, ", ", text("hij"));
    dialogue_add_name(&names, ", ", text("k"));
    assert_int_equal(names.size, 8);
    assert_memory_equal(names.bytes, "abc, hij", 8);
    assert_false(names.overflow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),          cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_confirmed),      cmocka_unit_test(test_leave_open),
        cmocka_unit_test(test_readable_login), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
