#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>

#include "scoring/changes.h"
#include "scoring/timestamp.h"

/* Three sentences that can be repeated: how exposed, what is worst and what mending it would bring, what changed or
   how sure it is. */

static void put_capital(struct html *html, const char *words)
{
    if (words[0] >= 'a' && words[0] <= 'z')
        html_markup(html, "%c", words[0] - 'a' + 'A');
    html_text(html, words + (words[0] >= 'a' && words[0] <= 'z'));
}

static void put_exposure(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    char name[HTML_NAME_MAX];
    enum band shown = html_band_shown(scorecard);
    put_capital(html, html_vantage(html, document->report));
    html_format(html,
                html_say(html, "，%s的暴露指数为 %d（满分 1000），等级为“%s”",
                         ", %s has an exposure index of %d out of 1000, which is %s"),
                html_name(row->organization->name, name), scorecard->index,
                band_name(scorecard->band, html->language));
    if (shown != scorecard->band)
        html_format(html,
                    html_say(html, "，但只显示为“%s”，因为有 %zu 类严重问题",
                             ", but is shown as %s for the sake of grave findings (%zu)"),
                    band_name(shown, html->language), scorecard->gated_by_count);
    if (row->counts_known)
        html_format(html,
                    html_say(html, "；其 %" PRIu64 " 个授权地址中，%" PRIu64 " 个有开放端口。",
                             "; of its %" PRIu64 " authorized addresses, %" PRIu64 " have an open port."),
                    row->authorized, row->open_hosts);
    else
        html_text(html, html_say(html, "。", "."));
}

static double after_first(const struct scorecard *scorecard, size_t *count_out)
{
    *count_out = scorecard->fixes_count < GROUP_FIRST ? scorecard->fixes_count : GROUP_FIRST;
    return scorecard->fixes[*count_out - 1].index_after;
}

static void put_worst(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    if (scorecard->fixes_count == 0 || scorecard->items_count == 0) {
        html_text(html,
                  html_say(html, "在评估过的部分没有发现问题。", "Nothing was found in what was assessed."));
        return;
    }
    size_t count;
    char name[HTML_NAME_MAX];
    int after = index_round(after_first(scorecard, &count));
    const struct score_item *first = &scorecard->items[0];
    const struct item *item = &document->report->catalogue->items[first->item];
    html_format(html,
                html_say(html, "影响最大的是“%s”（%" PRIu64 " 处）；",
                         first->count == 1 ? "What weighs most is “%s”, at %" PRIu64 " place; "
                                           : "What weighs most is “%s”, at %" PRIu64 " places; "),
                html_name(words_in(&item->name, html->language), name), first->count);
    if (count == 1)
        html_format(html,
                    html_say(html, "将其整改，指数可升至 %d。", "mending it would bring the index to %d."),
                    after);
    else
        html_format(html,
                    html_say(html, "做完前 %zu 项整改，指数可升至 %d。",
                             "mending the first %zu points of the list would bring the index to %d."),
                    count, after);
}

static void put_sureness(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    html_format(
        html,
        html_say(
            html, "评估了 %zu 个检查项（共 %zu）：其余若最差，指数为 %d，若全无问题，为 %d。",
            "This rests on %zu of %zu check items: with the others at their worst the index would be %d, "
            "without fault %d."),
        scorecard->items_assessed, document->report->catalogue->items_count,
        index_round(scorecard->bounds[0]), index_round(scorecard->bounds[1]));
}

static void put_change(struct html *html, const struct changes *changes, const uint64_t counts[CHANGE_KINDS])
{
    char day[TIMESTAMP_TEXT_MAX];
    uint64_t came = counts[CHANGE_NEW] + counts[CHANGE_BACK] + counts[CHANGE_LAPSED];
    timestamp_format(changes->before.started_ms / 1000, day);
    html_format(html,
                html_say(html, "与 %.10s 的上次扫描相比，新出现或再次出现 %" PRIu64 " 处",
                         came == 1 ? "Since the scan of %.10s, %" PRIu64 " finding is new or back"
                                   : "Since the scan of %.10s, %" PRIu64 " findings are new or back"),
                day, came);
    html_format(
        html,
        html_say(html, "，已修复 %" PRIu64 " 处",
                 counts[CHANGE_MENDED] == 1 ? " and %" PRIu64 " was mended" : " and %" PRIu64 " were mended"),
        counts[CHANGE_MENDED]);
}

