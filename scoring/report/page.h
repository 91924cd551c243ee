#ifndef SCORING_REPORT_PAGE_H
#define SCORING_REPORT_PAGE_H

#include <stdio.h>

#include "scoring/report/report.h"

/* A page of text: wrapped to its width, made safe for a terminal, aligned by columns and not by bytes. Colour
   on terminals only. The first failure sticks in status. */
struct page {
    FILE *stream;
    size_t width;
    enum language language;
    bool colour;
    enum status status;
};

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_FAINT, STYLE_RED, STYLE_YELLOW, STYLE_GREEN };

struct page page_on(const struct report *report, FILE *stream);
/* The words of the page's language. */
__attribute__((format_arg(2), format_arg(3))) const char *page_say(const struct page *page, const char *zh,
                                                                   const char *en);

/* A paragraph, wrapped: every line begins at column `indent`; `head` stands before it on the first line, from
   column `outdent` on. Ends its last line. */
__attribute__((format(printf, 5, 6))) void page_paragraph(struct page *page, size_t outdent, const char *head,
                                                          size_t indent, const char *format, ...);
void page_gap(struct page *page); /* an empty line */

/* Parts of one line, that page_end ends. */
__attribute__((format(printf, 3, 4))) void page_part(struct page *page, enum style style, const char *format,
                                                     ...);
/* Padded with blanks to so many columns, at its right or (page_right) at its left. */
void page_left(struct page *page, size_t columns, const char *text);
void page_right(struct page *page, size_t columns, const char *text);
void page_end(struct page *page);
/* A line, and one of its width in dashes under it. */
__attribute__((format(printf, 2, 3))) void page_heading(struct page *page, const char *format, ...);

#endif
