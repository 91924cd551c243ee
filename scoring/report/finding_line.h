#ifndef SCORING_REPORT_FINDING_LINE_H
#define SCORING_REPORT_FINDING_LINE_H

#include <stdio.h>

#include "scoring/finding.h"
#include "scoring/timestamp.h"

/* A finding record (contract.md) read straight from its line, for there may be a hundred million of them. Only
   the plain spelling is taken: known members once each, texts without escapes that are safe as they stand,
   values that are right. Whatever else there is, wrong or merely unusual, is left to records.h, which reads the
   same and says what is wrong. */
struct finding_line {
    char *texts; /* of the finding read last, or the line written last */
    size_t capacity;
    double exposure; /* the one written last, and how */
    char exposure_text[32];
    int64_t day; /* the same of days since 1970 */
    char day_text[TIMESTAMP_TEXT_MAX];
};

/* Zeroed is ready. */
void finding_line_deinit(struct finding_line *line);
/* False: not plain, or memory is out. The finding's texts are the line's until the next call. */
bool finding_line_read(struct finding_line *line, const char *text, size_t size, struct finding *finding_out);

/* The line that record_finding and record_write make, and faster. Not with a finding that the same line has
   read. STATUS_SYSTEM, STATUS_NO_MEMORY. */
MUST_USE enum status finding_line_write(struct finding_line *line, const struct finding *finding,
                                        FILE *stream);
/* Room in `texts` for so many bytes. */
bool finding_line_reserve(struct finding_line *line, size_t size);

#endif
