#ifndef SCORING_FEEDS_JSON_ELEMENTS_H
#define SCORING_FEEDS_JSON_ELEMENTS_H

#include "scoring/feeds/json_members.h"
#include "scoring/feeds/source.h"

/* Reads a document of any size that is one object: its members, and of one of them, a list, the items, one
   after the other, each whole and checked (targets/json.h). Memory is bounded by the largest of them. */

#define JSON_ELEMENT_MAX       (16u << 20) /* bytes of one member or item */
#define JSON_ELEMENT_DEPTH_MAX 32

struct json_element {
    bool item;               /* of the list; else a member, and `name` is its name */
    struct json_value name;  /* with its quotes */
    struct json_value value; /* size 0: the document has ended, rightly */
};

struct json_elements {
    struct feed_source *source;
    const char *list; /* the name of the list */
    struct span chunk;
    char *text; /* the element: its name where it has one, then its value */
    size_t size, capacity;
    size_t name_size;
    unsigned line, column;           /* of the next byte, from 1 */
    unsigned from_line, from_column; /* of the element's value */
    int state;
};

MUST_USE enum status json_elements_init(struct json_elements *elements, struct feed_source *source,
                                        const char *list);
void json_elements_deinit(struct json_elements *elements);
/* The next one; borrowed until the next call. STATUS_WRONG_FILE: the complaint says where the document is
   none, or an element is too large. */
MUST_USE enum status json_elements_next(struct json_elements *elements, struct json_element *element_out);
/* Complains about a place in the last element's value. Returns STATUS_WRONG_FILE. */
__attribute__((format(printf, 3, 4))) MUST_USE enum status
json_elements_complain(struct json_elements *elements, const char *at, const char *format, ...);

#endif
