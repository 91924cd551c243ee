#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "identity.h"
#include "scanner/session.h"
#include "scene.h"
#include "server.h"

/* One session at a time against a real socket. What the owner was called with is counted; what it does next
   is the test's own. */

#define PORT 20011

struct talk {
    uv_loop_t loop;
    struct scene scene;
    const struct permit *permit;
    struct tls_client *tls;
    struct session *session;
    unsigned opened, failed, heard, secured, broken, ended;
    int error;
    size_t heard_most, heard_total;
    bool consumes;      /* everything at once */
    bool listens;       /* when opened */
    bool secures;       /* when opened */
    size_t close_after; /* bytes heard; 0: when it ended */
    char last[64];      /* what was heard last, with consumes */
};

static char host[16];

static int name_host(void **state)
{
    (void)state;
    server_address(1, host);
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

static void on_opened(void *owner, struct session *session)
{
    struct talk *talk = owner;
    talk->opened++;
    assert_ptr_equal(session, talk->session);
    if (talk->listens)
        session_listen(session);
    if (talk->secures)
        assert_true(session_secure(session, talk->tls, "server.example"));
}

static void on_failed(void *owner, struct session *session, int uv_error)
{
    struct talk *talk = owner;
    talk->failed++;
    talk->error = uv_error;
    session_close(session);
}

static void on_heard(void *owner, struct session *session)
{
    struct talk *talk = owner;
    struct span in = session_in(session);
    talk->heard++;
    if (in.size > talk->heard_most)
        talk->heard_most = in.size;
    if (talk->consumes) {
        snprintf(talk->last, sizeof talk->last, "%.*s", (int)in.size, (const char *)in.bytes);
        talk->heard_total += in.size;
        session_consume(session, in.size);
        assert_int_equal(session_in(session).size, 0);
    }
    size_t heard = talk->consumes ? talk->heard_total : in.size;
    if (talk->close_after && heard >= talk->close_after)
        session_close(session);
}

static void on_secured(void *owner, struct session *session, bool done)
{
    struct talk *talk = owner;
    *(done ? &talk->secured : &talk->broken) += 1;
    if (done)
        assert_true(session_write(session, "hello\n", 6));
    else
        session_close(session);
}

static void on_ended(void *owner, struct session *session)
{
    struct talk *talk = owner;
    talk->ended++;
    assert_false(session_write(session, "x", 1));
    session_close(session);
}

static const struct session_owner calls = {on_opened, on_failed, on_heard, on_secured, on_ended};

static void talk_init(struct talk *talk, uint16_t port)
{
    char quoted[32];
    struct address address;
    memset(talk, 0, sizeof *talk);
    snprintf(quoted, sizeof quoted, "\"%s\"", host);
    assert_int_equal(uv_loop_init(&talk->loop), 0);
    assert_int_equal(tls_client_new(&talk->tls), STATUS_OK);
    scene_init_ranges(&talk->scene, quoted, "");
    assert_true(address_parse(host, strlen(host), &address));
    assert_int_equal(authorization_permit(talk->scene.authorization, address,
                                          (struct port){port, TRANSPORT_TCP}, 1700000000, &talk->permit),
                     REFUSAL_NONE);
}

static void talk_ask(struct talk *talk)
{
    assert_int_equal(session_connect(&talk->loop, talk->permit, &calls, talk, &talk->session), STATUS_OK);
}

static void talk_connect(struct talk *talk, unsigned timeout_ms)
{
    talk_ask(talk);
    session_set_deadline(talk->session, timeout_ms);
}

/* Until nothing is left: a session that does not free itself would hang here. */
static void talk_deinit(struct talk *talk)
{
    uv_run(&talk->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&talk->loop), 0);
    tls_client_free(&talk->tls);
    scene_deinit(&talk->scene);
}

/* A whole talk with a place of this conduct. */
static struct talk talk_with(enum conduct conduct, struct talk wishes)
{
    struct place place = {host, PORT, conduct};
    struct server server;
    static struct talk talk;
    server_start(&server, &place, 1);
    talk_init(&talk, PORT);
    talk.consumes = wishes.consumes;
    talk.listens = wishes.listens;
    talk.secures = wishes.secures;
    talk.close_after = wishes.close_after;
    talk_connect(&talk, 900);
    talk_deinit(&talk);
    server_stop(&server);
    return talk;
}

