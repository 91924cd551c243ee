#ifndef SCORING_REPORT_MARKDOWN_H
#define SCORING_REPORT_MARKDOWN_H

#include "scoring/report/doors.h"
#include "scoring/report/writer.h"

/* The parts of the page of markdown.c: CommonMark with GitHub's tables, for a ticket or a wiki. */
struct markdown {
    struct writer writer;
    const struct report *report;
};

/* The words of the report's language. */
__attribute__((format_arg(2), format_arg(3))) const char *markdown_say(const struct markdown *markdown,
                                                                       const char *zh, const char *en);
/* What others wrote, every character that means something in Markdown or HTML escaped, so that it is shown as it is. */
void markdown_text(struct markdown *markdown, const char *text);
/* The same as code, for what came from the network; not inside a table. */
void markdown_code(struct markdown *markdown, const char *text);
/* A title of the catalogue, "MySQL exposed (H04-1)". */
void markdown_item(struct markdown *markdown, size_t item);
void markdown_words(struct markdown *markdown, const struct words *words);
/* A day as a number, 20260131, as text. */
void markdown_day(struct markdown *markdown, int day);

/* One organization, from its heading on. */
void markdown_organization(struct markdown *markdown, const struct report_organization *row);
/* Its findings item by item, with their places. */
void markdown_findings(struct markdown *markdown, const struct report_organization *row);
/* What became of what was found before, and of the ports. Nothing where the report has no changes. */
void markdown_changes(struct markdown *markdown, const struct report_organization *row);
/* What the figures can't say, and how they came to be. */
void markdown_method(struct markdown *markdown);

#endif
