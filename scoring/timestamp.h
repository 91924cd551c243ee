#ifndef SCORING_TIMESTAMP_H
#define SCORING_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Moments as text: RFC 3339 in UTC, years 0000 to 9999 of the Gregorian calendar. No locale, no time zone. */

#define TIMESTAMP_TEXT_MAX 25 /* "2026-01-31T12:00:00.000Z" with the NUL */

/* With milliseconds; false (and "") for a moment outside those years. */
bool timestamp_format_ms(int64_t ms, char text[TIMESTAMP_TEXT_MAX]);
/* Without. */
bool timestamp_format(int64_t seconds, char text[TIMESTAMP_TEXT_MAX]);
/* Reads RFC 3339 with any offset and up to nine digits of fraction, which are cut to milliseconds. A leap
   second is the next minute's first second. False for anything else. */
bool timestamp_parse(const char *text, int64_t *ms_out);

#endif
