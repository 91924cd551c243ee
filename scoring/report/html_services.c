#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/comparison.h"

/* Remote login, file shares, mail, medical protocols: at how many hosts the door is open, what spoke there, and what
   was wrong with it. */

#define SPOKEN_MAX 5

struct topic {
    const char *zh, *en;
    const char *exposure; /* counts the open ports */
    const char *ports;    /* an item that is looked for on these alone belongs here */
    struct {
        const char *service, *name;
    } spoken[SPOKEN_MAX];
};

static const struct topic topics[] = {
    {"远程登录",
     "Remote login",
     "open-remote-login",
     "22,23,2222,3389,3390,5900,5901,5985,5986",
     {{"ssh", "SSH"}, {"telnet", "Telnet"}, {"rdp", "RDP"}, {"vnc", "VNC"}}},
    {"445 与文件共享", "445 and file shares", "open-445", "139,445", {{"smb", "SMB"}}},
    {"邮件",
     "Mail",
     "open-mail",
     "25,110,143,465,587,993,995",
     {{"smtp", "SMTP"}, {"pop3", "POP3"}, {"imap", "IMAP"}}},
    {"医疗协议（DICOM、HL7）",
     "Medical protocols (DICOM, HL7)",
     "open-medical",
     "104,2575,2761,2762,4242,11112",
     {{"dicom", "DICOM"}, {"hl7", "HL7"}}},
};

static size_t exposure_named(const struct comparison *comparison, const char *id)
{
    for (size_t i = 0; comparison && i < comparison->exposures->count; i++)
        if (strcmp(comparison->exposures->items[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

/* "Open at 12 of 45 hosts that have any port open, and at 3 of 3 hospitals." */
static void put_open(struct html_document *document, const struct topic *topic)
{
    struct html *html = &document->html;
    const struct comparison *comparison = document->report->comparison;
    size_t exposure = exposure_named(comparison, topic->exposure);
    if (exposure == SIZE_MAX || comparison->census->addresses == 0)
        return;
    const struct proportion hosts = census_proportion(comparison->census, exposure, DENOMINATOR_HOST);
    const struct proportion organizations =
        census_proportion(comparison->census, exposure, DENOMINATOR_ORGANIZATION);
    if (comparison->census->tallies[exposure].asked == ASKED_NOWHERE) {
        html_paragraph(html, "", html_say(html, "没有探测这些端口。", "These ports were not asked."));
        return;
    }
    html_put(html, "<p>");
    html_format(html,
                html_say(html, "有开放端口的 %" PRIu64 " 台主机中，%" PRIu64 " 台开放了这类端口",
                         "Of %" PRIu64 " hosts with an open port, %" PRIu64 " have one of these open"),
                hosts.of, hosts.count);
    if (!document->single)
        html_format(html,
                    html_say(html, "；涉及 %" PRIu64 " / %" PRIu64 " 家医院",
                             ", at %" PRIu64 " of %" PRIu64 " hospitals"),
                    organizations.count, organizations.of);
    html_text(html, html_say(html, "。", "."));
    for (size_t i = 0; i < comparison->shares_count && !document->single; i++) {
        const struct comparison_share *share = &comparison->shares[i];
        char text[HTML_SHARE_MAX];
        if (share->exposure != exposure || share->denominator != DENOMINATOR_ORGANIZATION)
            continue;
        html_format(html, html_say(html, "基线为 %s 的医院：%s。", " The baseline has %s of hospitals: %s."),
                    html_share(share->baseline, text), comparison_word_name(share->word, html->language));
    }
    html_put(html, "</p>\n");
}

/* "SSH spoke at 9 hosts, RDP at 3." Ports may be open and say nothing. */
static void put_spoken(struct html_document *document, const struct topic *topic)
{
    struct html *html = &document->html;
    bool first = true;
    if (!document->services.known)
        return;
    html_put(html, "<p>");
    for (size_t i = 0; i < SPOKEN_MAX && topic->spoken[i].service; i++) {
        const struct service_count spoken = services_of(&document->services, topic->spoken[i].service);
        if (spoken.hosts == 0)
            continue;
        html_text(html, first ? html_say(html, "确认在讲：", "Spoken: ") : html_say(html, "，", ", "));
        first = false;
        html_format(html,
                    html_say(html, "%s %" PRIu64 " 台",
                             spoken.hosts == 1 ? "%s at %" PRIu64 " host" : "%s at %" PRIu64 " hosts"),
                    topic->spoken[i].name, spoken.hosts);
    }
    html_text(html, first ? html_say(html, "没有主机讲这些协议。", "No host spoke these protocols.")
                          : html_say(html, "。", "."));
    html_put(html, "</p>\n");
}

static bool is_within(const struct ports *ports, const struct ports *among)
{
    for (size_t i = 0; i < ports->count; i++)
        if (!ports_contain(among, ports->items[i].number, (enum transport)ports->items[i].transport))
            return false;
    return ports->count > 0;
}

static void put_items(struct html_document *document, const struct ports *among)
{
    struct html *html = &document->html;
    const struct catalogue *catalogue = document->report->catalogue;
    bool any = false;
    for (size_t i = 0; i < document->group.items_count; i++) {
        const struct group_item *found = &document->group.items[i];
        const struct item *item = &catalogue->items[found->item];
        if (!is_within(&item->ports, among))
            continue;
        html_put(html, any ? "" : "<ul class=\"counted\">\n");
        any = true;
        html_put(html, "<li><span>");
        html_item(html, item);
        html_put(html, "</span><span class=\"number\">");
        html_count(html, found->occurrences);
        html_text(html, item->unit == UNIT_HOST
                            ? html_say(html, " 台", found->occurrences == 1 ? " host" : " hosts")
                            : html_say(html, " 处", found->occurrences == 1 ? " place" : " places"));
        html_put(html, "</span></li>\n");
    }
    html_put(html, any ? "</ul>\n" : "");
    if (!any)
        html_paragraph(html, "faint", html_say(html, "没有发现问题。", "No findings."));
}

static void put_topic(struct html_document *document, const struct topic *topic)
{
    struct html *html = &document->html;
    struct ports among;
    const char *why;
    size_t at;
    html_put(html, "<div class=\"topic\">");
    html_heading(html, 3, html_say(html, topic->zh, topic->en));
    put_open(document, topic);
    put_spoken(document, topic);
    ports_init(&among);
    if (ports_parse(&among, topic->ports, &why, &at) != STATUS_OK)
        writer_keep(&html->writer, STATUS_NO_MEMORY);
    put_items(document, &among);
    ports_deinit(&among);
    html_put(html, "</div>\n");
}

void html_services(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "services",
                 html_say(html, "远程登录、文件共享、邮件、医疗协议",
                          "Remote login, file shares, mail, medical protocols"));
    html_put(html, "<div class=\"topics\">\n");
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        put_topic(document, &topics[i]);
    html_put(html, "</div>\n");
    html_section_end(html);
}
