#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/ranks.h"
#include "scoring/report/cohort_forms.h"
#include "scoring/report/columns.h"
#include "scoring/report/table_parts.h"
#include "scoring/timestamp.h"

#define BASES_SHOWN 10
#define CELL_MAX    48

static void day_of(int64_t ms, char text[TIMESTAMP_TEXT_MAX])
{
    (void)timestamp_format_ms(ms, text);
    text[strcspn(text, "T")] = 0;
}

/* The days between which the newest runs lie. */
static void put_days(struct page *page, const struct roster *roster, size_t label)
{
    char first[TIMESTAMP_TEXT_MAX], last[TIMESTAMP_TEXT_MAX];
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (size_t i = 0; i < roster->count; i++) {
        least = roster->rows[i].started_ms < least ? roster->rows[i].started_ms : least;
        most = roster->rows[i].started_ms > most ? roster->rows[i].started_ms : most;
    }
    day_of(least, first);
    day_of(most, last);
    page_paragraph(page, 2, page_say(page, "机构", "Organizations"), label,
                   page_say(page, "%zu 家，其中 %zu 家有指数；每家取其最新的完整扫描，日期为 %s 至 %s。",
                            "%zu, of which %zu have an index; of each its newest complete run, made from %s "
                            "to %s."),
                   roster->count, roster->with_index, first, last);
    if (roster->left_out)
        page_paragraph(page, label, "", label,
                       page_say(page, "另有 %zu 家不在范围文件内，未计入。",
                                "Left out, for the scope file does not hold them: %zu."),
                       roster->left_out);
}

static void put_basis(struct page *page, const struct roster_basis *basis, const char *head, size_t label)
{
    char part[64] = "";
    if (basis->shards > 1)
        snprintf(part, sizeof part, page_say(page, "，只是 %u/%u 一片", ", shard %u of %u only"),
                 basis->shard, basis->shards);
    page_paragraph(page, *head ? 2 : label, head, label, page_say(page, "%s，%s%s：%zu 家", "%s, %s%s: %zu"),
                   basis->catalogue, table_vantage(page, basis->vantage), part, basis->organizations);
}

/* What must not be mixed silently. */
static void put_bases(struct page *page, const struct roster *roster, size_t label)
{
    for (size_t i = 0; i < roster->bases_count && i < BASES_SHOWN; i++)
        put_basis(page, &roster->bases[i], i ? "" : page_say(page, "目录", "Catalogue"), label);
    if (roster->bases_count > BASES_SHOWN)
        page_paragraph(page, label, "", label, page_say(page, "……另有 %zu 种", "… and %zu others"),
                       roster->bases_count - BASES_SHOWN);
    if (roster->bases_count > 1)
        page_paragraph(
            page, 2, page_say(page, "注意", "Note"), label, "%s",
            page_say(page,
                     "以上指数的来历不同，不宜直接相比；可用 --vantage 只取一侧，或用同一目录重新扫描。",
                     "These indices were not made alike and do not compare well; --vantage takes one side "
                     "only, and a scan with one catalogue makes them alike."));
}

static void put_calibration(struct page *page, const struct g *g, size_t label)
{
    if (g && g->fit.name)
        page_paragraph(page, 2, page_say(page, "校准", "Calibration"), label,
                       page_say(page, "%s：%s", "%s: %s"), g->fit.name, g->fit.population);
}

static void put_head(struct page *page, const struct cohort_view *view)
{
    size_t label = page->language == LANGUAGE_ZH ? 8 : 17;
    page_heading(page, "%s",
                 page_say(page, "auscult 听诊：机构群体的安全指数", "auscult: indices of cohorts"));
    put_days(page, view->roster, label);
    put_bases(page, view->roster, label);
    put_calibration(page, view->g, label);
}

static void put_shares(struct page *page, const char *head, const size_t bands[4], size_t organizations,
                       size_t label)
{
    char text[256];
    size_t used = 0;
    text[0] = 0;
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %zu (%.1f %%)",
                                 band == BAND_EXCELLENT ? "" : page_say(page, "，", ", "),
                                 band_name((enum band)band, page->language), bands[band],
                                 100 * (double)bands[band] / (double)organizations);
    page_paragraph(page, 2, head, label, "%s", text);
}

