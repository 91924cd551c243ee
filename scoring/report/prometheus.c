#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/cohort.h"
#include "scoring/report/forms.h"
#include "scoring/report/tallies.h"
#include "scoring/report/writer.h"

/* Prometheus' text exposition format 0.0.4, as node_exporter's textfile collector reads it: gauges without time
   stamps, the samples of each metric in one piece. What is not known has no sample. */

/* A label's value may hold any character but for these. */
static const char *escape(uint32_t code)
{
    return code == '\\' ? "\\\\" : code == '"' ? "\\\"" : code == '\n' ? "\\n" : NULL;
}

static void put_label(struct writer *writer, const char *before, const char *name, const char *value)
{
    writer_format(writer, "%s%s=\"", before, name);
    writer_escape(writer, value, escape);
    writer_put(writer, "\"");
}

static void put_organization(struct writer *writer, const struct organization *organization)
{
    put_label(writer, "{", "org", organization->id);
    put_label(writer, ",", "name", organization->name);
    put_label(writer, ",", "province", organization_tag(organization, "province"));
    put_label(writer, ",", "level", organization_tag(organization, "level"));
}

static void begin(struct writer *writer, const char *name, const char *help)
{
    writer_format(writer, "# HELP auscult_%s %s\n# TYPE auscult_%s gauge\n", name, help, name);
}

/* One figure of an organization; NAN is not known. */
static double index_of(const struct report_organization *row)
{
    return row->scorecard->assessed ? row->scorecard->index : (double)NAN;
}

static double band_number(const struct report_organization *row)
{
    return row->scorecard->assessed ? (double)row->scorecard->band : (double)NAN;
}

static double gate_number(const struct report_organization *row)
{
    return row->scorecard->assessed ? (double)row->scorecard->gate : (double)NAN;
}

static double items_assessed(const struct report_organization *row)
{
    return (double)row->scorecard->items_assessed;
}

static double dimensions_assessed(const struct report_organization *row)
{
    return (double)row->scorecard->dimensions_assessed;
}

static double domains_assessed(const struct report_organization *row)
{
    return (double)row->scorecard->domains_assessed;
}

static double authorized(const struct report_organization *row)
{
    return row->counts_known ? (double)row->authorized : (double)NAN;
}

static double asked(const struct report_organization *row)
{
    return row->counts_known ? (double)row->asked : (double)NAN;
}

static double answered(const struct report_organization *row)
{
    return row->counts_known ? (double)row->answered : (double)NAN;
}

static double open_hosts(const struct report_organization *row)
{
    return row->counts_known ? (double)row->open_hosts : (double)NAN;
}

static double accepted(const struct report_organization *row)
{
    double count = 0;
    for (size_t i = 0; i < row->scorecard->items_count; i++)
        count += (double)row->scorecard->items[i].accepted;
    return count;
}

static const struct figure {
    const char *name, *help;
    double (*of)(const struct report_organization *row);
} figures[] = {
    {"index", "Exposure index, 0 to 1000, higher is better; no sample where nothing was assessed.", index_of},
    {"band", "Band of the index: 0 poor, 1 fair, 2 good, 3 excellent.", band_number},
    {"gate", "Highest band that may be shown, numbered like auscult_band; 3 where nothing gates.",
     gate_number},
    {"items_assessed", "Check items that were looked at.", items_assessed},
    {"dimensions_assessed", "Dimensions in which an item was looked at.", dimensions_assessed},
    {"domains_assessed", "Domains in which an item was looked at.", domains_assessed},
    {"addresses_authorized", "Addresses that the scope holds.", authorized},
    {"addresses_asked", "Addresses that were asked.", asked},
    {"addresses_answered", "Addresses that answered.", answered},
    {"open_hosts", "Addresses with an open port.", open_hosts},
    {"accepted_findings", "Findings left out of the index: accepted or marked as false.", accepted},
};

static void put_figures(struct writer *writer, const struct report *report)
{
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        begin(writer, figures[i].name, figures[i].help);
        for (size_t j = 0; j < report->organizations_count; j++) {
            double value = figures[i].of(&report->organizations[j]);
            if (isnan(value))
                continue;
            writer_format(writer, "auscult_%s", figures[i].name);
            put_organization(writer, report->organizations[j].organization);
            writer_format(writer, "} %.0f\n", value);
        }
    }
}

static void put_bounds(struct writer *writer, const struct report *report)
{
    static const char *const names[] = {"low", "high"};
    begin(writer, "index_bound",
          "The index, were all that was not looked at at its worst (low) or without fault (high).");
    for (size_t i = 0; i < report->organizations_count; i++)
        for (size_t j = 0; j < 2 && report->organizations[i].scorecard->assessed; j++) {
            writer_put(writer, "auscult_index_bound");
            put_organization(writer, report->organizations[i].organization);
            writer_format(writer, ",bound=\"%s\"} %.3f\n", names[j],
                          report->organizations[i].scorecard->bounds[j]);
        }
}

static void put_domains(struct writer *writer, const struct report *report)
{
    const struct catalogue *catalogue = report->catalogue;
    begin(writer, "domain_score", "Score of a domain, 0 to 1000; no sample where it was not assessed.");
    for (size_t i = 0; i < report->organizations_count; i++)
        for (size_t j = 0; j < catalogue->domains_count; j++) {
            const struct score_dimension *domain = &report->organizations[i].scorecard->domains[j];
            if (!domain->assessed || isnan(domain->score))
                continue;
            writer_put(writer, "auscult_domain_score");
            put_organization(writer, report->organizations[i].organization);
            put_label(writer, ",", "domain", catalogue->domains[j].id);
            writer_format(writer, "} %.3f\n", domain->score);
        }
}

