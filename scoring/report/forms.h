#ifndef SCORING_REPORT_FORMS_H
#define SCORING_REPORT_FORMS_H

#include "scoring/report/report.h"

/* Every form that a report can take, one file each; report.c lists them. */
extern const struct report_form report_table;
extern const struct report_form report_json;
extern const struct report_form report_jsonl;
extern const struct report_form report_markdown;
extern const struct report_form report_csv;
extern const struct report_form report_csv_scorecards;
extern const struct report_form report_nmap_xml;
extern const struct report_form report_prometheus;
extern const struct report_form report_sarif;
extern const struct report_form report_html;
extern const struct report_form report_pdf;

#endif
