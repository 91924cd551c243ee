#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/forms.h"
#include "scoring/report/nmap_hosts.h"
#include "scoring/report/writer.h"

/* nmap's XML (nmap.dtd, which Debian installs in /usr/share/nmap): hosts that answered, their open ports and what
   answered there. Of the other ports a scan keeps only how many were closed or silent, and not at which host, so that
   they are "closed|filtered" together, and that only where everything was asked everywhere. */

struct xml {
    struct writer writer;
    const struct report *report;
    struct ports asked; /* TCP */
    uint64_t hosts;
};

/* Safe text has no characters that XML can't hold (XML 1.0 §2.2). */
static const char *escape(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

static void put_attribute(struct xml *xml, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    writer_format(&xml->writer, " %s=\"", name);
    writer_escape(&xml->writer, value, escape);
    writer_put(&xml->writer, "\"");
}

/* nmap's word for a service; NULL for what is not known. */
static const char *service_of(const struct answer *answer)
{
    static const struct {
        const char *ours, *theirs;
        uint16_t port; /* at this port alone; 0: at any */
    } words[] = {
        {"rdp", "ms-wbt-server", 0}, {"mssql", "ms-sql-s", 0},   {"oracle", "oracle-tns", 0},
        {"smb", "netbios-ssn", 139}, {"smb", "microsoft-ds", 0}, {"printer", "printer", 515},
        {"printer", "jetdirect", 0}, {"unknown", NULL, 0},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(answer->service, words[i].ours) == 0 &&
            (words[i].port == 0 || words[i].port == answer->port.number))
            return words[i].theirs;
    return answer->service;
}

static void put_port(struct xml *xml, const struct answer *answer)
{
    const char *service = service_of(answer);
    writer_format(&xml->writer,
                  "<port protocol=\"%s\" portid=\"%u\"><state state=\"open\" reason=\"syn-ack\" "
                  "reason_ttl=\"0\"/>",
                  transport_name(answer->port.transport), answer->port.number);
    if (service) {
        writer_put(&xml->writer, "<service");
        put_attribute(xml, "name", service);
        put_attribute(xml, "product", answer->product);
        put_attribute(xml, "version", answer->version);
        put_attribute(xml, "tunnel", answer->tls ? "ssl" : NULL);
        writer_put(&xml->writer, " method=\"probed\" conf=\"10\"/>");
    }
    writer_put(&xml->writer, "</port>\n");
}

/* Was every port asked at every address? */
static bool asked_all(const struct report *report)
{
    return report->run && report->complete && report->run->shards <= 1;
}

static void put_others(struct xml *xml, const struct answer *answers, size_t count)
{
    size_t others = xml->asked.count;
    for (size_t i = 0; i < count; i++)
        others -= ports_contain(&xml->asked, answers[i].port.number, answers[i].port.transport);
    if (others && asked_all(xml->report))
        writer_format(&xml->writer, "<extraports state=\"closed|filtered\" count=\"%zu\"/>\n", others);
}

static int64_t seconds_of(int64_t ms)
{
    return ms / 1000;
}

static void begin_host(struct xml *xml, const struct nmap_seen *host, const struct answer *answers,
                       size_t count)
{
    int64_t ended_ms = 0;
    char address[ADDRESS_TEXT_MAX];
    const struct store_run *run = xml->report->run;
    for (size_t i = 0; i < count; i++)
        ended_ms = answers[i].time_ms > ended_ms ? answers[i].time_ms : ended_ms;
    writer_put(&xml->writer, "<host");
    if (ended_ms && run && run->started_ms <= ended_ms)
        writer_format(&xml->writer, " starttime=\"%" PRId64 "\"", seconds_of(run->started_ms));
    if (ended_ms)
        writer_format(&xml->writer, " endtime=\"%" PRId64 "\"", seconds_of(ended_ms));
    if (host->synthetic)
        put_attribute(xml, "comment", "answers at every port; only what spoke a protocol is listed as open");
    address_format(host->address, address);
    writer_format(
        &xml->writer,
        "><status state=\"up\" reason=\"%s\" reason_ttl=\"0\"/>\n<address addr=\"%s\" addrtype=\"%s\"/>\n",
        count ? "syn-ack" : "unknown-response", address, address_is_ipv4(host->address) ? "ipv4" : "ipv6");
}

/* The answers are the host's. */
static void put_host(struct xml *xml, const struct nmap_seen *host, const struct answer *answers,
                     size_t count)
{
    begin_host(xml, host, answers, count);
    writer_put(&xml->writer, "<ports>");
    put_others(xml, answers, count);
    for (size_t i = 0; i < count; i++)
        put_port(xml, &answers[i]);
    writer_put(&xml->writer, "</ports></host>\n");
    xml->hosts++;
}

static void put_hosts(struct xml *xml, const char *organization)
{
    struct answers answers;
    struct nmap_seen_hosts hosts = {0};
    size_t from = 0;
    writer_keep(&xml->writer, answers_collect(xml->report, organization, &answers));
    if (xml->writer.status == STATUS_OK)
        writer_keep(&xml->writer, nmap_seen_collect(xml->report, organization, &answers, &hosts));
    for (size_t i = 0; i < hosts.count && xml->writer.status == STATUS_OK; i++) {
        size_t until = from;
        while (until < answers.count &&
               address_compare(answers.items[until].address, hosts.items[i].address) == 0)
            until++;
        put_host(xml, &hosts.items[i], until > from ? &answers.items[from] : NULL, until - from);
        from = until;
    }
    nmap_seen_deinit(&hosts);
    answers_deinit(&answers);
}

/* What the run asked; nothing where it asked none. */
static enum status take_asked(struct xml *xml)
{
    const struct store_run *run = xml->report->run;
    struct ports ports;
    const char *why = "";
    size_t at = 0;
    ports_init(&ports);
    enum status status = run && run->ports ? ports_parse(&ports, run->ports, &why, &at) : STATUS_OK;
    for (size_t i = 0; i < ports.count && status == STATUS_OK; i++)
        if (ports.items[i].transport == TRANSPORT_TCP)
            status = ports_add(&xml->asked, ports.items[i].number, TRANSPORT_TCP);
    ports_deinit(&ports);
    return status == STATUS_WRONG_FILE ? STATUS_MISMATCH : status;
}

static void put_scaninfo(struct xml *xml)
{
    const char *engine = xml->report->run ? xml->report->run->engine : NULL;
    char *list = xml->asked.count ? ports_format(&xml->asked) : NULL;
    if (xml->asked.count && !list)
        writer_keep(&xml->writer, STATUS_NO_MEMORY);
    if (list)
        writer_format(&xml->writer,
                      "<scaninfo type=\"%s\" protocol=\"tcp\" numservices=\"%zu\" services=\"%s\"/>\n",
                      engine && strcmp(engine, "connect") == 0 ? "connect" : "syn", xml->asked.count, list);
    free(list);
}

static void begin(struct xml *xml)
{
    const struct store_run *run = xml->report->run;
    writer_put(&xml->writer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n"
                             "<nmaprun scanner=\"nmap\" args=\"auscult report -o nmap-xml\"");
    if (run)
        writer_format(&xml->writer, " start=\"%" PRId64 "\"", seconds_of(run->started_ms));
    writer_put(&xml->writer, " version=\"auscult " AUSCULT_VERSION "\" xmloutputversion=\"1.05\">\n");
    put_scaninfo(xml);
    writer_put(&xml->writer, "<verbose level=\"0\"/>\n<debugging level=\"0\"/>\n");
}

static void end(struct xml *xml)
{
    const struct report *report = xml->report;
    const struct store_run *run = report->run;
    int64_t took_ms = (int64_t)(report->seconds * 1000);
    int64_t ended_ms = run ? (run->ended_ms ? run->ended_ms : run->started_ms + took_ms) : 0;
    uint64_t total = run && run->addresses > xml->hosts ? run->addresses : xml->hosts;
    /* Records and imports alone are no scan, and were not cut short. */
    bool cut = run && run->engine && run->engine[0] && !report->complete;
    writer_format(&xml->writer, "<runstats><finished time=\"%" PRId64 "\" elapsed=\"%.2f\" exit=\"%s\"%s/>",
                  seconds_of(ended_ms), report->seconds, cut ? "error" : "success",
                  cut ? " errormsg=\"the scan has not come to its end\"" : "");
    writer_format(&xml->writer,
                  "<hosts up=\"%" PRIu64 "\" down=\"%" PRIu64 "\" total=\"%" PRIu64
                  "\"/></runstats>\n</nmaprun>\n",
                  xml->hosts, total - xml->hosts, total);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct xml xml = {.writer = {stream, STATUS_OK}, .report = report};
    ports_init(&xml.asked);
    writer_keep(&xml.writer, take_asked(&xml));
    begin(&xml);
    for (size_t i = 0; i < report->organizations_count && xml.writer.status == STATUS_OK; i++)
        put_hosts(&xml, report->organizations[i].organization->id);
    end(&xml);
    ports_deinit(&xml.asked);
    return xml.writer.status;
}

const struct report_form report_nmap_xml = {.name = "nmap-xml", .write = write, .doors = true};
