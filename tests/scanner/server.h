#ifndef TESTS_SCANNER_SERVER_H
#define TESTS_SCANNER_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Servers on loopback addresses of the test's own, all in one child process. */

enum conduct {
    /* Those that misbehave. */
    CONDUCT_SILENT,        /* accepts and says nothing */
    CONDUCT_ENDLESS_LINES, /* greets without end */
    CONDUCT_ENDLESS_LINE,  /* the same without a newline */
    CONDUCT_TRICKLE,       /* one byte a second */
    CONDUCT_RESET,         /* at once */
    CONDUCT_GREET_RESET,   /* after a greeting that wants an answer */
    CONDUCT_CLOSE,         /* at once */
    CONDUCT_GARBAGE,       /* random bytes, and more of them for each answer */
    CONDUCT_SSH,           /* the same banner wherever one asks, and nothing behind it */
    CONDUCT_LENGTHS,       /* headers of several protocols that announce what never comes */
    CONDUCT_BOMB,          /* HTTP with a body that swells a hundredfold when unpacked */
    CONDUCT_REDIRECT,      /* HTTP that sends one to 10.0.0.1 */
    CONDUCT_TLS_JUNK,      /* answers a ClientHello with what is no TLS, and HTTP not at all */
    CONDUCT_TLS_SLOW,      /* a handshake at one byte a second */
    CONDUCT_TLS_ALERT,     /* a fatal alert for every hello */
    /* Those that do not. */
    CONDUCT_MYSQL,
    CONDUCT_DENIED, /* Redis in protected mode says so at once and closes */
    CONDUCT_HTTP,
    CONDUCT_VNC,
    CONDUCTS,
};

struct place {
    const char *address;
    uint16_t port;
    enum conduct conduct;
};

/* What a place has seen, as of now. */
struct place_count {
    unsigned accepted; /* connections */
    unsigned open;     /* of these, now */
    unsigned most;     /* at one time */
    uint64_t heard;    /* bytes */
};

struct server {
    pid_t child;
    size_t count;
    int *listeners;
    volatile struct place_count *counts; /* one a place, shared with the child */
};

/* A loopback address that no other test process uses: 127.x.y.number, x and y after our process. */
void server_address(unsigned number, char text[16]);
/* A listener that blocks, for a test with a server of its own. */
int server_listen(const char *address, uint16_t port);
/* The test fails where a place can't be had. Places are borrowed until it returns. */
void server_start(struct server *server, const struct place *places, size_t count);
void server_stop(struct server *server);

/* A port whose queue is full: it drops SYNs, which is silence on loopback. */
struct deaf {
    int fds[3]; /* the listener, and two connections that fill it */
};
void deaf_start(struct deaf *deaf, const char *address, uint16_t port);
void deaf_stop(struct deaf *deaf);

#endif
