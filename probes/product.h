#ifndef PROBES_PRODUCT_H
#define PROBES_PRODUCT_H

#include "probes/observation.h"

/* Facts: software.version_full (as told, with suffixes), software.distribution ("Debian", "Ubuntu", …: a
   packager who may have mended what the upstream number still shows, probes.md §3 trap 1). */
extern const struct fact product_facts[];

/* Names a product and its version as told; the version field keeps the upstream part ("10.11.6" of
   "10.11.6-MariaDB-0+deb12u1"), the facts the whole and the packager where one is recognised. An empty span:
   no version. */
void product_observe(struct observation *observation, const char *product, struct span told);
/* Records the packager that a banner names beside a product without a version ("Postfix (Debian/GNU)"). */
void product_observe_packager(struct observation *observation, struct span told);
/* The packager that a version or banner names, or NULL; static. */
const char *product_distribution(struct span told);
/* Orders versions: runs of digits as numbers, letters by ASCII; "1.10" > "1.9", "9.2p1" > "9.2". */
int version_compare(const char *a, const char *b);
/* The leading upstream part: starts with a digit, then digits, dots, and a letter suffix like p1 or rc2. */
struct span version_upstream(struct span told);

#endif
