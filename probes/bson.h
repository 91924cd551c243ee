#ifndef PROBES_BSON_H
#define PROBES_BSON_H

#include "probes/cursor.h"

/* Documents of BSON 1.1 (bsonspec.org/spec.html), one level at a time: what is nested is stepped over by its
   length and never entered. */

struct bson_element {
    uint8_t type;
    struct span name;
    struct span value; /* as it stands in the document, lengths included */
};

/* The elements of the document that starts here, which is consumed. Fails like cursor_block, malformed also
   when its length cannot be. */
struct cursor bson_document(struct cursor *in);
/* The next element; false at the end and when the document is malformed (its cursor tells which). */
bool bson_next(struct cursor *document, struct bson_element *element_out);
/* An int32, int64, double or boolean as a whole number; false for any other type, and for a double that is
   none. */
bool bson_integer(const struct bson_element *element, int64_t *number_out);
/* A string without its NUL, or an empty span for any other type. */
struct span bson_text(const struct bson_element *element);

#endif
