#ifndef SCORING_REPORT_NMAP_HOSTS_H
#define SCORING_REPORT_NMAP_HOSTS_H

#include "scoring/report/answers.h"

/* The hosts of one organization that answered, or at which an import saw something, by address. */
struct nmap_seen {
    struct address address;
    bool synthetic; /* it answers everywhere, so that what only answers does not count as open */
};
struct nmap_seen_hosts {
    struct nmap_seen *items;
    size_t count, capacity;
    enum status status;
};

/* Those of the answers are among them. Deinit in any case. */
MUST_USE enum status nmap_seen_collect(const struct report *report, const char *organization,
                                       const struct answers *answers, struct nmap_seen_hosts *hosts_out);
void nmap_seen_deinit(struct nmap_seen_hosts *hosts);

#endif
