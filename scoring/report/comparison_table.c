#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/columns.h"
#include "scoring/report/comparison_forms.h"
#include "scoring/report/page.h"
#include "scoring/report/table_parts.h"
#include "targets/calendar.h"

#define NUMBER_MAX 48

struct number {
    char text[NUMBER_MAX];
};

/* A share in percent, with as many digits as it bears. */
static struct number percent(double share)
{
    struct number number;
    double value = share * 100;
    int digits = value <= 0 || value >= 99.95 ? 0 : value < 10 ? 2 : 1;
    snprintf(number.text, sizeof number.text, "%.*f", digits, value);
    return number;
}

static struct number ratio(double value)
{
    struct number number;
    int digits = value <= 0 || value >= 100 ? 0 : value < 2 ? 2 : 1;
    snprintf(number.text, sizeof number.text, "%.*f", digits, value);
    return number;
}

static struct number probability(double value)
{
    struct number number = {"< 1e-300"};
    if (value > 1e-300)
        snprintf(number.text, sizeof number.text, value >= 0.001 ? "%.4f" : "%.2g", value);
    return number;
}

static void put_baseline(struct page *page, const struct baseline *baseline, size_t label)
{
    page_paragraph(page, 2, page_say(page, "基线", "Baseline"), label,
                   page_say(page, "%s，%s：%s。来源：%s", "%s, %s: %s. Source: %s"), baseline->name,
                   baseline->date, words_in(&baseline->population, page->language),
                   words_in(&baseline->source, page->language));
}

static void put_subject(struct page *page, const struct comparison *comparison, size_t label)
{
    const struct census_options *subject = comparison->subject;
    const struct census *census = comparison->census;
    const char *head = page_say(page, "对象", "Compared");
    if (subject->organization)
        page_paragraph(page, 2, head, label, page_say(page, "%s（%s）", "%s (%s)"),
                       census->members[0].row->organization.name, census->members[0].row->organization.id);
    else if (subject->key)
        page_paragraph(page, 2, head, label,
                       page_say(page, "%s = %s，%zu 家机构", "%s = %s, organizations: %zu"), subject->key,
                       subject->value, census->count);
    else
        page_paragraph(page, 2, head, label, page_say(page, "全部 %zu 家机构", "all, organizations: %zu"),
                       census->count);
}

static void put_counted(struct page *page, const struct census *census, size_t label)
{
    char addresses[NUMBER_MAX];
    snprintf(addresses, sizeof addresses, "%" PRIu64, census->addresses);
    page_paragraph(page, 2, page_say(page, "分母", "Denominators"), label,
                   page_say(page,
                            "授权地址 %s 个（不含排除的）；其中有应答的 %" PRIu64
                            " 个；有开放端口的主机 %" PRIu64 " 台。对什么端口都应答的主机不计入。",
                            "authorized addresses: %s, without those excluded; that answered at all: %" PRIu64
                            "; hosts with an open port: %" PRIu64
                            ". What answers on every port does not count."),
                   census->addresses_known ? addresses : page_say(page, "未知", "not known"),
                   census->answered, census->hosts);
}

static bool any_unknown(const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->shares_count; i++)
        if (comparison->shares[i].figure->denominator == DENOMINATOR_UNKNOWN)
            return true;
    return false;
}

static void put_intervals(struct page *page, size_t label)
{
    page_paragraph(
        page, 2, page_say(page, "区间", "Intervals"), label, "%s",
        page_say(page,
                 "均为 95%：占比用 Wilson，倍数用 Clopper-Pearson，平均值用 t 分布。用词依双侧精确二项检验，"
                 "对同一分母的各项一起做 Holm 校正，水平 5%。基线的数字当作已知，它自己的区间只是列出。",
                 "95 % all: Wilson's of shares, Clopper and Pearson's of lifts, Student's of means. The "
                 "words follow the exact two-sided binomial test at 5 % after Holm's correction over the "
                 "figures that are counted by the same denominator. The baseline's figure is taken as known; "
                 "its own "
                 "interval is only shown."));
}

static const char *vantage_words(const struct page *page, const char *name)
{
    enum vantage vantage;
    if (!name || !vantage_parse(name, &vantage))
        return page_say(page, "不止一侧", "several sides");
    return vantage == VANTAGE_INTERNET  ? page_say(page, "互联网", "the internet")
           : vantage == VANTAGE_PARTNER ? page_say(page, "合作方或行业网", "a partner network")
                                        : page_say(page, "院内网", "inside");
}