static void put_hospital_change(struct html *html, const struct changes *changes,
                                const struct organization_change *change)
{
    put_change(html, changes, change->counts);
    if (change->before >= 0 && change->after >= 0)
        html_format(html, html_say(html, "；指数由 %d 变为 %d。", "; the index went from %d to %d."),
                    change->before, change->after);
    else
        html_text(html, html_say(html, "。", "."));
}

void html_hospital_summary(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    const struct changes *changes = document->report->changes;
    const struct organization_change *change =
        changes ? changes_organization(changes, row->organization->id) : NULL;
    if (!row->scorecard->assessed) {
        html_paragraph(
            html, "",
            html_say(html, "什么都没有评估，因此没有指数：这不等于安全。",
                     "Nothing was assessed, so that there is no index: that is not the same as safe."));
        return;
    }
    html_put(html, "<p>");
    put_exposure(document, row);
    html_put(html, "</p>\n<p>");
    put_worst(document, row);
    html_put(html, "</p>\n<p>");
    if (change && change->before_known && change->after_known)
        put_hospital_change(html, changes, change);
    else
        put_sureness(document, row);
    html_put(html, "</p>\n");
}

/* --- of a group --- */

static void put_group_exposure(struct html_document *document)
{
    struct html *html = &document->html;
    const struct cohort *all = document->group.all;
    put_capital(html, html_vantage(html, document->report));
    html_format(html,
                html_say(html, "，%zu 家医院的平均暴露指数为 %d，等级为“%s”",
                         ", the mean exposure index of %zu hospitals is %d, which is %s"),
                all->organizations, index_round(all->mean),
                band_name(band_of(index_round(all->mean)), html->language));
    if (!isnan(all->interval[0]))
        html_format(html, html_say(html, "（95%% 置信区间 %d 至 %d）", " (95 %% interval %d to %d)"),
                    index_round(all->interval[0]), index_round(all->interval[1]));
    html_format(
        html,
        html_say(html, "；其中 %zu 家显示为“一般”或“较差”。", "; %zu of them are shown as fair or poor."),
        all->shown[BAND_FAIR] + all->shown[BAND_POOR]);
}

static void put_group_worst(struct html_document *document)
{
    struct html *html = &document->html;
    const struct group *group = &document->group;
    char name[HTML_NAME_MAX];
    if (group->items_count == 0) {
        html_text(html,
                  html_say(html, "在评估过的部分没有发现问题。", "Nothing was found in what was assessed."));
        return;
    }
    const struct group_item *first = &group->items[0];
    const struct item *item = &document->report->catalogue->items[first->item];
    html_format(
        html,
        html_say(
            html, "影响最大的是“%s”，见于 %zu 家；每家做完自己的前三项整改，平均指数可升至 %d。",
            "What weighs most is “%s”, at %zu of them; if each did the first three fixes of its own list, "
            "the mean would rise to %d."),
        html_name(words_in(&item->name, html->language), name), first->organizations,
        index_round(group->after_first));
}

static void put_group_sureness(struct html_document *document)
{
    struct html *html = &document->html;
    const struct changes *changes = document->report->changes;
    if (changes) {
        put_change(html, changes, changes->counts);
        html_text(html, html_say(html, "。", "."));
        return;
    }
    html_format(
        html,
        html_say(
            html, "未评估的部分若最差，平均为 %d，若全无问题，为 %d：没有看过的，不当作安全。",
            "With what was not assessed at its worst the mean would be %d, without fault %d: what nobody "
            "looked at is not taken for safe."),
        index_round(document->group.lowest), index_round(document->group.highest));
}

void html_summary(struct html_document *document)
{
    struct html *html = &document->html;
    html_put(html, "<div class=\"lede\">\n");
    if (document->single) {
        html_hospital_summary(document, &document->report->organizations[0]);
    } else if (!document->group.all) {
        html_paragraph(
            html, "",
            html_say(html, "没有一家机构有指数：什么都没有评估，这不等于安全。",
                     "No organization has an index: nothing was assessed, which is not the same as safe."));
    } else {
        html_put(html, "<p>");
        put_group_exposure(document);
        html_put(html, "</p>\n<p>");
        put_group_worst(document);
        html_put(html, "</p>\n<p>");
        put_group_sureness(document);
        html_put(html, "</p>\n");
    }
    html_put(html, "</div>\n");
}
