#ifndef SCORING_REPORT_ANSWERS_H
#define SCORING_REPORT_ANSWERS_H

#include "scoring/report/report.h"

/* What answered at the endpoints of one organization, so that a finding can be shown with what it was concluded
   from; and how many hosts spoke which protocol, over all organizations. */

#define ANSWER_EVIDENCE_MAX 96

struct answer {
    struct address address;
    struct port port;
    const char *service; /* static */
    bool tls;
    char product[64], version[64];
    uint8_t evidence[ANSWER_EVIDENCE_MAX]; /* its first bytes */
    size_t evidence_size;
    int64_t time_ms;
};

struct answers {
    struct answer *items; /* by address and port, each once: what we saw ourselves before what others did */
    size_t count, capacity;
    enum status status;
};

/* Of one organization; none where the report has no evidence. */
MUST_USE enum status answers_collect(const struct report *report, const char *organization,
                                     struct answers *answers_out);
void answers_deinit(struct answers *answers);
const struct answer *answers_at(const struct answers *answers, struct address address, struct port port);

/* Hosts that spoke a protocol. */
struct service_count {
    const char *service;
    uint64_t hosts;
    size_t organizations;
};
struct services {
    struct service_count *items;
    size_t count;
    bool known; /* there were observations at all */
};
MUST_USE enum status services_make(const struct report *report, struct services *services_out);
void services_deinit(struct services *services);
/* Zeros where nobody speaks it. */
struct service_count services_of(const struct services *services, const char *service);

#endif
