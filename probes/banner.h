#ifndef PROBES_BANNER_H
#define PROBES_BANNER_H

#include "probes/observation.h"

/* A product that names itself in a line of text. */
struct banner_product {
    const char *mark; /* compared without case, at the start of a word */
    const char *product;
};

/* Names the first of `products` (ended by one without a mark) that stands in `text`, with the version that
   follows the mark, if one does ("Exim 4.96", "Haraka/3.0.1", "Server v15.1", "Service (Version 5.0)"), and
   the packager ("Postfix (Debian/GNU)"). false: none of them. */
bool banner_observe(struct observation *observation, const struct banner_product *products, struct span text);
/* The line without the date of now that some greetings end in ("…; Sun, 22 Nov 2026 17:02:50 +0000"), so that
   two looks at one server see the same text. */
struct span banner_without_date(struct span line);

#endif