/* What stands between the two, and must not be passed over. */
static void put_notes(struct page *page, const struct comparison *comparison, size_t label)
{
    const char *head = page_say(page, "注意", "Note");
    const struct baseline *baseline = comparison->baseline;
    const char *there = vantage_name(baseline->vantage), *here = comparison->census->vantage;
    if (any_unknown(comparison))
        page_paragraph(
            page, 2, head, label, "%s",
            page_say(page, "基线的分母未知；与它比较时取有开放端口的主机，除非另行指定。",
                     "Denominator of the baseline unknown; hosts with an open port are taken for it "
                     "unless another is named."));
    if (baseline->vantage_known && (!here || strcmp(here, there) != 0))
        page_paragraph(page, 2, head, label,
                       page_say(page, "看的方向不同：基线从%s，此处从%s。",
                                "They were not seen from the same side: the baseline from %s, this from %s."),
                       vantage_words(page, there), vantage_words(page, here));
}

#define CELL_COLUMNS 17
#define NAME_COLUMNS 15

static void put_cell(struct page *page, struct proportion proportion)
{
    char text[4 * NUMBER_MAX] = "-";
    double interval[2];
    proportion_wilson(proportion, interval);
    if (proportion.of && !comparison_tells(proportion))
        snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64, proportion.count, proportion.of);
    else if (proportion.of)
        snprintf(text, sizeof text, "%s (%s-%s)", percent(proportion_share(proportion)).text,
                 percent(interval[0]).text, percent(interval[1]).text);
    page_right(page, CELL_COLUMNS, text);
}

static bool starred(const struct census *census, size_t exposure)
{
    const struct census_tally *tally = &census->tallies[exposure];
    return tally->asked == ASKED_PARTLY || tally->of[DENOMINATOR_ORGANIZATION] < census->count;
}

static void put_exposure(struct page *page, const struct comparison *comparison, size_t number)
{
    const struct census *census = comparison->census;
    const struct proportion organizations = census_proportion(census, number, DENOMINATOR_ORGANIZATION);
    char text[2 * NUMBER_MAX];
    snprintf(text, sizeof text, "%" PRIu64, census->tallies[number].hosts);
    page_right(page, 5, text);
    put_cell(page, census_proportion(census, number, DENOMINATOR_HOST));
    put_cell(page, census_proportion(census, number, DENOMINATOR_ANSWERED));
    put_cell(page, census_proportion(census, number, DENOMINATOR_ADDRESS));
    page_part(page, STYLE_PLAIN, "  ");
    page_left(page, NAME_COLUMNS, comparison->exposures->items[number].names[page->language]);
    page_part(page, STYLE_PLAIN, " %" PRIu64 "/%" PRIu64 "%s", organizations.count, organizations.of,
              starred(census, number) ? " *" : "");
    page_end(page);
}

static void put_exposures_head(struct page *page)
{
    page_right(page, 5, page_say(page, "主机", "hosts"));
    page_right(page, CELL_COLUMNS, page_say(page, "占开放主机 %", "% with open port"));
    page_right(page, CELL_COLUMNS, page_say(page, "占应答地址 %", "% of answering"));
    page_right(page, CELL_COLUMNS, page_say(page, "占授权地址 %", "% of authorized"));
    page_part(page, STYLE_PLAIN, "  ");
    page_left(page, NAME_COLUMNS, page_say(page, "开放端口", "open port"));
    page_part(page, STYLE_PLAIN, " %s", page_say(page, "机构", "orgs"));
    page_end(page);
}

/* The exposures whose ports were asked nowhere, in one sentence. */
static void put_not_asked(struct page *page, const struct comparison *comparison)
{
    char *names = NULL;
    size_t size = 0, count = 0;
    FILE *list = open_memstream(&names, &size);
    for (size_t i = 0; list && i < comparison->exposures->count; i++)
        if (comparison->census->tallies[i].asked == ASKED_NOWHERE)
            fprintf(list, "%s%s", count++ ? page_say(page, "、", ", ") : "",
                    comparison->exposures->items[i].names[page->language]);
    if (!list || fclose(list) != 0)
        page->status = STATUS_NO_MEMORY;
    else if (count)
        page_paragraph(page, 2, "", 2, page_say(page, "没有探测：%s。", "Not asked: %s."), names);
    free(names);
}

static void put_exposures(struct page *page, const struct comparison *comparison)
{
    bool any = false;
    table_section(page, page_say(page, "开放端口", "Open ports"));
    put_exposures_head(page);
    for (size_t i = 0; i < comparison->exposures->count; i++) {
        if (comparison->census->tallies[i].asked == ASKED_NOWHERE)
            continue;
        put_exposure(page, comparison, i);
        any = any || starred(comparison->census, i);
    }
    if (any)
        page_paragraph(
            page, 2, "* ", 4, "%s",
            page_say(page, "这些端口没有处处探测；分母只含探测过其中任一端口的机构，实际可能更多。",
                     "Not all of these ports were asked everywhere; the denominators are those of the "
                     "organizations where any of them was, and there may be more."));
    put_not_asked(page, comparison);
}

