#ifndef SCORING_REPORT_TABLE_PARTS_H
#define SCORING_REPORT_TABLE_PARTS_H

#include "scoring/report/page.h"

/* The parts of the page of table.c. */

/* The band that is shown: the index's, or the gate where that is lower. */
enum band table_band(const struct scorecard *scorecard);
/* Where a run looked from, by its word; "seen from the internet". */
const char *table_vantage(const struct page *page, const char *word);
/* An empty line and the name of what follows. */
void table_section(struct page *page, const char *name);
/* What to fix first: points, places, how; and what the first few bring together. */
void table_fixes(struct page *page, const struct report *report, const struct report_organization *row);
/* "192.0.2.10:3306", "[2001:db8::1]:443", "192.0.2.10" for hosts, with the asset's name behind it where the organization
   is known; a key where there is no address. */
void table_write_place(FILE *list, const struct finding *finding, enum item_unit unit,
                       const struct organization *organization);
/* Risks whose acceptance is in force. */
void table_accepted(struct page *page, const struct report *report, const struct report_organization *row);
/* What the scope says is none, and who says so. */
void table_marked(struct page *page, const struct report *report, const struct report_organization *row);
/* Against an earlier run. */
void table_changes(struct page *page, const struct report *report, const struct report_organization *row);
/* All organizations, the safest first, and their mean. */
void table_ranking(struct page *page, const struct report *report);

#endif
