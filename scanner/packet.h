#ifndef SCANNER_PACKET_H
#define SCANNER_PACKET_H

#include "probes/cursor.h"
#include "scanner/cookie.h"
#include "scanner/wire.h"

/* What a captured frame says of a SYN. Everything in it may be forged and cut anywhere. */

enum packet_kind {
    PACKET_OTHER,
    PACKET_SYN,
    PACKET_SYN_ACK,
    PACKET_RESET,
    PACKET_UNREACHABLE, /* ICMP types 3 and 11, ICMPv6 types 1 and 3, which quote the SYN */
    PACKET_NEIGHBOUR, /* an ARP reply or a neighbour advertisement that says it was asked for, not tagged with a VLAN */
};

/* One packet, turned so that `own` is the side that asked and `other` the side that was asked. */
struct packet {
    enum packet_kind kind;
    struct address own,
        other; /* of PACKET_NEIGHBOUR: who asked, by what the answer says, and whose `hardware` is */
    uint16_t own_port, other_port;
    bool proven;       /* it names the SYN's sequence: a reset without ACK does not */
    uint32_t sequence; /* of the SYN: its own, or as it was acknowledged or quoted */
    uint16_t window;
    bool options;        /* a SYN-ACK carried TCP options */
    uint8_t hardware[6]; /* of PACKET_NEIGHBOUR */
};

/* datalink: a DLT_ of libpcap: EN10MB, RAW, LINUX_SLL and LINUX_SLL2 are known (others: PACKET_OTHER), VLAN tags
   are passed over. Frames may be cut short; a packet is told only when all that it says was there. */
bool packet_knows(int datalink);
void packet_read(int datalink, struct span frame, struct packet *packet_out);

enum packet_answer { PACKET_NO_ANSWER, PACKET_FOREIGN, PACKET_GENUINE };

/* Is it of a kind that answers a SYN? And what it then says, as an answer to that attempt. */
bool packet_answers(const struct packet *packet);
struct wire_reply packet_reply(const struct packet *packet, unsigned attempt);
/* Is it an answer to a SYN of ours? Foreign: it came to our ports, and its cookie is wrong. */
enum packet_answer packet_answer(const struct packet *packet, const struct siphash_key *key,
                                 struct wire_reply *reply_out);

#endif
