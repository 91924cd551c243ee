#ifndef SCORING_REPORT_HTML_H
#define SCORING_REPORT_HTML_H

#include "scoring/report/report.h"
#include "scoring/report/writer.h"

/* HTML 5 as it is written, straight to a stream: markup of our own as it stands, texts of anybody made safe (text.h)
   and escaped, so that no name, banner or reason can become markup, reorder its line or hide. A text without end is
   cut. */
struct html {
    struct writer writer;
    enum language language;
};

#define HTML_TEXT_MAX 2000 /* bytes of one text */

/* The words of the page's language. */
__attribute__((format_arg(2), format_arg(3))) const char *html_say(const struct html *html, const char *zh,
                                                                   const char *en);
/* Markup of our own. Whatever is put into the format is a number or a word of our own, too. */
void html_put(struct html *html, const char *markup);
__attribute__((format(printf, 2, 3))) void html_markup(struct html *html, const char *format, ...);

/* Anybody's text; _cut with at most so many bytes. The same inside an attribute: a quotation mark is escaped. */
void html_text(struct html *html, const char *text);
void html_text_cut(struct html *html, const char *text, size_t most);
/* What the format makes of anybody's texts. */
__attribute__((format(printf, 2, 3))) void html_format(struct html *html, const char *format, ...);
/* Bytes from the network, made into text; html_banner shows lines as lines, and in hexadecimal what is no text. */
void html_bytes(struct html *html, const uint8_t *bytes, size_t size, size_t most);
void html_banner(struct html *html, const uint8_t *bytes, size_t size, size_t most);
/* <tag>text</tag>; `tag` may carry attributes of our own: "td class=\"number\"". */
void html_element(struct html *html, const char *tag, const char *text);

/* "65 536": from five digits on in threes, by a narrow space that does not break. */
void html_count(struct html *html, uint64_t count);
/* "3.43 %", with as many digits as a share bears; its text for where it stands in a sentence. */
#define HTML_SHARE_MAX 24
const char *html_share(double share, char text[HTML_SHARE_MAX]);
/* <time>2026-01-31 12:00 UTC</time>; nothing for 0. */
void html_moment(struct html *html, int64_t ms);
void html_day(struct html *html, int day); /* YYYYMMDD */

#endif
