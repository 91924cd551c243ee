#ifndef PROBES_BER_H
#define PROBES_BER_H

#include "probes/buffer.h"
#include "probes/cursor.h"

/* The part of BER (X.690) that LDAP and its like use: one-byte tags, definite lengths. A value is a cursor of
   its own in which running out is malformed, so that depth is what the caller unfolds and nothing recurses.
 */

enum {
    BER_BOOLEAN = 0x01,
    BER_INTEGER = 0x02,
    BER_OCTETS = 0x04,
    BER_ENUMERATED = 0x0a,
    BER_SEQUENCE = 0x30,
    BER_SET = 0x31,
};

/* The next element, whatever its tag; fails short when it is not whole yet. */
struct cursor ber_next(struct cursor *cursor, uint8_t *tag_out);
/* The next element, which must have this tag. */
struct cursor ber_element(struct cursor *cursor, uint8_t tag);
struct span ber_string(struct cursor *cursor, uint8_t tag);
/* A non-negative number of at most four bytes; anything else is malformed. */
uint32_t ber_number(struct cursor *cursor, uint8_t tag);

/* Begins an element of at most 65535 bytes and returns what ber_end needs. */
size_t ber_begin(struct buffer *buffer, uint8_t tag);
void ber_end(struct buffer *buffer, size_t at);
void ber_write_text(struct buffer *buffer, uint8_t tag, const char *text);
void ber_write_number(struct buffer *buffer, uint8_t tag, uint32_t number);

#endif
