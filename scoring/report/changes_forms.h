#ifndef SCORING_REPORT_CHANGES_FORMS_H
#define SCORING_REPORT_CHANGES_FORMS_H

#include "scoring/report/page.h"

/* The forms that `diff` can take; their report's `changes` is set. */
extern const struct report_form changes_table;
extern const struct report_form changes_json;
extern const struct report_form changes_jsonl;
extern const struct report_form *const changes_forms[]; /* ended by NULL */

/* What changed for one organization, as part of a page: at most `most` lines of each kind. */
void changes_put(struct page *page, const struct report *report, const char *organization, size_t most);

#endif
