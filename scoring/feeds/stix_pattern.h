#ifndef SCORING_FEEDS_STIX_PATTERN_H
#define SCORING_FEEDS_STIX_PATTERN_H

#include "scoring/feeds/indicators.h"

/* Patterns of indicators (STIX 2.1 §9). Read whole by the grammar; of use here is what one connection or one name
   can meet by itself: comparisons of ipv4-addr:value, ipv6-addr:value, domain-name:value, url:value and
   network-traffic:dst_ref.value by =, IN, ISSUBSET and LIKE '%.name', alone or with a destination port and a
   protocol, joined by OR and AND, in observation expressions joined by OR. */

#define STIX_PATTERN_MAX       65536 /* bytes */
#define STIX_PATTERN_TERMS_MAX 4096

/* The ways in which a pattern can be met that are of use here. Its texts are its own. */
struct stix_pattern {
    struct indicator_term *terms;
    size_t count;
    char *texts;
    const char *why; /* static, a clause: why there is none, or not all of it; NULL where all is of use */
};

/* STATUS_MISMATCH when the text is no pattern: *why_out is static, *at_out its offset. */
MUST_USE enum status stix_pattern_read(const char *text, struct stix_pattern *pattern_out,
                                       const char **why_out, size_t *at_out);
void stix_pattern_deinit(struct stix_pattern *pattern);

#endif
