#ifndef PROBES_OBSERVATION_H
#define PROBES_OBSERVATION_H

#include "probes/cursor.h"
#include "targets/address.h"
#include "targets/ports.h"

enum fact_type {
    FACT_BOOL,
    FACT_INTEGER,
    FACT_TEXT,
    FACT_TIME, /* seconds since the epoch, UTC */
};

/* What a probe can report: declared beforehand in the probe's own table, ended by one without a name. */
struct fact {
    const char *name; /* "mysql.tls_offered": service or format, dot, words */
    enum fact_type type;
    const char *en; /* what it means, a clause: "the server offers TLS before login" */
    const char *zh;
};

/* A declared fact and what became of it. What has no entry was not looked at. */
struct fact_value {
    const struct fact *fact;
    const char *undetermined; /* why it is not determined: static, or held by text; NULL when it is known */
    int64_t number;           /* bool, integer, time */
    char *text;               /* owned, safe (text.h): the value of a known FACT_TEXT */
};

enum endpoint_state {
    ENDPOINT_OPEN,
    ENDPOINT_CLOSED,
    ENDPOINT_UNREACHABLE,
    ENDPOINT_SILENT,
    ENDPOINT_SYNTHETIC,
};

/* Whether a host's open ports are to be believed, by what its control port said: one where nobody listens, unless
   the host answers everywhere (probes.md §3, trap 5). Stores keep the numbers. */
enum host_control {
    CONTROL_UNASKED,  /* nothing made it necessary */
    CONTROL_ASKED,    /* its answer is not there yet */
    CONTROL_REFUSED,  /* it does not answer: the host is as it seems */
    CONTROL_ANSWERED, /* it answers: the host is synthetic */
    CONTROL_NONE,     /* no port may be asked for it: not determined */
};

#define OBSERVATION_FACTS_MAX    96
#define OBSERVATION_TEXT_MAX     512
#define OBSERVATION_EVIDENCE_MAX 512

/* What is known of one endpoint. */
struct observation {
    struct address address;
    struct port port;
    enum endpoint_state state;
    const char *service; /* a probe's name or "unknown"; static */
    bool tls;            /* the service speaks inside TLS from the start */
    char product[64];    /* "" when not told */
    char version[64];
    struct fact_value facts[OBSERVATION_FACTS_MAX];
    size_t facts_count;
    uint8_t evidence[OBSERVATION_EVIDENCE_MAX]; /* the first bytes that the service said */
    size_t evidence_size;
    int64_t time_ms; /* since the epoch; set by whoever has a clock */
    bool full;       /* a fact or a text did not fit, or memory was out */
};

void observation_init(struct observation *observation, struct address address, struct port port);
void observation_deinit(struct observation *observation);
/* copy_out: to be deinited. What memory is out for is left out, and the copy is `full`. */
void observation_copy(struct observation *copy_out, const struct observation *observation);
/* Forgets facts, product, version, service and evidence; keeps the endpoint. */
void observation_clear(struct observation *observation);

/* Each sets a declared fact of the right type (checked by assert); a later value replaces an earlier one, and
   a known value is never replaced by "undetermined". */
void observation_bool(struct observation *observation, const struct fact *fact, bool value);
void observation_integer(struct observation *observation, const struct fact *fact, int64_t value);
void observation_time(struct observation *observation, const struct fact *fact, int64_t seconds);
/* Copies and makes safe. */
void observation_text(struct observation *observation, const struct fact *fact, struct span value);
/* For text of our own making, or already safe. */
void observation_words(struct observation *observation, const struct fact *fact, const char *words);
void observation_undetermined(struct observation *observation, const struct fact *fact, const char *why);
/* The same with a reason that is not static, for observations that are read back: it is copied. A fact that
 * has an entry already keeps it. */
void observation_undetermined_copy(struct observation *observation, const struct fact *fact, const char *why);
void observation_product(struct observation *observation, const char *product);
/* Safe, cut to fit. */
void observation_version(struct observation *observation, struct span version);

/* NULL when nothing was said about it. */
const struct fact_value *observation_find(const struct observation *observation, const char *name);
bool observation_is_true(const struct observation *observation, const struct fact *fact);
const char *endpoint_state_name(enum endpoint_state state);

#endif
