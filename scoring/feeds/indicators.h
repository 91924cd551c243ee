#ifndef SCORING_FEEDS_INDICATORS_H
#define SCORING_FEEDS_INDICATORS_H

#include "scoring/feeds/stix_id.h"
#include "targets/domain.h"
#include "targets/ports.h"
#include "targets/ranges.h"

/* What threat intelligence names: addresses, names and URLs, until when, and of what (STIX 2.1 §4.7). Read from
   bundles (stix_bundle.h), then asked for what events show. */

struct indicator {
    struct stix_id id;
    char type_and_id[STIX_ID_TEXT_MAX]; /* for people */
    int64_t from_ms, until_ms;          /* valid in [from, until) */
    int64_t modified_ms;                /* of several versions the newest holds */
    uint64_t words;                     /* indicator_word bits: what it is said to be of */
    uint8_t confidence;                 /* 1..5; 0: not said */
};

/* The bit of a word of STIX's open vocabularies for indicators, malware and infrastructure (§10.9, §10.18,
   §10.10), of the types of the objects that an indicator can indicate, or of the kill chain; 0 for any other.
 */
uint64_t indicator_word(const char *word);

/* What an indicator can be about. */
enum indicator_kind {
    INDICATOR_ADDRESS = 1,
    INDICATOR_NAME = 2,       /* that name itself */
    INDICATOR_NAME_BELOW = 4, /* every name below it */
    INDICATOR_URL = 8
};

struct indicator_term {
    enum indicator_kind kind;
    struct range range; /* an address's */
    uint16_t port;      /* 0: any */
    int transport;      /* enum transport; -1: any */
    const char *text;   /* a name, folded, or a URL as url_fold writes it */
};

/* Which of them are meant. */
struct indicator_condition {
    unsigned kinds;   /* of enum indicator_kind; 0: none, there is no such condition */
    uint64_t with;    /* one of these words at least; 0: any */
    uint64_t without; /* and none of these */
};

/* What an event shows. */
struct indicator_question {
    struct address address;
    bool has_address;
    uint16_t port;
    int transport;
    const char *name; /* folded; "": none */
    const char *url;  /* folded; "": none */
    int64_t time_ms;
};

#define INDICATORS_MAX      2000000u     /* terms */
#define INDICATORS_TEXT_MAX (256u << 20) /* bytes of names and URLs */

struct indicator_address {
    struct range range;
    struct address reach; /* the highest last address of this and all before it */
    uint32_t indicator;
    uint16_t port;
    int8_t transport;
};

struct indicator_text {
    size_t at; /* in `texts` */
    uint32_t indicator;
    uint8_t kind;
};

struct indicators {
    struct indicator *items;
    size_t count, capacity;
    struct indicator_address *addresses;
    size_t addresses_count, addresses_capacity;
    struct indicator_text *names; /* and URLs */
    size_t names_count, names_capacity;
    char *texts;
    size_t texts_size, texts_capacity;
    uint64_t words; /* of all items, once settled */
};

void indicators_init(struct indicators *indicators);
void indicators_deinit(struct indicators *indicators);
/* The terms that follow are the new one's. STATUS_LIMIT where there are too many. */
MUST_USE enum status indicators_add(struct indicators *indicators, const struct indicator *indicator);
MUST_USE enum status indicators_add_term(struct indicators *indicators, const struct indicator_term *term);
/* To be called when all are there, and before the first question. Of two with one id only the newer one is valid
   then. STATUS_NO_MEMORY alone. */
MUST_USE enum status indicators_settle(struct indicators *indicators);
/* One that meets the condition and was valid at the time; NULL when there is none. */
const struct indicator *indicators_find(const struct indicators *indicators,
                                        const struct indicator_question *question,
                                        const struct indicator_condition *condition);

#endif
