#ifndef SCORING_FEEDS_CSV_COLUMNS_H
#define SCORING_FEEDS_CSV_COLUMNS_H

#include "scoring/feeds/csv_reader.h"
#include "targets/fields.h"

/* What maps of tables have in common: columns found by the names that a map gives them, moments as people write
   them. */

/* Checks a member that names a column: a text, or a list of texts of which any may stand in the header. NULL
   where it is absent or wrong. */
const cJSON *csv_names(struct fields *fields, const cJSON *object, const char *name, enum presence presence);
/* The column of the header, which is the record at hand, that has one of these names, letters' case aside;
   SIZE_MAX when there is none. */
size_t csv_column(const struct csv_reader *header, const cJSON *names);
/* Is the text one of these, letters' case aside? */
bool csv_is_one_of(const char *text, const cJSON *names);

/* Reads a moment: RFC 3339, or "2026-01-31 12:00:00" with or without seconds or time, - or / between the parts
   of the day, of a clock that is `offset_minutes` ahead of UTC, or seconds or milliseconds since 1970. */
bool csv_moment(const char *text, int offset_minutes, int64_t *ms_out);
/* Reads "+08:00" into minutes. */
bool csv_offset(const char *text, int *minutes_out);

#endif
