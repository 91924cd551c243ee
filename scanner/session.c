#include "scanner/session.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINGER_MS 250

struct session {
    uv_tcp_t tcp;
    uv_timer_t timer; /* the connect deadline, later the linger after our FIN */
    uv_connect_t connect;
    uv_shutdown_t shutdown;
    const struct session_owner *calls;
    void *owner;
    struct tls_stream *tls;
    uint8_t *in;
    size_t in_size, in_capacity;
    size_t raw_total;
    unsigned handles; /* not yet closed */
    unsigned repeats; /* of the SYN, by the kernel */
    bool connected, secured, ended, closing;
};

static void freed(uv_handle_t *handle)
{
    struct session *session = handle->data;
    if (--session->handles)
        return;
    tls_stream_free(&session->tls);
    free(session->in);
    free(session);
}

static void destroy(struct session *session)
{
    if (uv_is_closing((uv_handle_t *)&session->tcp))
        return;
    uv_close((uv_handle_t *)&session->tcp, freed);
    uv_close((uv_handle_t *)&session->timer, freed);
}

static void end(struct session *session)
{
    if (session->closing) {
        destroy(session);
        return;
    }
    uv_read_stop((uv_stream_t *)&session->tcp);
    if (!session->ended) {
        session->ended = true;
        session->calls->ended(session->owner, session);
    }
}

/* A turn of the loop that took too long lets the kernel's own timer come first. Returns the connection's state. */
static unsigned count_repeats(struct session *session)
{
    struct tcp_info info = {.tcpi_state = TCP_CLOSE};
    socklen_t size = sizeof info;
    uv_os_fd_t fd;
    if (uv_fileno((uv_handle_t *)&session->tcp, &fd) == 0 &&
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        session->repeats = info.tcpi_total_retrans;
    return info.tcpi_state;
}

/* An ICMP error that came while the kernel was still sending is kept by it without a word (ip(7),
 * "IP_RECVERR"); UV_ETIMEDOUT when there was none. */
static int quiet_error(const struct session *session)
{
    int error = 0;
    socklen_t size = sizeof error;
    uv_os_fd_t fd;
    bool asked = uv_fileno((const uv_handle_t *)&session->tcp, &fd) == 0 &&
                 getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0;
    return asked && error ? -error : UV_ETIMEDOUT;
}

static bool flush_tls(struct session *session)
{
    char bytes[4096];
    for (size_t size; (size = tls_stream_wire(session->tls, bytes, sizeof bytes)) > 0;) {
        uv_buf_t piece = uv_buf_init(bytes, (unsigned)size);
        if (uv_try_write((uv_stream_t *)&session->tcp, &piece, 1) != (int)size)
            return false;
    }
    return true;
}

/* Room for `more` bytes within the cap; what does not fit is left out. */
static size_t make_room(struct session *session, size_t more)
{
    size_t wanted = session->in_size + more;
    if (wanted > SESSION_IN_MAX)
        wanted = SESSION_IN_MAX;
    if (wanted > session->in_capacity) {
        size_t capacity = session->in_capacity ? session->in_capacity * 2 : 1024;
        while (capacity < wanted)
            capacity *= 2;
        uint8_t *grown = realloc(session->in, capacity);
        if (!grown)
            return 0;
        session->in = grown;
        session->in_capacity = capacity;
    }
    return wanted - session->in_size;
}

static size_t append(struct session *session, const void *bytes, size_t size)
{
    size_t room = make_room(session, size);
    if (room)
        memcpy(session->in + session->in_size, bytes, room);
    session->in_size += room;
    return room;
}

static bool decrypt(struct session *session)
{
    char bytes[4096];
    bool grown = false;
    for (size_t size; (size = tls_stream_read(session->tls, bytes, sizeof bytes)) > 0; grown = true)
        if (append(session, bytes, size) < size)
            break;
    return grown;
}

static void hear_tls(struct session *session, const void *bytes, size_t size)
{
    enum tls_progress progress = tls_stream_feed(session->tls, bytes, size);
    bool sent = flush_tls(session);
    if (progress == TLS_FAILED || !sent) {
        if (session->secured)
            end(session);
        else
            session->calls->secured(session->owner, session, false);
        return;
    }
    if (progress != TLS_READY)
        return;
    bool first = !session->secured;
    session->secured = true;
    bool grown = decrypt(session);
    if (first)
        session->calls->secured(session->owner, session, true);
    if (grown && !session->closing && session->in_size)
        session->calls->heard(session->owner, session);
    if (tls_stream_over(session->tls) && !session->closing)
        end(session);
}

static void hear(struct session *session, const void *bytes, size_t size)
{
    session->raw_total += size;
    if (session->closing)
        return;
    if (session->tls)
        hear_tls(session, bytes, size);
    else if (append(session, bytes, size))
        session->calls->heard(session->owner, session);
    bool full = session->in_size >= SESSION_IN_MAX || session->raw_total >= SESSION_RAW_MAX;
    if (full && !session->closing)
        end(session);
}

/* One buffer for all reads of a loop: a read is used up before the next one starts. */
static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[16384];
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct session *session = stream->data;
    if (size > 0)
        hear(session, buffer->base, (size_t)size);
    else if (size < 0)
        end(session);
    if (session->closing && session->raw_total >= SESSION_RAW_MAX)
        destroy(session);
}

