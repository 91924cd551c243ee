#ifndef SCORING_FEEDS_NMAP_HOST_H
#define SCORING_FEEDS_NMAP_HOST_H

#include "scoring/feeds/feed.h"

/* What became of each TCP port at one host of nmap's report. "open|filtered" and its like say neither open nor
   closed, so that such a port counts as not asked. */

struct nmap_host {
    struct ports asked; /* at every host: the list of "scaninfo" */
    bool up, has_address;
    struct address address;
    int64_t ended_ms;      /* 0: not told */
    uint8_t states[65536]; /* per port, 1 + enum endpoint_state; 0: not told */
    uint8_t rest;          /* the same for those that are not listed */
};

void nmap_host_init(struct nmap_host *host);
void nmap_host_deinit(struct nmap_host *host);
/* The next host; what was asked stays. */
void nmap_host_begin(struct nmap_host *host, int64_t ended_ms);
/* A port by nmap's word and reason (NULL: none given); false when that says neither open nor closed. */
bool nmap_host_state(struct nmap_host *host, uint16_t port, const char *word, const char *reason);
/* The ports that are not listed ("extraports"); false as above. */
bool nmap_host_rest(struct nmap_host *host, const char *word);
/* Those of them that had one reason ("extrareasons"). STATUS_WRONG_FILE, without a complaint, for no list. */
MUST_USE enum status nmap_host_reason(struct nmap_host *host, const char *reason, const char *list);
/* Tells the sink what became of each port that was asked. */
MUST_USE enum status nmap_host_tell(const struct nmap_host *host, const struct feed_sink *sink);

#endif