static void put_whole(struct page *page, const struct cohort *whole)
{
    size_t label = page->language == LANGUAGE_ZH ? 12 : 17;
    table_section(page, page_say(page, "全部", "The whole"));
    if (isnan(whole->interval[0]))
        page_paragraph(page, 2, page_say(page, "平均指数", "Mean index"), label, "%d",
                       index_round(whole->mean));
    else
        page_paragraph(page, 2, page_say(page, "平均指数", "Mean index"), label,
                       page_say(page, "%d（95%% 置信区间 %d 到 %d，t 分布；标准差 %.0f）",
                                "%d (95 %% interval from %d to %d, Student's t; standard deviation %.0f)"),
                       index_round(whole->mean), index_round(whole->interval[0]),
                       index_round(whole->interval[1]), whole->deviation);
    put_shares(page, page_say(page, "等级", "Bands"), whole->bands, whole->organizations, label);
    put_shares(page, page_say(page, "显示等级", "Bands shown"), whole->shown, whole->organizations, label);
    page_paragraph(page, label, "", label, "%s",
                   page_say(page, "（等级只依指数；显示等级不高于严重问题所限的上限。）",
                            "(Bands are by the index alone; what is shown is capped by grave findings.)"));
}

/* --- the groups of one key --- */

static const size_t columns[] = {5, 9, 7, 6, 11, 6, 6, 6, 6, 7};
#define COLUMNS (sizeof columns / sizeof columns[0])

/* Cells to the right of their columns; the name comes last, so that nothing is aligned behind it. */
static void put_line(struct page *page, const char *const cells[COLUMNS], const char *name)
{
    for (size_t i = 0; i < COLUMNS; i++)
        page_right(page, columns[i], cells[i]);
    page_part(page, STYLE_PLAIN, "  %s", name);
    page_end(page);
}

/* How many the gate shows lower than their index alone. */
static size_t gated(const struct cohort *cohort)
{
    size_t count = 0;
    for (size_t i = 0; i < cohort->organizations; i++)
        count += cohort->places[i].member->gate < cohort->places[i].member->band;
    return count;
}

static void put_group(struct page *page, const struct cohort *cohort)
{
    char cells[COLUMNS][CELL_MAX];
    const char *texts[COLUMNS];
    snprintf(cells[0], CELL_MAX, "%zu", cohort->rank);
    snprintf(cells[1], CELL_MAX, "-");
    if (cohort->could_be[0])
        snprintf(cells[1], CELL_MAX, "%zu-%zu", cohort->could_be[0], cohort->could_be[1]);
    snprintf(cells[2], CELL_MAX, "%zu", cohort->organizations);
    snprintf(cells[3], CELL_MAX, "%d", index_round(cohort->mean));
    snprintf(cells[4], CELL_MAX, "-");
    if (!isnan(cohort->interval[0]))
        snprintf(cells[4], CELL_MAX, "%d-%d", index_round(cohort->interval[0]),
                 index_round(cohort->interval[1]));
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        snprintf(cells[5 + BAND_EXCELLENT - band], CELL_MAX, "%.0f",
                 100 * (double)cohort->bands[band] / (double)cohort->organizations);
    snprintf(cells[9], CELL_MAX, "%zu", gated(cohort));
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = cells[i];
    put_line(page, texts, cohort->value);
}

static int rank_compare(const void *a, const void *b)
{
    const struct cohort *left = *(const struct cohort *const *)a, *right = *(const struct cohort *const *)b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return strcmp(left->value, right->value);
}

/* The organizations that carry no such key are named by their number. */
static void put_keyless(struct page *page, const struct cohort *groups, size_t count, size_t with_index)
{
    size_t carried = 0;
    for (size_t i = 0; i < count; i++)
        carried += groups[i].organizations;
    if (carried < with_index)
        page_paragraph(page, 2, "", 2, page_say(page, "没有这一项的机构：%zu 家。", "Without this key: %zu."),
                       with_index - carried);
}

/* The keys that every scope file has; others are the user's own words. */
static const char *key_name(const struct page *page, const char *key)
{
    if (strcmp(key, "province") == 0)
        return page_say(page, "省份", "Province");
    return strcmp(key, "level") == 0 ? page_say(page, "级别", "Level") : key;
}

