#ifndef SCORING_IMPORT_H
#define SCORING_IMPORT_H

#include "scoring/feeds/feed.h"
#include "scoring/store.h"
#include "targets/scope.h"

/* A file of another source on its way into the store, where it becomes a run of its own. */

struct import_options {
    const struct feed *feed;
    const char *file; /* its name, for the run */
    /* The bytes, as feed_source.read. */
    enum status (*read)(void *context, void *bytes, size_t capacity, size_t *size_out);
    void *context;
    const struct document *map;          /* NULL where the feed has none */
    const struct indicators *indicators; /* for feeds that match events with them; NULL: none */
    const struct scope *scope;
    const struct catalogue *catalogue;
    const struct organization *only; /* whose file it is: private addresses are its own, and what belongs to
                                        others is left out; NULL: everybody's */
    enum vantage vantage;            /* from where the source looks */
    int64_t now_ms;                  /* the time of what has none */
};

#define IMPORT_REASONS_MAX 16

/* What became of the file. */
struct import_tally {
    uint64_t observations, findings;
    uint64_t outside; /* observations and findings of nobody in the scope */
    uint64_t others;  /* of organizations that the file is not of */
    struct {
        const char *why;
        uint64_t count;
    } skipped[IMPORT_REASONS_MAX]; /* what the feed left out, why and how often */
    size_t skipped_count;
    int64_t from_ms, until_ms; /* the time that the run covers */
};

/* All in one transaction, and judged by the catalogue: STATUS_OK, or the store is as it was before.
   STATUS_WRONG_FILE: the complaints of the file or of its map say what is wrong and where. */
MUST_USE enum status import_make(struct store *store, const struct import_options *options,
                                 struct complaints *complaints, struct complaints *map_complaints,
                                 struct import_tally *tally_out);

#endif
