#ifndef SCANNER_CONTROL_H
#define SCANNER_CONTROL_H

#include "probes/observation.h"
#include "scanner/plan.h"

/* Whether a host's open ports are to be believed. Proxies that complete every handshake, traps and tarpits have
   everything open (probes.md §3, trap 5). A host that looks like one is asked at a control port, where nobody
   listens: when that answers too, a port of it counts as open only where it spoke a protocol, the others as
   synthetic. What makes a host look like one depends on the host alone, so that no result depends on the order in
   which its ports were asked. */

/* What is known of one host. */
struct control {
    enum host_control state;
    unsigned unproven; /* ports that accept a connection and spoke no protocol */
    unsigned told;     /* of these, how many this scan has counted as open */
};

/* The unproven ports from which on a host is doubted, of those that a scan asks for: eight, or half of them where
   that is less, but three at least. Real hosts rarely have so many, and one that has is asked at one port more. */
unsigned control_threshold(size_t ports);
/* Whether a SYN-ACK is none of a full TCP stack (RFC 9293 §3.7.1: all of them announce their MSS; nobody invites to
   a connection and to no byte): a proxy's that waits for the handshake before it asks its server. */
bool control_forged(uint16_t window, bool options);

/* The ports that may serve for it: where the authorization allows any, high ones, above those that Linux gives to
   outgoing connections and far above those that Windows begins with; those that the plan asks itself only where it
   asks all of them. only: this one alone where it is not 0. Caller deinits; empty: there is none. */
MUST_USE enum status control_ports(const struct authorization *authorization, const struct plan *plan,
                                   uint16_t only, struct ports *ports_out);
/* One of them, by seed and host; there is at least one. */
struct port control_port(const struct ports *ports, uint64_t seed, struct address address);

#endif
