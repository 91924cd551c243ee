#ifndef SCORING_REPORT_HTML_PARTS_H
#define SCORING_REPORT_HTML_PARTS_H

#include "scoring/report/answers.h"
#include "scoring/report/axis.h"
#include "scoring/report/group.h"
#include "scoring/report/html.h"

/* The parts of the HTML report, one file each; private to it. html_document.c puts them in order. */

struct html_document {
    struct html html;
    const struct report *report;
    struct group group;
    struct services services;
    bool single;      /* one organization: its page is the report */
    size_t rows_most; /* findings that are listed of an organization, so that thousands still make a page */
    size_t evidence_most; /* bytes of a text of evidence */
    size_t fixes_most;    /* listed of an organization */
};

/* --- what all of them use: html_section.c --- */

/* <section> with its heading; `id` is its anchor. */
void html_section(struct html *html, const char *id, const char *title);
void html_section_end(struct html *html);
/* A heading of this level, 0: none; a hospital's parts stand deeper in a group than alone. */
void html_heading(struct html *html, int level, const char *title);
void html_paragraph(struct html *html, const char *class, const char *text);
/* A sentence under a heading that says how to read what follows. */
void html_note(struct html *html, const char *text);
/* A table, `name` being its caption for screen readers. One of class "stack" folds into entries on a phone; another
   stands in a box of its own, that scrolls where it is too wide. */
void html_table(struct html *html, const char *class, const char *name);
void html_table_end(struct html *html); /* and of its last <tbody> */
void html_column(struct html *html, const char *class, const char *title);
/* A chart of this height in pixels and as wide as its place; places in it are percent of that. `title` and
   `description` are what it says to who cannot see it. */
void html_chart(struct html *html, int height, const char *class, const char *title, const char *description);
void html_chart_end(struct html *html);
/* A chart of one line inside a table, whose cells say the same in words: HTML_ROW pixels high. With `line`, a thin one
   through its middle. */
#define HTML_ROW 18
void html_row(struct html *html, bool line);
void html_row_end(struct html *html);
/* Text in a chart: anchor "start", "middle" or "end". */
void html_chart_text(struct html *html, double x, double y, const char *anchor, const char *class,
                     const char *text);
/* What a chart was drawn from, folded. */
void html_details(struct html *html, const char *title);
void html_details_end(struct html *html);
/* The mark of a band, one bar to four, and its name. Marks are defined once. */
void html_band(struct html *html, enum band band);
void html_band_marks(struct html *html);
/* "RDP exposed", and its id small behind it. */
void html_item(struct html *html, const struct item *item);
/* "192.0.2.10:3306", "[2001:db8::1]:443", a key; with the asset's name behind it. */
void html_place(struct html *html, const struct finding *finding, enum item_unit unit,
                const struct organization *organization);
/* A name for where it stands in a sentence: safe, and not too long. */
#define HTML_NAME_MAX 200
const char *html_name(const char *text, char name[HTML_NAME_MAX]);
enum band html_band_shown(const struct scorecard *scorecard); /* the lower one of band and gate */
uint64_t html_occurrences(const struct scorecard *scorecard);
const char *html_vantage(const struct html *html, const struct report *report); /* "seen from the internet" */

/* --- of the whole --- */
void html_summary(struct html_document *document);
void html_index(struct html_document *document);
void html_bands(struct html_document *document);
void html_ranking(struct html_document *document);
void html_funnel(struct html_document *document);
void html_domains(struct html_document *document);
void html_ports(struct html_document *document);
void html_services(struct html_document *document);
void html_changes(struct html_document *document);
void html_priorities(struct html_document *document); /* over the hospitals of a group */
void html_method(struct html_document *document);

/* --- of one hospital; headings begin at `level`, 0: the section is headed already --- */
void html_hospital(struct html_document *document, size_t number);
void html_hospital_id(struct html *html, size_t number); /* its anchor, without # */
/* `whisker` NAN: none. `meaning` says what it is to who cannot see it. */
void html_scale_grounds(struct html *html); /* what all of them share, defined once */
void html_scale(struct html *html, double index, enum band band, const double whisker[2],
                const char *meaning);
void html_hospital_index(struct html_document *document, const struct report_organization *row);
void html_hospital_summary(struct html_document *document, const struct report_organization *row);
void html_hospital_domains(struct html_document *document, const struct report_organization *row, int level);
void html_fixes(struct html_document *document, const struct report_organization *row, int level);
/* When it was first seen; 0: not known. */
int64_t html_first_seen(const struct report *report, const struct report_organization *row,
                        const struct finding *finding, size_t item);
void html_findings(struct html_document *document, const struct report_organization *row, int level);
void html_accepted(struct html_document *document, const struct report_organization *row, int level);
void html_hospital_changes(struct html_document *document, const struct report_organization *row, int level);

#endif
