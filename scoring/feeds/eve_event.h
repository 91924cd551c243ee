#ifndef SCORING_FEEDS_EVE_EVENT_H
#define SCORING_FEEDS_EVE_EVENT_H

#include "scoring/feeds/json_members.h"
#include "targets/address.h"
#include "targets/domain.h"

/* One line of Suricata's eve.json (Suricata user guide, "Eve JSON Format", versions 4 to 8): what the items
   need of it. */

/* Only what a rule can ask for; every other kind is EVE_OTHER. */
enum eve_kind {
    EVE_OTHER,
    EVE_ALERT,
    EVE_FLOW,
    EVE_DNS,
    EVE_HTTP,
    EVE_TLS,
    EVE_QUIC,
    EVE_SSH,
    EVE_RDP,
    EVE_SMB,
    EVE_KINDS
};

/* "alert", "flow", …; those of EVE_ALERT and on, ended by NULL. */
extern const char *const eve_kind_names[];

struct eve_end {
    struct address address;
    uint16_t port; /* 0: none, as with ICMP */
};

#define EVE_TEXT_MAX 192
#define EVE_URL_MAX  1024

struct eve_event {
    enum eve_kind kind;
    int64_t time_ms;
    bool has_ends;          /* false for what belongs to no conversation ("stats") */
    struct eve_end ends[2]; /* source and destination, as the line has them */
    unsigned client;        /* which of the two asked; the other one is the server */
    unsigned attacker;      /* which of the two attacks; where no rule of Suricata's says, the client */
    bool udp, tcp;
    bool answered; /* a flow's server has sent a packet */
    uint64_t signature_id;
    uint64_t severity;            /* 1 is the gravest; 0: none */
    char signature[EVE_TEXT_MAX]; /* cut where it is longer */
    char category[EVE_TEXT_MAX];
    struct json_value metadata; /* of the alert's signature; borrowed from the line */
    char name[DOMAIN_TEXT_MAX]; /* that was asked for, by dns, http or tls; folded; "" */
    char url[EVE_URL_MAX];      /* of http, whole: "http://name/path"; "" */
};

/* Reads a line that json_check has passed. False when it is no record of EVE: *why_out is static and says
   what would be right, *at_out is where. */
bool eve_event_read(struct json_value line, struct eve_event *event_out, const char **why_out,
                    const char **at_out);

#endif
