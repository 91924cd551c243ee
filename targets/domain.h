#ifndef TARGETS_DOMAIN_H
#define TARGETS_DOMAIN_H

#include <stdbool.h>

/* Names of the DNS in one spelling: lower case, no final dot, labels of other scripts as A-labels (RFC 5890
   §2.3.2.1, by UTS #46 nontransitional processing as browsers do it). */
#define DOMAIN_TEXT_MAX 254 /* 253 characters (RFC 1035 §2.3.4) and the end */

/* The one spelling of any name that was seen, host names and "_dmarc.hospital.example" alike; false when it
   can be none. Says nothing about whether such a name could be registered. */
bool domain_fold(const char *text, char name_out[DOMAIN_TEXT_MAX]);
/* A domain that somebody can own: two labels or more of letters, digits and inner hyphens (RFC 1035 §2.3.1,
   RFC 1123 §2.1), none of them a broken A-label. NULL when it is one, else why not and what would be right,
   as the end of a sentence. */
const char *domain_parse(const char *text, char name_out[DOMAIN_TEXT_MAX]);
/* The name above it, "b.example" for "a.b.example"; NULL above the last label. */
const char *domain_parent(const char *name);

#endif
