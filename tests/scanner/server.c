#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "server.h"
#include "targets/address.h"

#define PEERS_MAX 4096

/* One connection in the child. */
struct peer {
    int fd;
    enum conduct conduct;
    volatile struct place_count *count;
    unsigned answers; /* given on this connection */
    size_t at;        /* how much of an endless thing was said */
    int64_t next_ms;  /* when it says something on its own; 0: never */
};

static bool say(struct peer *peer, const void *bytes, size_t size)
{
    return send(peer->fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool say_text(struct peer *peer, const char *text)
{
    return say(peer, text, strlen(text));
}

static int64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* --- conducts: each returns whether the connection stays --- */

static const char mysql_greeting[] =
    "\x63"
    "\0\0\0\n5.5.5-10.11.6-MariaDB-0+deb12u1\0\37\0\0\0abcdefgh\0\376\367\55\2\0"
    "\377\201\25\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password";

/* Headers of MySQL, X.224 in TPKT, SMB and a TLS handshake, each with the largest length that it can write.
 */
static bool say_lengths(struct peer *peer)
{
    static const char mysql[] = "\xff\xff\xff\0\n8.0.36";
    static const char tpkt[] = "\3\0\xff\xff\xff\xd0\xff\xff\xff\xff\2\37\xff\xff\xff\xff";
    static const char smb[] = "\0\xff\xff\xff\xfeSMB\xff\xff\xff\xff\xff\xff\xff\xff";
    static const char tls[] = "\26\3\3\x40\xff\2\xff\xff\xff\3\3";
    static const char *const headers[] = {mysql, tpkt, smb, tls};
    static const size_t sizes[] = {sizeof mysql - 1, sizeof tpkt - 1, sizeof smb - 1, sizeof tls - 1};
    size_t which = peer->at++ % 4;
    return say(peer, headers[which], sizes[which]);
}

static bool say_garbage(struct peer *peer)
{
    unsigned char bytes[400];
    uint32_t dice = 12345u + peer->answers;
    for (size_t i = 0; i < sizeof bytes; i++) {
        dice = dice * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(dice >> 24);
    }
    bytes[0] |= 0x80; /* never a letter */
    return say(peer, bytes, sizeof bytes);
}

/* A stored stream of zeros: after one literal, 13 bits for 258 more (RFC 1951 §3.2.6). */
static size_t pack_zeros(unsigned char *out, size_t capacity)
{
    static const char start[] = "0"         /* not the last block */
                                "10"        /* fixed codes */
                                "00110000", /* a zero */
        again[] = "1100010100000";          /* the last 258 bytes, from one byte before */
    size_t bit = 0;
    memset(out, 0, capacity);
    for (const char *code = start; *code; code++, bit++)
        out[bit / 8] = (unsigned char)(out[bit / 8] | (*code == '1') << bit % 8);
    while (bit + 13 < capacity * 8)
        for (const char *code = again; *code; code++, bit++)
            out[bit / 8] = (unsigned char)(out[bit / 8] | (*code == '1') << bit % 8);
    return bit / 8;
}

static bool say_bomb(struct peer *peer)
{
    static const unsigned char gzip[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static unsigned char body[200000];
    static size_t size;
    if (!size)
        size = pack_zeros(body, sizeof body);
    (void)say_text(peer, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n");
    (void)say(peer, gzip, sizeof gzip);
    (void)say(peer, body, size); /* what the socket does not take is left out */
    return true;
}

static bool say_page(struct peer *peer)
{
    return say_text(peer, "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\n"
                          "Content-Length: 47\r\n\r\n"
                          "<html><head><title>Portal</title></head></html>");
}

static bool is_http(const char *bytes, size_t size)
{
    return size >= 4 && (memcmp(bytes, "GET ", 4) == 0 || memcmp(bytes, "HEAD", 4) == 0);
}

static void reset(struct peer *peer)
{
    struct linger linger = {.l_onoff = 1};
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static bool opened(struct peer *peer)
{
    switch (peer->conduct) {
    case CONDUCT_RESET:
        reset(peer);
        return false;
    case CONDUCT_GREET_RESET:
        peer->next_ms = now_ms() + 200;
        return true;
    case CONDUCT_CLOSE:
        return false;
    case CONDUCT_GARBAGE:
        return say_garbage(peer);
    case CONDUCT_SSH:
        return say_text(peer, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
    case CONDUCT_LENGTHS:
        peer->at = peer->count->accepted;
        return say_lengths(peer);
    case CONDUCT_MYSQL:
        return say(peer, mysql_greeting, sizeof mysql_greeting);
    case CONDUCT_DENIED:
        (void)say_text(peer, "-DENIED Redis is running in protected mode because\r\n");
        return false;
    case CONDUCT_VNC:
        return say_text(peer, "RFB 003.008\n");
    case CONDUCT_TRICKLE:
        peer->next_ms = now_ms() + 1000;
        return true;
    default:
        return true;
    }
}

static bool heard(struct peer *peer, const char *bytes, size_t size)
{
    peer->answers++;
    switch (peer->conduct) {
    case CONDUCT_GARBAGE:
        return say_garbage(peer);
    case CONDUCT_LENGTHS:
        return say_lengths(peer);
    case CONDUCT_BOMB:
        return !is_http(bytes, size) || say_bomb(peer);
    case CONDUCT_REDIRECT:
        return !is_http(bytes, size) ||
               (say_text(peer, "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/admin\r\n"
                               "Content-Length: 0\r\n\r\n"),
                false);
    case CONDUCT_TLS_JUNK:
        return is_http(bytes, size) || say_text(peer, "\1\2\3\4 this is no record of TLS\r\n");
    case CONDUCT_TLS_ALERT:
        return say(peer, "\25\3\1\0\2\2\50", 7), false;
    case CONDUCT_TLS_SLOW:
        if (!peer->next_ms)
            peer->next_ms = now_ms();
        return true;
    case CONDUCT_HTTP:
        return is_http(bytes, size) && (say_page(peer), false);
    case CONDUCT_MYSQL:
        return false;
    case CONDUCT_VNC: /* one type: no password */
        return peer->answers > 1 || say(peer, "\1\1", 2);
    default:
        return true;
    }
}

/* Something of its own, mostly once a second. */
static bool tick(struct peer *peer)
{
    static const unsigned char hello[] = {0x16, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3};
    peer->next_ms += 1000;
    if (peer->conduct == CONDUCT_GREET_RESET) {
        (void)say_text(peer, "220 mail.example ESMTP ready\r\n");
        reset(peer);
        return false;
    }
    if (peer->conduct == CONDUCT_TRICKLE)
        return say(peer, &"220 a very slow server of mail"[peer->at++ % 30], 1);
    return peer->at < sizeof hello ? say(peer, hello + peer->at++, 1) : say(peer, "x", 1);
}

static bool is_endless(const struct peer *peer)
{
    return peer->conduct == CONDUCT_ENDLESS_LINE || peer->conduct == CONDUCT_ENDLESS_LINES;
}

static bool say_more(struct peer *peer)
{
    char bytes[8192];
    memset(bytes, 'A', sizeof bytes);
    if (peer->conduct == CONDUCT_ENDLESS_LINES)
        for (size_t i = 0; i + 32 <= sizeof bytes; i += 32)
            memcpy(bytes + i, "220-this greeting has no end..\r\n", 32);
    return send(peer->fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT) > 0 || errno == EAGAIN;
}

/* --- the child --- */

struct house {
    const struct place *places;
    const struct server *server;
    struct peer peers[PEERS_MAX];
    size_t peers_count;
};

static void hang_up(struct house *house, size_t i)
{
    close(house->peers[i].fd);
    house->peers[i].count->open--;
    house->peers[i] = house->peers[--house->peers_count];
}

static void welcome(struct house *house, size_t place)
{
    volatile struct place_count *count = &house->server->counts[place];
    for (int fd; house->peers_count < PEERS_MAX &&
                 (fd = accept4(house->server->listeners[place], NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        struct peer *peer = &house->peers[house->peers_count++];
        *peer = (struct peer){.fd = fd, .conduct = house->places[place].conduct, .count = count};
        count->accepted++;
        if (++count->open > count->most)
            count->most = count->open;
        fcntl(fd, F_SETFL, O_NONBLOCK);
        if (!opened(peer))
            hang_up(house, house->peers_count - 1);
    }
}

static bool listen_to(struct peer *peer)
{
    char bytes[8192];
    ssize_t size = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size <= 0)
        return size < 0 && errno == EAGAIN;
    peer->count->heard += (uint64_t)size;
    return heard(peer, bytes, (size_t)size);
}

static bool attend(struct peer *peer, short events)
{
    if (events & (POLLIN | POLLHUP | POLLERR) && !listen_to(peer))
        return false;
    if (events & POLLOUT && !say_more(peer))
        return false;
    return !peer->next_ms || peer->next_ms > now_ms() || tick(peer);
}

static void turn(struct house *house)
{
    static struct pollfd polls[PEERS_MAX + 1024];
    size_t places = house->server->count, peers = house->peers_count;
    for (size_t i = 0; i < places; i++)
        polls[i] = (struct pollfd){house->server->listeners[i], POLLIN, 0};
    for (size_t i = 0; i < peers; i++)
        polls[places + i] =
            (struct pollfd){house->peers[i].fd, is_endless(&house->peers[i]) ? POLLIN | POLLOUT : POLLIN, 0};
    if (poll(polls, places + peers, 100) < 0)
        return;
    for (size_t i = peers; i-- > 0;) /* from the end, which hang_up moves */
        if (!attend(&house->peers[i], polls[places + i].revents))
            hang_up(house, i);
    for (size_t i = 0; i < places; i++)
        if (polls[i].revents)
            welcome(house, i);
}

static void serve(const struct server *server, const struct place *places)
{
    static struct house house;
    house.places = places;
    house.server = server;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
        turn(&house);
}

/* --- the parent --- */

static int listen_at(const struct place *place, int queue)
{
    struct address address;
    struct sockaddr_storage where;
    int on = 1;
    assert_true(address_parse(place->address, strlen(place->address), &address));
    socklen_t size = address_to_sockaddr(address, place->port, &where);
    int fd = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&where, size) != 0 || listen(fd, queue) != 0)
        fail_msg("%s port %u: %s", place->address, place->port, strerror(errno));
    return fd;
}

void server_address(unsigned number, char text[16])
{
    unsigned process = (unsigned)getpid();
    assert_true(number < 256);
    snprintf(text, 16, "127.%u.%u.%u", 1 + process / 256 % 254, process % 256, number);
}

int server_listen(const char *address, uint16_t port)
{
    const struct place place = {address, port, CONDUCT_SILENT};
    int fd = listen_at(&place, 64);
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    return fd;
}

void server_start(struct server *server, const struct place *places, size_t count)
{
    assert_true(count <= 1024);
    server->count = count;
    server->listeners = calloc(count, sizeof *server->listeners);
    void *shared =
        mmap(NULL, count * sizeof *server->counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(server->listeners && shared != MAP_FAILED);
    server->counts = shared;
    for (size_t i = 0; i < count; i++)
        server->listeners[i] = listen_at(&places[i], 256);
    server->child = fork();
    assert_true(server->child >= 0);
    if (server->child == 0)
        serve(server, places);
}

void server_stop(struct server *server)
{
    kill(server->child, SIGKILL);
    waitpid(server->child, NULL, 0);
    for (size_t i = 0; i < server->count; i++)
        close(server->listeners[i]);
    free(server->listeners);
    munmap((void *)(uintptr_t)server->counts, server->count * sizeof *server->counts);
}

void deaf_start(struct deaf *deaf, const char *address, uint16_t port)
{
    const struct place place = {address, port, CONDUCT_SILENT};
    struct sockaddr_storage where;
    socklen_t size = sizeof where;
    deaf->fds[0] = listen_at(&place, 0);
    assert_int_equal(getsockname(deaf->fds[0], (struct sockaddr *)&where, &size), 0);
    for (int i = 1; i < 3; i++) {
        deaf->fds[i] = socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(deaf->fds[i], (struct sockaddr *)&where, size);
    }
}

void deaf_stop(struct deaf *deaf)
{
    for (int i = 0; i < 3; i++)
        close(deaf->fds[i]);
}