/* "here 3 of 40 hosts with an open port, 7.50 % (2.58 to 19.9)". */
static void describe_here(const struct page *page, const struct comparison_share *share, FILE *text)
{
    fprintf(text, page_say(page, "本处 %" PRIu64 " / %" PRIu64 " %s", "here %" PRIu64 " of %" PRIu64 " %s"),
            share->proportion.count, share->proportion.of,
            denominator_name(share->denominator, page->language));
    if (comparison_tells(share->proportion))
        fprintf(text, page_say(page, "，%s%%（%s 到 %s）", ", %s %% (%s to %s)"),
                percent(proportion_share(share->proportion)).text, percent(share->interval[0]).text,
                percent(share->interval[1]).text);
}

/* "; baseline 1.38 % of …". */
static void describe_baseline(const struct page *page, const struct comparison_share *share, FILE *text)
{
    fprintf(text, page_say(page, "；基线 %s%s%%", "; baseline %s%s %%"),
            share->figure->bound == BOUND_ABOUT ? page_say(page, "约 ", "about ") : "",
            percent(share->baseline).text);
    if (!isnan(share->baseline_interval[0]))
        fprintf(text, page_say(page, "（%s 到 %s）", " (%s to %s)"),
                percent(share->baseline_interval[0]).text, percent(share->baseline_interval[1]).text);
    if (share->figure->denominator == DENOMINATOR_UNKNOWN)
        fprintf(text, "%s", page_say(page, "，分母未知", ", denominator of the baseline unknown"));
    else
        fprintf(text, page_say(page, "，占%s", " of %s"),
                denominator_name(share->figure->denominator, page->language));
    if (share->unlike)
        fprintf(text, "%s", page_say(page, "（分母不同，强制比较）", " (unlike denominators, forced)"));
}

static void describe_test(const struct page *page, const struct comparison_share *share, FILE *text)
{
    if (!isnan(share->lift))
        fprintf(text, page_say(page, "；倍数 %s（%s 到 %s）", "; lift %s (%s to %s)"),
                ratio(share->lift).text, ratio(share->lift_interval[0]).text,
                ratio(share->lift_interval[1]).text);
    if (!isnan(share->p_two_sided))
        fprintf(text,
                page_say(page, "；p = %s（%s，单侧），%s（双侧），%s（对 %zu 项 Holm 之后）",
                         "; p %s (%s, one-sided), %s (two-sided), %s (after Holm over %zu)"),
                probability(share->p_more).text,
                share->part ? page_say(page, "更多", "more") : page_say(page, "更暴露", "more exposed"),
                probability(share->p_two_sided).text, probability(share->p_holm).text, share->family);
    if (!isnan(share->zero_from) && (double)share->proportion.of < share->zero_from)
        fprintf(text,
                page_say(page, "；一个也没有，要到 %.0f 个中为零才能排除基线（单侧 5%%）",
                         "; none at all would exclude the baseline only from %.0f on (one-sided, 5 %%)"),
                share->zero_from);
    if (share->why != WHY_NONE)
        fprintf(text, page_say(page, "；%s", "; %s"), comparison_why_name(share->why, page->language));
}

static size_t word_columns(const struct page *page)
{
    return page->language == LANGUAGE_ZH ? 12 : 23;
}

static enum band band_named(const char *word)
{
    int band = BAND_EXCELLENT;
    while (band > BAND_POOR && strcmp(band_word((enum band)band), word) != 0)
        band--;
    return (enum band)band;
}

/* What the figure, or the band of it, is called and of whom it is. */
static void describe_figure(const struct page *page, const struct comparison *comparison,
                            const struct comparison_share *share, FILE *text)
{
    const struct figure *figure = share->figure;
    if (share->part)
        fprintf(text, page_say(page, "%s：", "%s: "), band_name(band_named(share->part), page->language));
    else
        fprintf(text, page_say(page, "%s（%s）：", "%s (%s): "), words_in(&figure->name, page->language),
                words_in(figure_population(figure, comparison->baseline), page->language));
}

