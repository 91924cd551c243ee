#ifndef SCANNER_SCAN_PARTS_H
#define SCANNER_SCAN_PARTS_H

#include "scanner/canary.h"
#include "scanner/dispatch.h"
#include "scanner/loss.h"
#include "scanner/progress.h"
#include "scanner/scan.h"
#include "scanner/sockets.h"
#include "scanner/tempo.h"

/* One scan, shared by the files that move it on: scan.c (its phases, its loop, beginning and end), scan_targets.c
   (targets that are remembered one by one, and what is talked to), scan_control.c (which hosts are believed),
   scan_canary.c (whether it does harm) and scan_sweep.c (those that are swept). */

/* A target that was drawn, or found open by the sweep, and is not finished. */
struct target {
    struct ask ask; /* first: target_of */
    uint64_t number;
    struct address address;
    struct port port;
    const struct organization *organization;
    const struct permit *permit; /* while a SYN is in flight */
    struct watched *canary;      /* asked for its own sake; NULL: it is a target of the plan, or a control */
    unsigned attempts;
    unsigned refusals;
    bool fragile;
    bool answers; /* the sweep heard its SYN-ACK: it is open, whatever a connection comes to */
    int64_t retry_ns;
    struct target *next_retry;
    struct target *next, **link; /* in scan->targets */
};

struct scan {
    uv_loop_t loop;
    struct authorization *authorization;
    const struct plan *plan;
    struct scan_options options;
    struct scan_listener listener;
    struct networks networks;
    struct schedule schedule;
    struct dispatch dispatch;
    struct wire *wire; /* the connect engine */
    struct pacer pacer;
    struct tempo tempo;
    struct progress progress;
    struct scan_totals totals;
    struct target *targets; /* all that are unfinished */
    struct target *retry_head, *retry_tail;
    uint64_t position, size;
    struct sockets sockets; /* that there may be */
    size_t in_flight, unfinished;
    int alarm_fd;
    uv_poll_t alarm;
    uv_idle_t spin;
    uv_prepare_t prepare;
    uv_signal_t interrupts[2];
    int64_t rest_until_ns;
    int64_t moment_ns;
    enum refusal refusal;
    enum status status; /* why it stops */
    int error;          /* errno of STATUS_SYSTEM */
    bool stopping;

    struct watch watch;

    struct ports control_ports;
    unsigned control_threshold;

    struct wire *sweeper; /* NULL: the connect engine does it all */
    struct sweep *sweep;
    struct loss loss;
    struct pacer sweep_pacer;
    double sweep_rate; /* what ceilings leave to it; the loss lowers it further */
    uint32_t sweep_batch;
    uint8_t *hosts_heard; /* a bit for each swept address that answered */
    uv_poll_t ear;
};

/* scan.c */
void scan_stop(struct scan *scan, enum status status);
/* Stops it when the status is not STATUS_OK. */
void scan_check(struct scan *scan, enum status status);
void scan_refused(struct scan *scan, enum refusal refusal);
/* SYNs leave now. */
void scan_spend(struct scan *scan, uint32_t count, int64_t now_ns);

/* scan_targets.c */
extern const struct dispatch_listener scan_dispatch_listener; /* its context is the scan */
void scan_answered(void *context, void *token, enum wire_answer answer, struct session *session);
void scan_repeated(void *context, void *token, unsigned count);
/* answers: known to be open. forged: by a SYN-ACK that no full TCP stack sends. */
void scan_add_target(struct scan *scan, struct address address, struct port port, unsigned attempts,
                     bool answers, bool forged);
void scan_add_control(struct scan *scan, struct address address, struct port port);
void scan_add_canary(struct scan *scan, struct watched *watched);
void scan_forget_targets(struct scan *scan);
void scan_send_ask(struct scan *scan, struct ask *ask);
void scan_take_back_retries(struct scan *scan, int64_t now_ns);
/* Leave for one SYN now; NULL where there is none, and then the scan stops. */
const struct permit *scan_permit(struct scan *scan, struct address address, struct port port);
/* The end of the hours comes a little early: between the look at the clock and the packet time may pass. */
enum refusal scan_moment(const struct scan *scan, int64_t now_ms);

/* scan_control.c */
MUST_USE enum status scan_control_init(struct scan *scan);
void scan_control_deinit(struct scan *scan);
/* An open port of the host was told of and has spoken no protocol. */
void scan_unproven(struct scan *scan, struct host *host, const struct organization *organization);
void scan_forged(struct scan *scan, struct host *host, const struct organization *organization);
void scan_control_answered(struct scan *scan, struct host *host, const struct organization *organization,
                           bool answered);

/* scan_canary.c */
/* Once the schedule is there. */
void scan_canary_init(struct scan *scan);
/* Asks those whose turn has come. */
void scan_canary_ask(struct scan *scan, int64_t now_ns);
/* Stops the scan where one has fallen, or where none answered at first. */
void scan_canary_answered(struct scan *scan, struct watched *watched, enum wire_answer answer);

/* scan_sweep.c */
MUST_USE enum status scan_sweep_init(struct scan *scan);
/* Sends what is due; returns when there may be more to send. */
int64_t scan_sweep_send(struct scan *scan);
bool scan_sweep_over(const struct scan *scan);
void scan_sweep_end(struct scan *scan);
void scan_sweep_deinit(struct scan *scan);

#endif
