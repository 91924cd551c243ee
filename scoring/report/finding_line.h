#ifndef SCORING_REPORT_FINDING_LINE_H
#define SCORING_REPORT_FINDING_LINE_H

#include "scoring/finding.h"

/* A finding record (contract.md) read straight from its line, for there may be a hundred million of them. Only
   the plain spelling is taken: known members once each, texts without escapes that are safe as they stand,
   values that are right. Whatever else there is, wrong or merely unusual, is left to records.h, which reads the
   same and says what is wrong. */
struct finding_line {
    char *texts; /* of the finding read last */
    size_t capacity;
};

/* Zeroed is ready. */
void finding_line_deinit(struct finding_line *line);
/* False: not plain, or memory is out. The finding's texts are the line's until the next call. */
bool finding_line_read(struct finding_line *line, const char *text, size_t size, struct finding *finding_out);

#endif
