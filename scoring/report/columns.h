#ifndef SCORING_REPORT_COLUMNS_H
#define SCORING_REPORT_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

/* How wide text is on a terminal, without the C library's locale: East Asian wide and fullwidth characters
   take two columns, combining ones none (UAX #11), all else one. Ambiguous ones are taken as narrow, so that
   forms should not align anything behind them. */
size_t columns_of(const char *text);

/* Where to end a line of at most `width` columns: the bytes that stay on it, trailing blanks not counted, and
   in *next_out where the next line begins. Breaks at blanks and between wide characters, never before closing
   punctuation nor behind an opening one; a word that is wider than the line is cut. At least one character.
 */
size_t columns_break(const char *text, size_t width, size_t *next_out);

#endif
