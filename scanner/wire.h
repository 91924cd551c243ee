#ifndef SCANNER_WIRE_H
#define SCANNER_WIRE_H

#include "scanner/plan.h"
#include "scanner/session.h"

/* One way to send a SYN each and to hear what comes of it. The connect engine asks one target at a time and
   remembers each; the engines that sweep send whole runs of steps of a plan and know an answer by its cookie. */

enum wire_answer {
    WIRE_OPEN,
    WIRE_CLOSED,      /* RST */
    WIRE_UNREACHABLE, /* ICMP, or no route, or nobody has the address on our own link */
    WIRE_SILENT,      /* nothing within the time */
    WIRE_NOT_SENT,    /* for lack of sockets or memory here: to be asked again */
    WIRE_UNROUTED,    /* nothing was sent: there is no way to the address from here */
};

/* A genuine answer to a swept SYN: its cookie was right. The same may come more than once. */
struct wire_reply {
    struct address address;
    uint16_t port;
    enum wire_answer answer; /* WIRE_OPEN, WIRE_CLOSED, WIRE_UNREACHABLE or WIRE_UNROUTED */
    unsigned attempt;        /* which attempt it answers, from 1; WIRE_ATTEMPTS_MAX of them are told apart */
    uint16_t window;         /* of a SYN-ACK */
    bool options;            /* a SYN-ACK carried TCP options */
};

#define WIRE_ATTEMPTS_MAX 10

/* session: the connection, when the engine has one (it then owns it no more); the permit belongs to the
 * listener again. */
struct wire_listener {
    void (*answered)(void *context, void *token, enum wire_answer answer, struct session *session);
    /* The kernel sent so many SYNs more of its own; before `answered`. */
    void (*repeated)(void *context, void *token, unsigned count);
    /* Of engines that sweep; called from `hear`, and from `sweep` for what can't be sent. */
    void (*replied)(void *context, const struct wire_reply *reply);
    void *context;
};

/* Consecutive steps of a plan's swept part. */
struct wire_span {
    uint64_t first;
    uint32_t count;   /* WIRE_SPAN_MAX at most */
    uint32_t attempt; /* from 1; tells replies apart */
};

#define WIRE_SPAN_MAX 4096

/* What became of a span: the first `steps` of it are done, in `frames` SYNs; fewer steps than were asked for mean
   that the device takes no more just now. */
struct wire_sent {
    uint32_t steps;
    uint32_t frames;
};

/* Counted since the engine was made. */
struct wire_counters {
    uint64_t sent;     /* SYNs that the device took, by its own counters where it has them */
    uint64_t lost_out; /* SYNs that were handed over and did not leave */
    uint64_t heard;    /* answers with a right cookie */
    uint64_t foreign;  /* what came to our ports without one */
    uint64_t lost_in;  /* answers that our own ring or device had no room for */
};

struct wire {
    const char *name;
    /* Sends one SYN; `answered` follows exactly once with the token, never before this returns. This and the next two
       are NULL in engines that sweep. */
    enum status (*ask)(struct wire *wire, const struct permit *permit, void *token);
    /* Ends with WIRE_SILENT the oldest SYN that has had its time, if one has; returns when the next has had it, in the
       past when there is one at once, INT64_MAX when none is in flight. To be called soon after that: the kernel repeats
       a SYN a second after it, whatever it was told. */
    int64_t (*give_up)(struct wire *wire, int64_t now_ns);
    /* give_up is not called any more: what is in flight ends in its time by itself. */
    void (*leave)(struct wire *wire);

    /* The rest is NULL in the connect engine. */
    /* Sends a SYN for each step whose mark is 0. STATUS_UNAUTHORIZED: the gate refused one, and nothing goes out
       any more. */
    enum status (*sweep)(struct wire *wire, struct wire_span span, struct wire_sent *sent_out);
    /* Asks the link who has the addresses of a span's steps; sends nothing for those that a router stands before.
       Steps of the first round suffice. NULL where no address of the plan is on our own links. */
    enum status (*resolve)(struct wire *wire, struct wire_span span, struct wire_sent *sent_out);
    /* Calls `replied` for what has come; bounded work, returns whether there may be more at once. */
    enum status (*hear)(struct wire *wire, bool *more_out);
    void (*count)(struct wire *wire, struct wire_counters *counters_out);
    int descriptor; /* becomes readable when there is something to hear */
    /* One byte a step, that of step s at marks[s & (marks_size - 1)]: the sweep writes it, and the engine leaves
       out steps whose byte is not 0. The engine's memory; marks_size is a power of two. */
    uint8_t *marks;
    uint64_t marks_size;

    void (*free)(struct wire **wire);
};

/* The connect engine: the kernel's own connections, no privileges. */
MUST_USE enum status wire_connect_new(uv_loop_t *loop, unsigned timeout_ms, struct wire_listener listener,
                                      struct wire **wire_out);

/* What an engine that sweeps is made of. Borrowed for its life. */
struct wire_settings {
    const struct plan *plan;
    struct authorization *authorization;
    uint8_t key[16]; /* of the cookie: random, kept with the run so that a resumed one knows late answers */
    uint64_t marks_size; /* at least, a power of two */
    const char *pcap;    /* a file to which every SYN sent and every answer heard is written; NULL: none */
    struct wire_listener listener;
};

/* Why an engine can't be had here: words for a person, "what is wrong; what would help". */
#define WIRE_WHY_MAX 256

/* The packet engine: frames on AF_PACKET, answers through libpcap. STATUS_SYSTEM or STATUS_LIMIT: it can't be had
   here, and why_out[WIRE_WHY_MAX] says why. */
MUST_USE enum status wire_packet_new(const struct wire_settings *settings, struct wire **wire_out,
                                     char *why_out);
/* The XDP engine: live frames made by a BPF program that holds the authorization itself. The same errors; also
   where the build is without it. It needs CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON to be made and, from
   Linux 5.19 on, none of them afterwards (5.18 wants CAP_BPF, unless kernel.unprivileged_bpf_disabled is 0): all may
   be dropped once this returns. Before it does, one Ethernet frame of a type and to an address that no host takes has
   been sent on each device. */
MUST_USE enum status wire_xdp_new(const struct wire_settings *settings, struct wire **wire_out,
                                  char *why_out);
/* Would the kernel load and run that program? Nothing is sent. STATUS_LIMIT: the build is without it; STATUS_SYSTEM:
   errno says why not. */
MUST_USE enum status wire_xdp_try(void);

/* A capture as if it were the wire: any that holds both directions, ours or another's. Nothing is sent and no leave
   is needed. `replied` is called for every answer to a SYN that stands before it in the capture with its ports and
   sequence, then with WIRE_SILENT for every target that was asked and did not answer; a target that no SYN went to is
   not told. Also the fragile targets of the plan are. `hear` has no more when all was told. STATUS_WRONG_FILE:
   why_out. */
MUST_USE enum status wire_replay_new(const struct wire_settings *settings, const char *capture,
                                     struct wire **wire_out, char *why_out);

#endif
