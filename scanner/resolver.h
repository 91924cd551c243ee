#ifndef SCANNER_RESOLVER_H
#define SCANNER_RESOLVER_H

#include "targets/naming.h"

/* The addresses of names, A and AAAA, as the system's own resolver has them (getaddrinfo: the hosts file, DNS, whatever
   nsswitch.conf names). What comes from the network is read in a process of its own, which has given up every privilege
   and is ended at the deadline; of what it says nothing is believed but numbers in their bounds. */

struct resolver_listener {
    void *context;
    /* One of its addresses; NAMES_ADDRESSES_MAX at most for each name. */
    enum status (*found)(void *context, size_t name, struct address address);
    /* It has no address, or none further that is told; `why` is static, the end of a sentence. */
    enum status (*missing)(void *context, size_t name, const char *why);
};

/* Asks for all of them, some at a time, once each; returns when every one was told of or its time is over: 15 seconds
   and a tenth more for each name. STATUS_INTERRUPTED: SIGINT or SIGTERM came, and both are
   blocked from then on: the same may come again by another way, and the process is to end in order. A listener's error ends it too. */
MUST_USE enum status resolver_run(const char *const *names, size_t count,
                                  const struct resolver_listener *listener);

#endif