static void put_findings(struct writer *writer, const struct report *report)
{
    begin(writer, "findings", "Findings that count, by the severity of their items, 1 to 5.");
    for (size_t i = 0; i < report->organizations_count; i++)
        for (int severity = 1; severity <= SEVERITY_MOST; severity++) {
            writer_put(writer, "auscult_findings");
            put_organization(writer, report->organizations[i].organization);
            writer_format(writer, ",severity=\"%d\"} %" PRIu64 "\n", severity,
                          tally_severity(report->catalogue, report->organizations[i].scorecard, severity));
        }
}

static void put_ports(struct writer *writer, const struct report *report)
{
    if (!report->evidence)
        return;
    begin(writer, "open_ports", "Open ports by what answered there.");
    for (size_t i = 0; i < report->organizations_count; i++) {
        struct service_tally services;
        writer_keep(writer, service_tally_make(report, report->organizations[i].organization->id, &services));
        for (size_t j = 0; j < services.count; j++) {
            writer_put(writer, "auscult_open_ports");
            put_organization(writer, report->organizations[i].organization);
            put_label(writer, ",", "service", services.items[j].service);
            writer_format(writer, "} %" PRIu64 "\n", services.items[j].ports);
        }
        service_tally_deinit(&services);
    }
}

static void put_changes(struct writer *writer, const struct report *report)
{
    const struct changes *changes = report->changes;
    if (!changes)
        return;
    begin(writer, "changes", "Findings by what became of them since the earlier run.");
    for (size_t i = 0; i < report->organizations_count; i++) {
        const struct organization_change *change =
            changes_organization(changes, report->organizations[i].organization->id);
        for (int kind = 0; change && kind < CHANGE_KINDS; kind++) {
            writer_put(writer, "auscult_changes");
            put_organization(writer, report->organizations[i].organization);
            put_label(writer, ",", "change", change_kind_word((enum change_kind)kind));
            writer_format(writer, "} %" PRIu64 "\n", change->counts[kind]);
        }
    }
}

static void put_cohort(struct writer *writer, const char *name, const struct cohort *cohort, double value)
{
    if (isnan(value))
        return;
    writer_format(writer, "auscult_%s", name);
    put_label(writer, "{", "key", cohort->key);
    put_label(writer, ",", "value", cohort->value);
    writer_format(writer, "} %.3f\n", value);
}

static void put_cohorts(struct writer *writer, const struct report *report)
{
    static const struct {
        const char *name, *help;
    } parts[] = {{"group_index_mean", "Mean index of the organizations that share the value of a key."},
                 {"group_index_mean_low", "Lower end of the 95 % interval of that mean."},
                 {"group_index_mean_high", "Upper end of the 95 % interval of that mean."},
                 {"group_organizations", "Organizations with an index in the group."}};
    struct cohorts cohorts;
    writer_keep(writer, report_cohorts(report, &cohorts));
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
        begin(writer, parts[part].name, parts[part].help);
        for (size_t i = 0; i < cohorts.count; i++) {
            const struct cohort *cohort = &cohorts.items[i];
            const double values[] = {cohort->mean, cohort->interval[0], cohort->interval[1],
                                     (double)cohort->organizations};
            put_cohort(writer, parts[part].name, cohort, values[part]);
        }
    }
    cohorts_deinit(&cohorts);
}

static void put_single(struct writer *writer, const char *name, const char *help, double value)
{
    begin(writer, name, help);
    writer_format(writer, "auscult_%s %.13g\n", name, value);
}

static void put_run(struct writer *writer, const struct report *report)
{
    const struct store_run *run = report->run;
    double start = (double)run->started_ms / 1000;
    put_single(writer, "run_start_time_seconds", "When the run began, in seconds since the epoch.", start);
    put_single(writer, "run_end_time_seconds", "When it ended.",
               run->ended_ms ? (double)run->ended_ms / 1000 : start + report->seconds);
    put_single(writer, "run_complete", "Whether everything that was to be asked was asked.",
               report->complete);
    put_single(writer, "run_probes", "SYNs and datagrams that were sent.", (double)run->probes_sent);
    put_single(writer, "run_open_ports", "Open ports that were found.", (double)report->open_endpoints);
    if (!report->pace)
        return;
    put_single(writer, "run_rate", "SYNs a second, as it was.", report->pace->rate);
    put_single(writer, "run_recall", "Part of the answering targets that was heard, estimated.",
               report->pace->recall);
    put_single(writer, "run_lost", "Answers and probes that counters say got lost.",
               (double)report->pace->lost);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct writer writer = {stream, STATUS_OK};
    begin(&writer, "build", "The program's version and the catalogue by which it scored.");
    put_label(&writer, "auscult_build{", "version", AUSCULT_VERSION);
    put_label(&writer, ",", "catalogue", report->catalogue->name);
    writer_put(&writer, "} 1\n");
    /* Records alone have no engine, and say nothing of a scan. */
    if (report->run && report->run->engine && report->run->engine[0])
        put_run(&writer, report);
    put_figures(&writer, report);
    put_bounds(&writer, report);
    put_domains(&writer, report);
    put_findings(&writer, report);
    put_ports(&writer, report);
    put_changes(&writer, report);
    put_cohorts(&writer, report);
    return writer.status;
}

const struct report_form report_prometheus = {.name = "prometheus", .write = write, .changes = true};