static void test_refused(void **state)
{
    (void)state;
    struct talk talk;
    talk_init(&talk, PORT);
    talk_connect(&talk, 900);
    talk_deinit(&talk);
    assert_int_equal(talk.failed, 1);
    assert_int_equal(talk.error, UV_ECONNREFUSED);
    assert_int_equal(talk.opened + talk.ended, 0);
}

static unsigned repeats_within(unsigned timeout_ms)
{
    struct talk talk;
    struct deaf deaf;
    deaf_start(&deaf, host, PORT);
    talk_init(&talk, PORT);
    talk_connect(&talk, timeout_ms);
    struct session *session = talk.session;
    while (!talk.failed)
        uv_run(&talk.loop, UV_RUN_ONCE);
    unsigned repeats = session_repeats(session);
    talk_deinit(&talk);
    assert_int_equal(talk.failed, 1);
    assert_int_equal(talk.error, UV_ETIMEDOUT);
    deaf_stop(&deaf);
    return repeats;
}

/* Under a second there is one SYN; after it the kernel sends its own, and we know. */
static void test_silent(void **state)
{
    (void)state;
    assert_int_equal(repeats_within(100), 0);
    assert_true(repeats_within(1500) >= 1);
}

/* Without a deadline, when whoever asked has waited long enough. */
static void test_given_up(void **state)
{
    (void)state;
    struct talk talk;
    struct deaf deaf;
    deaf_start(&deaf, host, PORT);
    talk_init(&talk, PORT);
    talk_ask(&talk);
    assert_int_equal(talk.failed, 0);
    session_give_up(talk.session);
    assert_int_equal(talk.failed, 1);
    assert_int_equal(talk.error, UV_ETIMEDOUT);
    talk_deinit(&talk);
    assert_int_equal(talk.failed, 1);
    deaf_stop(&deaf);
}

/* A loopback's handshake is over before connect() returns; that the loop has not come round is no reason to take it for
   silent. */
static void test_open_is_not_given_up(void **state)
{
    (void)state;
    struct place place = {host, PORT, CONDUCT_MYSQL};
    struct server server;
    struct talk talk;
    server_start(&server, &place, 1);
    talk_init(&talk, PORT);
    talk.listens = true;
    talk.close_after = 1;
    talk_ask(&talk);
    session_give_up(talk.session);
    assert_int_equal(talk.failed, 0);
    talk_deinit(&talk);
    assert_int_equal(talk.failed, 0);
    assert_int_equal(talk.opened, 1);
    server_stop(&server);
}

static void test_nothing_is_read_unasked(void **state)
{
    (void)state;
    struct place place = {host, PORT, CONDUCT_MYSQL};
    struct server server;
    struct talk talk;
    server_start(&server, &place, 1);
    talk_init(&talk, PORT);
    talk_connect(&talk, 900);
    while (uv_run(&talk.loop, UV_RUN_NOWAIT) && !talk.opened)
        ;
    usleep(50000);
    for (int i = 0; i < 5; i++)
        uv_run(&talk.loop, UV_RUN_NOWAIT);
    assert_int_equal(talk.heard, 0);
    session_close(talk.session);
    talk_deinit(&talk);
    assert_int_equal(talk.heard + talk.ended, 0); /* after the close, none of it is told */
    assert_int_equal(server.counts[0].heard, 0);
    server_stop(&server);
}

static void test_unconsumed_bytes_have_a_cap(void **state)
{
    (void)state;
    struct talk talk = talk_with(CONDUCT_ENDLESS_LINE, (struct talk){.listens = true});
    assert_int_equal(talk.heard_most, SESSION_IN_MAX);
    assert_int_equal(talk.ended, 1);
}