static void put_groups(struct page *page, const struct cohort *groups, size_t count, size_t with_index)
{
    static const char *const zh[COLUMNS] = {"名次",  "也可能", "机构",  "平均",  "95%区间",
                                            "优秀%", "良好%",  "一般%", "较差%", "受限"};
    static const char *const en[COLUMNS] = {"rank", "could be", "number", "mean",  "95 %",
                                            "exc%", "good%",    "fair%",  "poor%", "gated"};
    const struct cohort **order = calloc(count + 1, sizeof *order);
    if (!order) {
        page->status = STATUS_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = &groups[i];
    qsort(order, count, sizeof *order, rank_compare);
    table_section(page, key_name(page, groups->key));
    put_line(page, page->language == LANGUAGE_ZH ? zh : en, page_say(page, "组", "group"));
    for (size_t i = 0; i < count; i++)
        put_group(page, order[i]);
    free(order);
    put_keyless(page, groups, count, with_index);
    if (count > RANKS_COMPARED_MOST)
        page_paragraph(page, 2, "", 2,
                       page_say(page, "超过 %d 组，不再两两比较。", "More than %d groups are not compared."),
                       RANKS_COMPARED_MOST);
}

/* --- organizations in their groups --- */

static const size_t places[] = {5, 7, 12, 12};
#define PLACES (sizeof places / sizeof places[0])

static void put_place_line(struct page *page, const char *const cells[PLACES], const char *name)
{
    page_right(page, places[0], cells[0]);
    page_right(page, places[1], cells[1]);
    page_part(page, STYLE_PLAIN, "  ");
    page_left(page, places[2] - 2, cells[2]);
    page_left(page, places[3], cells[3]);
    page_part(page, STYLE_PLAIN, "%s", name);
    page_end(page);
}

static void put_place(struct page *page, const struct roster *roster, const struct cohort_place *place)
{
    const struct cohort_member *member = place->member;
    const struct organization *organization = member->organization;
    char rank[CELL_MAX], index[CELL_MAX], day[TIMESTAMP_TEXT_MAX], *name = NULL;
    bool named = strcmp(organization->name, organization->id) != 0;
    snprintf(rank, sizeof rank, "%zu", place->rank);
    snprintf(index, sizeof index, "%d", member->index);
    day_of(roster->rows[member->row].started_ms, day);
    if (asprintf(&name, named ? page_say(page, "%s（%s）", "%s (%s)") : "%s", organization->name,
                 organization->id) < 0) {
        page->status = STATUS_NO_MEMORY;
        return;
    }
    enum band shown = member->gate < member->band ? member->gate : member->band;
    const char *const cells[PLACES] = {rank, index, band_name(shown, page->language), day};
    put_place_line(page, cells, name);
    free(name);
}

static void put_organizations(struct page *page, const struct roster *roster, const struct cohort *cohort)
{
    static const char *const zh[PLACES] = {"名次", "指数", "等级", "扫描日期"};
    static const char *const en[PLACES] = {"rank", "index", "band", "scanned"};
    table_section(page, strcmp(cohort->key, COHORT_ALL) == 0 ? page_say(page, "全部机构", "All organizations")
                                                             : cohort->value);
    put_place_line(page, page->language == LANGUAGE_ZH ? zh : en, page_say(page, "机构", "organization"));
    for (size_t i = 0; i < cohort->organizations && page->status == STATUS_OK; i++)
        put_place(page, roster, &cohort->places[i]);
}

static void put_reading(struct page *page)
{
    page_gap(page);
    page_paragraph(
        page, 2, "", 2, "%s",
        page_say(page,
                 "“也可能”：以 95% 的把握，各组的真实名次都同时落在所列名次之间（两两 Welch 检验，Holm "
                 "校正）。“受限”：因严重问题而显示等级低于指数等级的机构数。",
                 "\"could be\": with 95 % all groups' true ranks lie in these at once (Welch's tests "
                 "of every pair, Holm's correction). \"gated\": organizations whose grave findings cap the "
                 "band that is shown."));
}

static enum status write(const struct report *report, FILE *stream)
{
    struct page page = page_on(report, stream);
    const struct cohort_view *view = report->cohorts;
    const struct cohorts *cohorts = view->cohorts;
    bool grouped = false;
    put_head(&page, view);
    for (size_t at = 0, count; at < cohorts->count && page.status == STATUS_OK; at += count) {
        const struct cohort *first = &cohorts->items[at];
        for (count = 1; at + count < cohorts->count && strcmp(first[count].key, first->key) == 0; count++)
            ;
        if (strcmp(first->key, COHORT_ALL) == 0) {
            put_whole(&page, first);
            continue;
        }
        put_groups(&page, first, count, view->roster->with_index);
        grouped = true;
    }
    if (grouped)
        put_reading(&page);
    for (size_t i = 0; view->key && i < cohorts->count && page.status == STATUS_OK; i++)
        if (strcmp(cohorts->items[i].key, view->key) == 0)
            put_organizations(&page, view->roster, &cohorts->items[i]);
    return page.status;
}

const struct report_form cohort_table = {.name = "table", .write = write};
