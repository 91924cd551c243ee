#ifndef SCORING_FEEDS_JSON_MEMBERS_H
#define SCORING_FEEDS_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Walks JSON text that json_check (targets/json.h) has passed, one member after another, without a tree and
   without memory of its own: of a feed's lines only a few members matter. Text that was not checked is read
   without harm, but with no meaning. */

/* A piece of the text without the white space around it; borrowed. size 0: there is none. */
struct json_value {
    const char *text;
    size_t size;
};

/* The members of an object or the items of an array that are still to come. */
struct json_members {
    const char *at;
    const char *end;
    bool named;
};

/* Of anything but an object or array there are none. */
struct json_members json_members(struct json_value value);
/* The next one; false at the end. Items of an array have no name. */
bool json_next(struct json_members *members, struct json_value *name_out, struct json_value *value_out);
/* Is it this name (a piece with its quotes, escapes read)? */
bool json_named(struct json_value name, const char *word);
/* The member of that name, the first of several; size 0 when there is none. */
struct json_value json_member(struct json_value object, const char *name);
/* A string as UTF-8 with its escapes read and a NUL behind. False, and "", for another type and for a text
   that does not fit. */
bool json_text(struct json_value value, char *text, size_t capacity);
/* The same, but a text that does not fit is cut at a whole character. */
bool json_text_cut(struct json_value value, char *text, size_t capacity);
/* A whole number from 0 on, without fraction and exponent; false for anything else. */
bool json_whole(struct json_value value, uint64_t *number_out);

#endif
