#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "scoring/report/csv_cells.h"
#include "scoring/report/forms.h"
#include "scoring/report/table_parts.h"
#include "scoring/report/tallies.h"
#include "scoring/timestamp.h"

/* One line for each organization: what its scorecard says, in numbers. The names of the columns are the same in every
   language; domains have a column each, named by their ids. */

static const char *const names[] = {
    "org",
    "name",
    "province",
    "level",
    "index",
    "band",
    "gate",
    "shown",
    "bound_low",
    "bound_high",
    "literal",
    "unaccepted",
    "items_assessed",
    "items",
    "dimensions_assessed",
    "domains_assessed",
    "authorized",
    "asked",
    "answered",
    "open_hosts",
    "synthetic_hosts",
    "undetermined_hosts",
    "findings",
    "severity_5",
    "severity_4",
    "severity_3",
    "severity_2",
    "severity_1",
    "accepted",
    "run",
    "started",
    "complete",
    "calibration",
};
#define NAMES (sizeof names / sizeof names[0])

static void put_names(struct csv_line *line, const struct catalogue *catalogue)
{
    for (size_t i = 0; i < NAMES; i++)
        csv_text(line, names[i]);
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "domain_%s", catalogue->domains[i].id);
        csv_text(line, name);
    }
    csv_end(line);
}

static void put_index(struct csv_line *line, const struct scorecard *scorecard)
{
    const double none = (double)NAN;
    bool known = scorecard->assessed;
    csv_number(line, known ? scorecard->index : none, 0);
    csv_text(line, known ? band_word(scorecard->band) : NULL);
    csv_text(line, known ? band_word(scorecard->gate) : NULL);
    csv_text(line, known ? band_word(table_band(scorecard)) : NULL);
    csv_number(line, known ? scorecard->bounds[0] : none, 2);
    csv_number(line, known ? scorecard->bounds[1] : none, 2);
    csv_number(line, scorecard->literal, 2);
    csv_number(line, known ? scorecard->without_acceptance : none, 2);
}

static void put_coverage(struct csv_line *line, const struct report *report,
                         const struct report_organization *row)
{
    const uint64_t counts[] = {row->authorized, row->asked,           row->answered,
                               row->open_hosts, row->synthetic_hosts, row->undetermined_hosts};
    csv_number(line, (double)row->scorecard->items_assessed, 0);
    csv_number(line, (double)report->catalogue->items_count, 0);
    csv_number(line, (double)row->scorecard->dimensions_assessed, 0);
    csv_number(line, (double)row->scorecard->domains_assessed, 0);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        csv_number(line, row->counts_known ? (double)counts[i] : (double)NAN, 0);
}

static void put_findings(struct csv_line *line, const struct report *report,
                         const struct scorecard *scorecard)
{
    csv_number(line, (double)tally_severity(report->catalogue, scorecard, 0), 0);
    for (int severity = SEVERITY_MOST; severity >= 1; severity--)
        csv_number(line, (double)tally_severity(report->catalogue, scorecard, severity), 0);
    csv_number(line, (double)scorecard_accepted(scorecard), 0);
}

static void put_run(struct csv_line *line, const struct report *report)
{
    char started[TIMESTAMP_TEXT_MAX] = "";
    if (report->run)
        timestamp_format_ms(report->run->started_ms, started);
    csv_text(line, report->run ? report->run->id : NULL);
    csv_text(line, started);
    csv_text(line, report->complete ? "yes" : "no");
    csv_text(line, report->catalogue->g.fit.name);
}

static void put_domains(struct csv_line *line, const struct report *report, const struct scorecard *scorecard)
{
    for (size_t i = 0; i < report->catalogue->domains_count; i++)
        csv_number(line, scorecard->domains[i].assessed ? scorecard->domains[i].score : (double)NAN, 2);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct csv_line line = csv_begin(stream);
    put_names(&line, report->catalogue);
    for (size_t i = 0; i < report->organizations_count && line.writer.status == STATUS_OK; i++) {
        const struct report_organization *row = &report->organizations[i];
        csv_text(&line, row->organization->id);
        csv_text(&line, row->organization->name);
        csv_text(&line, organization_tag(row->organization, "province"));
        csv_text(&line, organization_tag(row->organization, "level"));
        put_index(&line, row->scorecard);
        put_coverage(&line, report, row);
        put_findings(&line, report, row->scorecard);
        put_run(&line, report);
        put_domains(&line, report, row->scorecard);
        csv_end(&line);
    }
    return line.writer.status;
}

const struct report_form report_csv_scorecards = {.name = "csv-scorecards", .write = write};
