#ifndef SCORING_REPORT_CSV_CELLS_H
#define SCORING_REPORT_CSV_CELLS_H

#include <stdbool.h>

#include "scoring/report/writer.h"

/* Lines of RFC 4180 in UTF-8, behind a byte order mark, without which Excel takes Chinese for GBK. A text that a
   spreadsheet would take for a formula gets an apostrophe before it, at the cell's beginning and behind every
   character at which a spreadsheet with other separators would begin a cell. */
struct csv_line {
    struct writer writer;
    bool begun; /* the line has a cell */
};

struct csv_line csv_begin(FILE *stream);
/* Each is the next cell; NULL and NAN are empty ones. */
void csv_text(struct csv_line *line, const char *text);
void csv_number(struct csv_line *line, double number, int decimals);
/* Ends the line. */
void csv_end(struct csv_line *line);

#endif
