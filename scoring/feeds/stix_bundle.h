#ifndef SCORING_FEEDS_STIX_BUNDLE_H
#define SCORING_FEEDS_STIX_BUNDLE_H

#include "scoring/feeds/indicators.h"
#include "scoring/feeds/source.h"
#include "scoring/feeds/stix_rows.h"

/* Bundles of STIX 2.1 (OASIS, 2021-06-10): indicators, what they indicate, and who has sighted what. Objects may
   come in any order; what refers to others is joined at the end. */

/* An id and what is said of it; or a reference from one object to another. */
struct stix_link {
    struct stix_id from, to;
};

/* Malware, an intrusion set, a campaign …: its indicator_word bits. */
struct stix_thing {
    struct stix_id id;
    uint64_t words;
};

/* Whoever has sighted something; its name is to be the id of an organization in the scope. */
#define STIX_NAME_MAX 41
struct stix_identity {
    struct stix_id id;
    char name[STIX_NAME_MAX];
};

/* An address object that somebody of the scope owns. */
struct stix_address {
    struct stix_id id;
    struct address address;
};

struct stix_sighting {
    struct stix_id id, of;
    char of_text[STIX_ID_TEXT_MAX]; /* as the bundle writes it */
    int64_t time_ms;                /* last seen, else when it was made known */
};

struct stix_bundle {
    struct indicators *indicators;
    struct stix_rows things; /* struct stix_thing, indicators too where there are sightings to be read; sorted
                                    by id once read, and so are those below */
    struct stix_rows relations;  /* struct stix_link: what indicates what */
    struct stix_rows identities; /* struct stix_identity */
    struct stix_rows sightings;  /* struct stix_sighting */
    struct stix_rows places;     /* struct stix_link: a sighting, and whose it is */
    struct stix_rows shown; /* struct stix_link: a sighting and its observed data; those and their objects */
    struct stix_rows addresses; /* struct stix_address */
    int64_t newest_ms;          /* when the newest object was made or changed */
    unsigned kinds;             /* of the terms that the indicators have, kept or not */
};

struct stix_reader {
    struct feed_source *source;
    void *context;
    /* Whether to keep what an indicator is about; NULL: all. */
    bool (*wanted)(void *context, const struct indicator_term *term);
    /* Whether to keep an address that was observed; NULL: none, and no sightings either. */
    bool (*ours)(void *context, struct address address);
    /* As in feed_sink; NULL: nobody is told. */
    void (*skipped)(void *context, const char *why);
};

/* Adds to the indicators, which the caller settles. STATUS_WRONG_FILE: the complaints say what and where. */
MUST_USE enum status stix_bundle_read(struct stix_bundle *bundle_out, const struct stix_reader *reader,
                                      struct indicators *indicators);
void stix_bundle_deinit(struct stix_bundle *bundle);
/* What is said of an object, and of what it indicates. */
uint64_t stix_bundle_words(const struct stix_bundle *bundle, const struct stix_id *id);

#endif
