#ifndef SCANNER_SYN_H
#define SCANNER_SYN_H

#include "scanner/cookie.h"
#include "targets/address.h"

/* A SYN as Linux sends one (RFC 9293, with the options MSS, SACK permitted, timestamps and window scale): built
   once for each way out, then copied and patched for each target. All that varies besides the target comes of the
   cookie, so that a frame can be made again from its target and attempt. */

#define SYN_LINK_SIZE 14 /* the Ethernet header, or room for it */
#define SYN_FRAME_MAX (SYN_LINK_SIZE + 40 + 40)

struct syn_template {
    uint8_t bytes[SYN_FRAME_MAX]; /* Ethernet, IPv4 or IPv6, TCP; checksums are of no use before patching */
    size_t size;
    bool ipv6;
    __u64 source[2]; /* as they stand in the packet; IPv4: the low half of the first */
    /* Ones' complement sums over what does not vary (RFC 1071), unfolded. */
    uint32_t ip_sum;
    uint32_t tcp_sum;
};

/* The header of the link: source and next hop; both zero where there is none. */
struct syn_link {
    uint8_t next_hop[6], source[6];
};

/* mtu: of the way, for the MSS. timestamp: what every SYN carries as its time. */
MUST_USE enum status syn_template_init(struct syn_template *syn, const struct syn_link *link,
                                       struct address source, unsigned mtu, uint32_t timestamp);
/* Another next hop: for targets on the own link. */
void syn_template_aim(struct syn_template *syn, const uint8_t next_hop[6]);
/* Makes the frame to a target of the template's family; attempt: as of cookie_port. */
void syn_write(const struct syn_template *syn, const struct siphash_key *key, struct address target,
               uint16_t port, uint32_t attempt, uint8_t frame[SYN_FRAME_MAX]);
/* The cookie of a pair, as syn_write and whoever checks an answer need it. */
__u64 syn_cookie(const struct siphash_key *key, struct address source, struct address target, uint16_t port);

#endif