static void test_all_bytes_have_a_cap(void **state)
{
    (void)state;
    struct talk talk = talk_with(CONDUCT_ENDLESS_LINE, (struct talk){.listens = true, .consumes = true});
    assert_true(talk.heard_total >= SESSION_RAW_MAX && talk.heard_total < 2 * SESSION_RAW_MAX);
    assert_int_equal(talk.ended, 1);
}

static void test_closed_while_it_still_speaks(void **state)
{
    (void)state;
    struct talk talk = talk_with(CONDUCT_ENDLESS_LINES, (struct talk){.listens = true, .close_after = 1});
    assert_int_equal(talk.heard, 1);
    assert_int_equal(talk.ended, 0);
}

static void test_peer_closes(void **state)
{
    (void)state;
    struct talk talk = talk_with(CONDUCT_CLOSE, (struct talk){.listens = true});
    assert_int_equal(talk.opened, 1);
    assert_int_equal(talk.ended, 1);
    assert_int_equal(talk.heard, 0);
}

static void test_peer_resets(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct talk talk = talk_with(CONDUCT_RESET, (struct talk){.listens = true});
        assert_int_equal(talk.opened, 1);
        assert_int_equal(talk.ended, 1);
        assert_int_equal(talk.failed, 0);
    }
}

static void test_no_tls(void **state)
{
    (void)state;
    static const enum conduct conducts[] = {CONDUCT_TLS_JUNK, CONDUCT_TLS_ALERT, CONDUCT_GARBAGE};
    for (size_t i = 0; i < 3; i++) {
        struct talk talk = talk_with(conducts[i], (struct talk){.listens = true, .secures = true});
        assert_int_equal(talk.broken, 1);
        assert_int_equal(talk.secured + talk.heard, 0);
    }
}

static void test_peer_closes_in_the_handshake(void **state)
{
    (void)state;
    struct talk talk = talk_with(CONDUCT_HTTP, (struct talk){.listens = true, .secures = true});
    assert_int_equal(talk.ended, 1);
    assert_int_equal(talk.secured + talk.broken, 0);
}

/* A child that serves one TLS connection: reads a line, says `answer` times `repeat`, closes or keeps still.
 */
static pid_t serve_tls(int fd, int version, unsigned repeat, bool closes)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct identity identity;
    char line[64];
    identity_init(&identity, 1024);
    SSL *ssl = SSL_new(identity_server(&identity, version));
    int peer = accept(fd, NULL, NULL);
    SSL_set_fd(ssl, peer);
    if (SSL_accept(ssl) != 1 || SSL_read(ssl, line, sizeof line) != 6)
        _exit(1);
    for (unsigned i = 0; i < repeat; i++)
        if (SSL_write(ssl, "good day, this is line after line\n", 34) != 34)
            _exit(2);
    if (closes)
        SSL_shutdown(ssl); /* and no FIN: close_notify alone must do */
    while (SSL_read(ssl, line, sizeof line) > 0)
        ;
    _exit(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN ? 0 : 3);
}

static int talk_tls(struct talk *talk, int version, unsigned repeat, bool closes, size_t close_after,
                    struct observation *observation)
{
    int fd = server_listen(host, PORT), how = 0;
    pid_t child = serve_tls(fd, version, repeat, closes);
    talk_init(talk, PORT);
    talk->listens = talk->secures = true;
    talk->consumes = true;
    talk->close_after = close_after;
    talk_connect(talk, 900);
    while (!talk->secured && !talk->broken && !talk->ended)
        uv_run(&talk->loop, UV_RUN_ONCE);
    if (observation && talk->secured)
        session_observe_tls(talk->session, observation);
    talk_deinit(talk);
    close(fd);
    assert_int_equal(waitpid(child, &how, 0), child);
    return how;
}

static void check_tls(int version, const char *name)
{
    struct talk talk;
    struct observation observation;
    observation_init(&observation, (struct address){0}, (struct port){PORT, TRANSPORT_TCP});
    int how = talk_tls(&talk, version, 1, false, 34, &observation);
    assert_int_equal(talk.secured, 1);
    assert_string_equal(talk.last, "good day, this is line after line\n");
    assert_string_equal(observation_find(&observation, "tls.version")->text, name);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0); /* our close_notify came */
    observation_deinit(&observation);
}

