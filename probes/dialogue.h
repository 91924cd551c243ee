#ifndef PROBES_DIALOGUE_H
#define PROBES_DIALOGUE_H

#include "probes/probe.h"

/* What is the same in the text protocols in which the server greets, lists what it can do and may go over to
   TLS under way (SMTP, POP3, IMAP, FTP). Every call returns what the probe's step is to answer. */

/* The state of such a probe. */
struct dialogue_state {
    unsigned stage;     /* the probe's own; 0: the greeting is awaited */
    bool sure;          /* words were heard that only this protocol says */
    bool always_inside; /* TLS from the start, where a switch to it has no place */
    bool over;          /* the goodbye is sent */
};

/* What tells one protocol from another. Lists end in NULL or 0 and may be NULL. */
struct dialogue {
    const struct fact *offered;        /* the switch to TLS */
    const struct fact *works;          /* it came to a finished handshake */
    const struct fact *const *outside; /* what else is looked at outside TLS only */
    const struct fact *const *always;  /* what is looked at inside TLS too */
    const uint16_t *ports;             /* where the protocol is believed without being sure */
    const char *goodbye;
};

/* One call of the probe's step: keeps the state, records a finished handshake, and leaves to the probe what
   was `heard` and what is said once the connection is `secured`. */
enum probe_answer dialogue_step(struct probe_call *call, const struct dialogue *dialogue,
                                enum probe_answer (*heard)(struct probe_call *call),
                                enum probe_answer (*secured)(struct probe_call *call));
/* Sends a command, the answer to which is awaited in `stage`. */
enum probe_answer dialogue_say(struct probe_call *call, unsigned stage, const char *command);
/* Sends the goodbye. */
enum probe_answer dialogue_finish(struct probe_call *call, const struct dialogue *dialogue);
/* The same with the facts that are not known yet left undetermined; why is static. */
enum probe_answer dialogue_give_up(struct probe_call *call, const struct dialogue *dialogue, const char *why);
/* Nothing more can be said or heard: the facts are left undetermined, where it is this protocol at all. */
enum probe_answer dialogue_stopped(struct probe_call *call, const struct dialogue *dialogue, const char *why);
/* Nothing that was not looked at may pass for absent. */
void dialogue_leave_open(struct probe_call *call, const struct dialogue *dialogue, const char *why);

bool dialogue_usual_port(const struct probe_call *call, const struct dialogue *dialogue);
/* Is it this protocol, by its words or by its port? */
bool dialogue_confirmed(const struct probe_call *call, const struct dialogue *dialogue);

/* Does one of these login mechanisms, divided by blanks, send the password readably? */
bool dialogue_readable_login(struct span mechanisms);
/* Adds a name to a list of them; one that does not fit whole is left out. */
void dialogue_add_name(struct buffer *names, const char *separator, struct span name);

#endif
