#ifndef PROBES_TEXT_H
#define PROBES_TEXT_H

#include "probes/cursor.h"

/* No character takes more than this, however it is written. */
#define TEXT_PIECE_MAX 16

/* Makes bytes of the network into text that is safe to show: valid UTF-8 stays, what is valid GB18030 (GB
   18030-2005) and not UTF-8 is converted, every other byte becomes \xNN; controls (C0, C1, DEL) become \xNN,
   bidirectional and invisible format characters \u{NNNN}. At most `capacity` bytes with the NUL, never cut
   inside a character. Returns the length. GB18030 is believed only when the whole span is valid in it (but
   for a character that the span's end cuts) and holds at least one character of the plain GB 2312 ideographs,
   and when the span is not UTF-8 whose end is cut. */
size_t text_safe(struct span span, char *text, size_t capacity);

/* The same for UTF-16, little endian (MS-NLMP, MS-SMB2); lone surrogates become \u{NNNN}, an odd last byte
   \xNN. */
size_t text_safe_utf16le(struct span span, char *text, size_t capacity);

/* Whether text_safe spells a character out: a control, one that reorders or hides its neighbours, or none at all (U+FFFE). */
bool text_unsafe(uint32_t code);

#endif