static void test_tls(void **state)
{
    (void)state;
    check_tls(TLS1_VERSION, "TLSv1");
    check_tls(TLS1_2_VERSION, "TLSv1.2");
    check_tls(TLS1_3_VERSION, "TLSv1.3");
}

static void test_close_notify_ends_it(void **state)
{
    (void)state;
    struct talk talk;
    (void)talk_tls(&talk, TLS1_3_VERSION, 1, true, 0, NULL);
    assert_int_equal(talk.secured, 1);
    assert_int_equal(talk.ended, 1);
    assert_int_equal(talk.heard_total, 34);
}

static void test_endless_inside_tls(void **state)
{
    (void)state;
    struct talk talk;
    (void)talk_tls(&talk, TLS1_2_VERSION, 100000, false, 0, NULL);
    assert_int_equal(talk.ended, 1);
    assert_true(talk.heard_total <= SESSION_RAW_MAX);
}

/* What was written last arrives, the peer hears FIN and no reset, and may still speak for a moment. */
static void test_closed_politely(void **state)
{
    (void)state;
    struct talk talk;
    char bytes[64];
    int fd = server_listen(host, PORT);
    talk_init(&talk, PORT);
    talk.listens = true;
    talk_connect(&talk, 900);
    while (!talk.opened)
        uv_run(&talk.loop, UV_RUN_ONCE);
    int peer = accept(fd, NULL, NULL);
    assert_true(peer >= 0);
    assert_int_equal(send(peer, "unread", 6, 0), 6);
    assert_true(session_write(talk.session, "QUIT\r\n", 6));
    session_close(talk.session);
    session_close(talk.session); /* once is enough */
    uv_run(&talk.loop, UV_RUN_NOWAIT);
    assert_int_equal(recv(peer, bytes, sizeof bytes, 0), 6);
    assert_int_equal(recv(peer, bytes, sizeof bytes, 0), 0);
    assert_int_equal(send(peer, "221 bye\r\n", 9, MSG_NOSIGNAL), 9);
    uv_run(&talk.loop, UV_RUN_NOWAIT);
    assert_int_equal(recv(peer, bytes, sizeof bytes, MSG_DONTWAIT), 0); /* still no reset */
    close(peer);
    talk_deinit(&talk);
    assert_int_equal(talk.heard + talk.ended, 0);
    close(fd);
}

/* A peer that never closes is not waited for long. */
static void test_linger_ends(void **state)
{
    (void)state;
    struct talk talk;
    int fd = server_listen(host, PORT);
    talk_init(&talk, PORT);
    talk_connect(&talk, 900);
    while (!talk.opened)
        uv_run(&talk.loop, UV_RUN_ONCE);
    session_close(talk.session);
    talk_deinit(&talk);
    close(fd);
}

static void test_closed_while_it_connects(void **state)
{
    (void)state;
    struct talk talk;
    struct deaf deaf;
    deaf_start(&deaf, host, PORT);
    talk_init(&talk, PORT);
    talk_connect(&talk, 900);
    uv_run(&talk.loop, UV_RUN_NOWAIT);
    session_close(talk.session);
    talk_deinit(&talk);
    assert_int_equal(talk.opened + talk.failed, 0);
    deaf_stop(&deaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_open_is_not_given_up),
        cmocka_unit_test(test_nothing_is_read_unasked),
        cmocka_unit_test(test_unconsumed_bytes_have_a_cap),
        cmocka_unit_test(test_all_bytes_have_a_cap),
        cmocka_unit_test(test_closed_while_it_still_speaks),
        cmocka_unit_test(test_peer_closes),
        cmocka_unit_test(test_peer_resets),
        cmocka_unit_test(test_no_tls),
        cmocka_unit_test(test_peer_closes_in_the_handshake),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_close_notify_ends_it),
        cmocka_unit_test(test_endless_inside_tls),
        cmocka_unit_test(test_closed_politely),
        cmocka_unit_test(test_linger_ends),
        cmocka_unit_test(test_closed_while_it_connects),
    };
    return cmocka_run_group_tests(tests, name_host, NULL);
}
