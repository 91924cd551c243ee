#ifndef TARGETS_CALENDAR_H
#define TARGETS_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* Days of the Gregorian calendar as scope.h keeps them: year * 10000 + month * 100 + day. */

/* "2026-01-31", a real day of the years 1970 to 9999. */
bool calendar_parse(const char *text, int *day_out);
/* Days since 1970-01-01. */
int64_t calendar_number(int day);
/* The day of such a number, of the years 1970 to 9999; the first or the last of them for one beyond. */
int calendar_day(int64_t number);

#define CALENDAR_TEXT_MAX 16 /* with the NUL, whatever the number */
/* "2026-01-31"; the text, for where it stands in a sentence. */
const char *calendar_format(int day, char text[CALENDAR_TEXT_MAX]);

#endif