static void put_share(struct page *page, const struct comparison *comparison,
                      const struct comparison_share *share)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream) {
        describe_figure(page, comparison, share, stream);
        describe_here(page, share, stream);
        describe_baseline(page, share, stream);
        describe_test(page, share, stream);
    }
    if (!stream || fclose(stream) != 0)
        page->status = STATUS_NO_MEMORY;
    else
        page_paragraph(page, 2, comparison_word_name(share->word, page->language), word_columns(page),
                       page_say(page, "%s。", "%s."), text);
    free(text);
}

static void put_shares(struct page *page, const struct comparison *comparison)
{
    table_section(page, page_say(page, "与基线比较：开放端口", "Against the baseline: open ports"));
    for (size_t i = 0; i < comparison->shares_count; i++)
        put_share(page, comparison, &comparison->shares[i]);
    if (comparison->shares_count == 0)
        page_paragraph(
            page, 2, "", 2, "%s",
            page_say(page, "基线没有开放端口的数字。", "The baseline has no figure of open ports."));
}

/* By what the index was calibrated; nothing where it was not. */
static void put_fit(struct page *page, const struct g_fit *fit)
{
    char day[CALENDAR_TEXT_MAX];
    if (!fit->name)
        return;
    page_paragraph(page, 2, "", 2,
                   page_say(page, "指数的校准：%s，%s，%s。", "Calibration of the index: %s, %s, %s."),
                   fit->name, calendar_format(fit->day, day), fit->population);
}

/* An index that was not calibrated on the baseline's population says so wherever the two stand side by side. */
static void put_calibration(struct page *page, const struct comparison *comparison)
{
    if (comparison->indices.applied)
        put_fit(page, &comparison->catalogue->g.fit);
    else
        page_paragraph(page, 2, "", 2,
                       page_say(page, "库中的指数是按另一目录算的，不是 %s。",
                                "The store's indices were made by another catalogue than %s."),
                       comparison->catalogue->name);
    if (!comparison->calibrated)
        page_paragraph(page, 2, "", 2,
                       page_say(page, "指数没有按基线的总体（%s）校准，与基线的指数并列时须留意。",
                                "The index was not calibrated on the baseline's population (%s): beside the "
                                "baseline's indices, mind that."),
                       words_in(&comparison->baseline->population, page->language));
}

static void put_mean(struct page *page, const struct comparison *comparison)
{
    const struct comparison_mean *mean = &comparison->mean;
    const struct census_indices *indices = &comparison->indices;
    char here[3 * NUMBER_MAX] = "-", beside[NUMBER_MAX] = "-";
    if (indices->organizations)
        snprintf(here, sizeof here, "%d", index_round(indices->mean));
    if (!isnan(indices->interval[0]))
        snprintf(here, sizeof here, page_say(page, "%d（%d 到 %d）", "%d (%d to %d)"),
                 index_round(indices->mean), index_round(indices->interval[0]),
                 index_round(indices->interval[1]));
    if (mean->figure)
        snprintf(beside, sizeof beside, "%d", index_round(mean->figure->value));
    const char *why = comparison_why_name(mean->why, page->language);
    if (comparison->census->count == 1)
        page_paragraph(
            page, 2, "", 2,
            page_say(page, "指数：本处 %s；基线平均 %s。", "Index: here %s; mean of the baseline %s."), here,
            beside);
    else
        page_paragraph(page, 2, comparison_word_name(mean->word, page->language), word_columns(page),
                       page_say(page, "指数平均：本处 %s，%zu 家机构；基线 %s%s%s。",
                                "mean index: here %s, organizations: %zu; baseline %s%s%s."),
                       here, indices->organizations, beside, *why ? page_say(page, "；", "; ") : "", why);
}

static void put_indices(struct page *page, const struct comparison *comparison)
{
    table_section(page, page_say(page, "与基线比较：指数", "Against the baseline: indices"));
    put_calibration(page, comparison);
    put_mean(page, comparison);
    for (size_t i = 0; i < comparison->bands_count; i++)
        put_share(page, comparison, &comparison->bands[i]);
}

static enum status write(const struct report *report, FILE *stream)
{
    const struct comparison *comparison = report->comparison;
    struct page page = page_on(report, stream);
    size_t label = page.language == LANGUAGE_ZH ? 8 : 16;
    page_heading(&page, page_say(&page, "auscult 听诊：与基线 %s 比较", "auscult: compared with %s"),
                 comparison->baseline->name);
    put_baseline(&page, comparison->baseline, label);
    put_subject(&page, comparison, label);
    put_counted(&page, comparison->census, label);
    put_intervals(&page, label);
    put_notes(&page, comparison, label);
    put_exposures(&page, comparison);
    put_shares(&page, comparison);
    put_indices(&page, comparison);
    return page.status;
}

const struct report_form comparison_table = {.name = "table", .write = write};
