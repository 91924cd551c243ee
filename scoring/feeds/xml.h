#ifndef SCORING_FEEDS_XML_H
#define SCORING_FEEDS_XML_H

#include "scoring/feeds/source.h"

/* XML 1.0 as a stream, read by expat. What a document of data does not need is refused, since it is only good
   for attacks: declarations in the DOCTYPE, and with them every entity but the five of XML itself. Nothing
   outside the file is ever read. Nesting, the size of one tag and that of a text are bounded. */

#define XML_DEPTH_MAX 32
#define XML_TAG_MAX   (4u << 20) /* a list of all ports has 400 KiB */
#define XML_TEXT_MAX  16384

struct xml_reader {
    void *context;
    /* Each gets line and column of its place by feed_source_complain, whose `line` is kept. Attributes are
       name and value in turn, ended by NULL. */
    enum status (*begin)(void *context, const char *name, const char *const *attributes);
    /* text is what stood in the element behind its last child; it is cut at XML_TEXT_MAX. */
    enum status (*end)(void *context, const char *name, const char *text);
};

/* STATUS_WRONG_FILE, with a complaint, for what is no XML, and whatever a callback returns but STATUS_OK. */
MUST_USE enum status xml_read(struct feed_source *source, const struct xml_reader *reader);
/* The value of an attribute; NULL when it is not there. */
const char *xml_attribute(const char *const *attributes, const char *name);

#endif
