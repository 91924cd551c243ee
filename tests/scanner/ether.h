#ifndef TESTS_SCANNER_ETHER_H
#define TESTS_SCANNER_ETHER_H

#include "scanner/scan.h"

/* A network in memory for tests of what is above the wire: every target has its nature by its address and port, each
   packet is lost with a chance, time is a number. What was sent is counted for each step. */

enum nature { NATURE_OPEN, NATURE_CLOSED, NATURE_SILENT, NATURE_UNREACHABLE };

struct ether {
    struct wire wire; /* first */
    const struct plan *plan;
    struct sweep *sweep; /* hears the answers at the next `hear`, or */
    struct scan *scan;   /* does */
    enum nature (*nature)(struct address address,
                          uint16_t port); /* ether_nature, unless a test has its own */
    double loss;                          /* the chance that a SYN or its answer is lost */
    uint32_t refuse_after;                /* steps that the device takes in one call; 0: all */
    unsigned repeats;                     /* further answers of the same */
    void (*leaves)(struct ether *ether, struct address address); /* sees each SYN; NULL: nobody does */
    bool forged; /* SYN-ACKs are a proxy's: no window, no options */
    uint64_t random;
    uint8_t *sent;    /* SYNs for each step */
    int64_t *sent_ns; /* the last of them */
    int64_t now_ns;
    int64_t nearest_ns; /* the shortest time between two SYNs of one target */
    struct wire_reply *replies;
    size_t replies_count, replies_capacity;
};

void ether_init(struct ether *ether, const struct plan *plan, uint64_t marks_size);
void ether_deinit(struct ether *ether);
enum nature ether_nature(struct address address, uint16_t port);

#endif
