#ifndef TESTS_SCANNER_TRIAL_H
#define TESTS_SCANNER_TRIAL_H

#include "scanner/scan.h"
#include "scene.h"

/* One scan in this process, and everything that it told. */

struct trial_line {
    struct address address;
    struct port port;
    enum endpoint_state state;
    bool proven;
    char *text; /* "mysql MariaDB 10.11.6 tls=0 mysql.protocol=10 …"; "" where nothing was observed */
};

/* A SYN as the process asked the kernel for it. */
struct trial_connect {
    struct address address;
    uint16_t port;
    int64_t time_ns;
};

struct trial {
    struct scan_options options; /* set before, from trial_init's on */
    const char *list;            /* of ports */
    const char *unproven;        /* an address of which a resumed scan knows eight such ports; NULL: none */
    uint64_t stop_after;         /* SIGINT to ourselves when so many targets are finished; 0: never */
    /* What came of it. */
    struct trial_line *lines; /* by address, then port */
    size_t lines_count;
    struct trial_connect *connects; /* in the order of time */
    size_t connects_count;
    unsigned controls[CONTROL_NONE + 1]; /* times that a host came to each */
    struct scan_totals totals;
    enum status status;
    enum refusal refusal;
    double seconds;
    long most_kib; /* of memory, at one time */
};

void trial_init(struct trial *trial, const char *list);
void trial_run(struct trial *trial, const struct scene *scene);
void trial_deinit(struct trial *trial);
/* NULL when the scan said nothing about it. */
const struct trial_line *trial_find(const struct trial *trial, const char *address, uint16_t port);
size_t trial_connects_to(const struct trial *trial, const char *address, uint16_t port);

#endif
