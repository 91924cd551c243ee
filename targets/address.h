#ifndef TARGETS_ADDRESS_H
#define TARGETS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "targets/status.h"

/* One IPv4 or IPv6 address. IPv4 is kept as IPv4-mapped (::ffff:a.b.c.d, RFC 4291 §2.5.5.2), so that all
   addresses share one total order; a mapped address written as IPv6 is the IPv4 one. Host byte order. */
struct address {
    uint64_t high;
    uint64_t low;
};

#define ADDRESS_TEXT_MAX 46 /* with the NUL */

bool address_is_ipv4(struct address address);
struct address address_from_ipv4(uint32_t host_order);
int address_compare(struct address a, struct address b);
/* The next one up; wraps at the very end. */
struct address address_next(struct address address);
struct address address_add(struct address address, uint64_t n);
/* b - a, for a <= b; UINT64_MAX where it does not fit. */
uint64_t address_distance(struct address a, struct address b);

/* Reads dotted IPv4 (four decimal parts, no leading zeros) or RFC 4291 IPv6 without a zone; false for
 * anything else. */
MUST_USE bool address_parse(const char *text, size_t length, struct address *address_out);
/* RFC 5952 form. */
void address_format(struct address address, char text[ADDRESS_TEXT_MAX]);
#define ADDRESS_PORT_TEXT_MAX (ADDRESS_TEXT_MAX + 8)
/* "192.0.2.10:443", "[2001:db8::10]:443" (RFC 3986 §3.2.2); of port 0 the address alone. */
void address_format_port(struct address address, uint16_t port, char text[ADDRESS_PORT_TEXT_MAX]);
/* Fills a sockaddr; returns its length. */
socklen_t address_to_sockaddr(struct address address, uint16_t port, struct sockaddr_storage *out);
bool address_from_sockaddr(const struct sockaddr *sockaddr, struct address *address_out, uint16_t *port_out);

/* Why an address cannot be a unicast target ("multicast", "unspecified", "broadcast", "reserved",
   "link-local" for IPv6, which would need a zone), or NULL when it can. Loopback and private ranges are legal
   when a scope holds them (contract.md). */
const char *address_not_unicast(struct address address);
/* The same for first..last: why, and in *at_out an address among them that can't be; NULL when all can. */
const char *address_span_not_unicast(struct address first, struct address last, struct address *at_out);

#endif
