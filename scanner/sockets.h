#ifndef SCANNER_SOCKETS_H
#define SCANNER_SOCKETS_H

#include <stddef.h>

/* How many sockets a scan may have, as the limit of this process's open files (setrlimit(2)) allows. */
struct sockets {
    size_t in_flight; /* SYNs without an answer */
    size_t talking;   /* ports in conversation */
};

/* Raises the soft limit to the hard one first. */
struct sockets sockets_share(void);
/* Makes room for them in the kernel's table, once and while the process has one thread: with more, each doubling of it
   waits for all processors, some 15 ms. file: any that is open. */
void sockets_reserve(const struct sockets *sockets, int file);

#endif
