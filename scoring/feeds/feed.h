#ifndef SCORING_FEEDS_FEED_H
#define SCORING_FEEDS_FEED_H

#include "scoring/feeds/indicators.h"
#include "scoring/feeds/source.h"
#include "scoring/finding.h"

/* One outside source of findings: one file in feeds/ with one exported `const struct feed feed_NAME`, everything
   else static, and one line in feeds.def. A feed turns a stream of bytes into observations, findings and what
   they cover; it knows nothing of the store, of the scope and of where the bytes come from, keeps no more than
   a bounded part of them, and takes them for hostile. Which alert, column or value is which item is written in
   its map, a JSON file in scoring/data/ that a user can replace with --map. */

/* Where a feed hands over what it has read. Everything is borrowed until the call returns; whatever a call
   returns but STATUS_OK, the feed passes up at once. Where organization is NULL the sink finds the owner of the
   address or, where there is none, of the domain; what belongs to nobody in the scope is counted and left out.
   Texts are to be made safe (text.h) before they are handed over. */
struct feed_sink {
    void *context;
    /* The id of the organization that an address (not NULL) or else a domain belongs to, for feeds that have to
       know which end of a conversation is ours; NULL: of none. Private addresses are those of the organization
       that the whole file is said to be of (`import --org`). Stays as long as the sink. */
    const char *(*owner)(void *context, const struct address *address, const char *domain);
    /* An endpoint that is open, judged by the catalogue's conditions like one of our own. */
    enum status (*observation)(void *context, const struct observation *observation);
    /* These ports were asked at the address, and this became of each; open ones are counted here too. It is
       what makes a scan's items count as assessed. Address after address, so that those of an organization
       follow each other as far as the file allows. */
    enum status (*asked)(void *context, struct address address, const struct ports *ports,
                         enum endpoint_state state);
    /* exposure NAN is that of the vantage from where the source looks; events and answers, which have nothing
       to do with reach, say 1. confidence and asset 0 are the item's; time_ms decides what lies in the item's
       window. domain: whose it is where the finding has neither organization nor address; may be NULL. An item
       that the catalogue has not is a complaint of the map, made before the first line is read. */
    enum status (*finding)(void *context, const struct finding *finding, const char *domain);
    /* These items were looked at during this time, milliseconds since the epoch, both ends included: for one
       organization, or for all that the file is of where organization is NULL. A finding covers its own item.
     */
    enum status (*covers)(void *context, const char *organization, const char *const *items, size_t count,
                          int64_t from_ms, int64_t until_ms);
    /* The time of the whole file, where it says so: what observations cover. */
    void (*period)(void *context, int64_t from_ms, int64_t until_ms);
    /* A part of the file was left out that is no mistake of it: why, a clause in English that stays static,
       "events of a kind that no item counts". Each reason is counted and said at the end. */
    void (*skipped)(void *context, const char *why);
    /* The id of the organization that a file calls by its id or by its name; NULL: the scope has none, or two. */
    const char *(*organization)(void *context, const char *name);
};

/* One reading. */
struct feed_call {
    struct feed_source *source;
    const struct feed_sink *sink;
    const struct document *map;        /* NULL: the feed has none */
    const struct catalogue *catalogue; /* whose items the map may name */
    struct complaints *map_complaints;
    const struct indicators *indicators; /* of all --indicators, settled; NULL: none */
    int64_t now_ms;                      /* the time of what has none */
};

struct feed {
    const char *name; /* the FORMAT of `auscult import`: "nmap" */
    const char *en;   /* what it reads, a clause: "nmap's XML (-oX)" */
    const char *zh;
    const char *map; /* the built-in map, a name in scoring/data/ without ending; NULL: none */
    bool indicated;  /* matches what it reads with indicators */
    bool needs_map;  /* there is no built-in one, and --map must name a file */
    /* STATUS_WRONG_FILE: complaints of the file or of the map say what and where. Nothing that was handed over
       counts then. */
    enum status (*parse)(const struct feed_call *call);
};

/* All of feeds.def in its order, ended by NULL. */
extern const struct feed *const feeds[];
/* NULL: no such feed. */
const struct feed *feed_named(const char *name);

#endif