static void on_connect(uv_connect_t *request, int error)
{
    struct session *session = request->data;
    if (session->closing)
        return;
    uv_timer_stop(&session->timer);
    (void)count_repeats(session);
    session->connected = error == 0;
    /* What was refused is ECONNREFUSED: a reset comes only after the handshake. */
    bool reset = error == UV_ECONNRESET || error == UV_EPIPE;
    if (error && !reset)
        session->calls->failed(session->owner, session, error);
    else
        session->calls->opened(session->owner, session);
    if (reset && !session->closing)
        end(session);
}

void session_give_up(struct session *session)
{
    unsigned tcp_state = count_repeats(session);
    if (tcp_state == TCP_SYN_SENT || tcp_state == TCP_CLOSE)
        session->calls->failed(session->owner, session, quiet_error(session));
    /* Otherwise it is open, which the loop tells as soon as it comes round. */
}

static void on_deadline(uv_timer_t *timer)
{
    struct session *session = timer->data;
    if (session->closing)
        destroy(session);
    else
        session_give_up(session);
}

static void init_handles(struct session *session, uv_loop_t *loop)
{
    uv_tcp_init(loop, &session->tcp);
    uv_timer_init(loop, &session->timer);
    session->tcp.data = session->timer.data = session->connect.data = session->shutdown.data = session;
    session->handles = 2;
}

enum status session_connect(uv_loop_t *loop, const struct permit *permit, const struct session_owner *calls,
                            void *owner, struct session **session_out)
{
    *session_out = NULL;
    struct session *session = calloc(1, sizeof *session);
    if (!session)
        return STATUS_NO_MEMORY;
    session->calls = calls;
    session->owner = owner;
    init_handles(session, loop);
    struct sockaddr_storage peer;
    address_to_sockaddr(permit_address(permit), permit_port(permit).number, &peer);
    int error = uv_tcp_connect(&session->connect, &session->tcp, (const struct sockaddr *)&peer, on_connect);
    if (error) {
        session->closing = true;
        destroy(session);
        errno = -error;
        return STATUS_SYSTEM;
    }
    *session_out = session;
    return STATUS_OK;
}

void session_set_deadline(struct session *session, unsigned timeout_ms)
{
    uv_update_time(session->timer.loop);
    uv_timer_start(&session->timer, on_deadline, timeout_ms, 0);
}

bool session_may_retry(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EAGAIN;
}

unsigned session_repeats(const struct session *session)
{
    return session->repeats;
}

void session_adopt(struct session *session, const struct session_owner *calls, void *owner)
{
    session->calls = calls;
    session->owner = owner;
}

void session_listen(struct session *session)
{
    uv_read_start((uv_stream_t *)&session->tcp, lend_buffer, on_read);
}

struct span session_in(const struct session *session)
{
    return (struct span){session->in, session->in_size};
}

void session_consume(struct session *session, size_t size)
{
    session->in_size -= size;
    if (session->in_size)
        memmove(session->in, session->in + size, session->in_size);
}

bool session_write(struct session *session, const void *bytes, size_t size)
{
    if (size == 0)
        return true;
    if (session->ended)
        return false;
    if (session->tls)
        return tls_stream_write(session->tls, bytes, size) && flush_tls(session);
    char copy[PROBE_OUT_MAX];
    if (size > sizeof copy)
        return false;
    memcpy(copy, bytes, size);
    uv_buf_t piece = uv_buf_init(copy, (unsigned)size);
    return uv_try_write((uv_stream_t *)&session->tcp, &piece, 1) == (int)size;
}

bool session_secure(struct session *session, struct tls_client *client, const char *host)
{
    if (session->ended || session->tls || tls_stream_new(client, host, &session->tls) != STATUS_OK)
        return false;
    size_t early = session->in_size;
    session->in_size = 0;
    if (early && tls_stream_feed(session->tls, session->in, early) == TLS_FAILED)
        return false;
    return flush_tls(session);
}

void session_observe_tls(const struct session *session, struct observation *observation)
{
    if (session->tls)
        tls_stream_observe(session->tls, observation);
}

static void on_shutdown(uv_shutdown_t *request, int error)
{
    struct session *session = request->data;
    if (error)
        destroy(session);
}

void session_close(struct session *session)
{
    if (session->closing)
        return;
    session->closing = true;
    if (!session->connected || session->ended) {
        destroy(session);
        return;
    }
    if (session->tls) {
        tls_stream_end(session->tls);
        (void)flush_tls(session);
    }
    session_listen(session); /* what still comes is read and dropped until the peer's FIN */
    if (uv_shutdown(&session->shutdown, (uv_stream_t *)&session->tcp, on_shutdown) != 0)
        destroy(session);
    else
        uv_timer_start(&session->timer, on_deadline, LINGER_MS, 0);
}
