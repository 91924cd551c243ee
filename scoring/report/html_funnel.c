#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/funnel.h"
#include "scoring/report/columns.h"

/* Provinces by their hospitals and their mean, inside the funnel of what chance alone would do (funnel.h). */

#define HEIGHT       360
#define STEPS        48
#define NARROW_WIDTH 270.0 /* of the plot on a phone: labels that have room there have it everywhere */
#define COLUMN_WIDTH 6.6
#define LABEL_HEIGHT 14.0

struct drawing {
    struct html *html;
    const struct funnel *funnel;
    struct axis x, y;
};

static double x_of(const struct drawing *drawing, double organizations)
{
    return axis_place(&drawing->x, organizations);
}

static double y_of(const struct drawing *drawing, double mean)
{
    return axis_place(&drawing->y, mean);
}

/* Wide enough for every group and for the limits where the funnel begins. */
static struct drawing draw(struct html *html, const struct funnel *funnel)
{
    double limits[2];
    funnel_limits(funnel, FUNNEL_999, FUNNEL_MEMBERS, limits);
    for (size_t i = 0; i < funnel->count; i++) {
        if (!funnel_draws(&funnel->groups[i]))
            continue;
        limits[0] = fmin(limits[0], funnel->groups[i].mean);
        limits[1] = fmax(limits[1], funnel->groups[i].mean);
    }
    struct axis y = axis_around(limits[0], limits[1]);
    y.upward = true;
    return (struct drawing){html, funnel, axis_from_zero((double)funnel->largest * 1.04), y};
}

static void put_grid(const struct drawing *drawing)
{
    struct html *html = drawing->html;
    double ticks[AXIS_TICKS_MAX];
    size_t count = axis_ticks(&drawing->y, 5, ticks);
    for (size_t i = 0; i < count; i++) {
        double y = y_of(drawing, ticks[i]);
        html_markup(html, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>", y, y);
        html_markup(
            html,
            "<text class=\"tick\" x=\"0\" dx=\"-8\" y=\"%.2f%%\" dy=\"4\" text-anchor=\"end\">%.0f</text>\n",
            y, ticks[i]);
    }
    count = axis_ticks(&drawing->x, 5, ticks);
    for (size_t i = 0; i < count; i++)
        html_markup(
            html,
            "<text class=\"tick\" x=\"%.2f%%\" y=\"100%%\" dy=\"18\" text-anchor=\"middle\">%g</text>\n",
            x_of(drawing, ticks[i]), ticks[i]);
}

static void put_limit(const struct drawing *drawing, double z, int side, const char *class)
{
    struct html *html = drawing->html;
    double from = FUNNEL_MEMBERS, most = drawing->x.high;
    html_markup(html, "<path class=\"%s\" vector-effect=\"non-scaling-stroke\" d=\"", class);
    for (int i = 0; i <= STEPS; i++) {
        /* Closer together where it is steep. */
        double part = (double)i / STEPS, n = from + (most - from) * part * part, limits[2];
        funnel_limits(drawing->funnel, z, n, limits);
        html_markup(html, "%s%.1f %.1f", i ? "L" : "M", 10 * x_of(drawing, n),
                    10 * y_of(drawing, limits[side]));
    }
    html_put(html, "\"/>");
}

static void put_limits(const struct drawing *drawing)
{
    struct html *html = drawing->html;
    html_put(html,
             "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\">");
    for (int side = 0; side < 2; side++) {
        put_limit(drawing, FUNNEL_95, side, "limit");
        put_limit(drawing, FUNNEL_999, side, "limit far");
    }
    html_put(html, "</svg>\n");
}

/* The limits and the mean say what they are where they end. */
static void put_ends(const struct drawing *drawing)
{
    struct html *html = drawing->html;
    static const char *const names[] = {"99.9\u202f%", "95\u202f%", NULL, "95\u202f%", "99.9\u202f%"};
    double near[2], far[2];
    funnel_limits(drawing->funnel, FUNNEL_95, drawing->x.high, near);
    funnel_limits(drawing->funnel, FUNNEL_999, drawing->x.high, far);
    const double means[] = {far[1], near[1], drawing->funnel->mean, near[0], far[0]};
    struct label labels[5];
    for (size_t i = 0; i < 5; i++)
        labels[i] = (struct label){.at = y_of(drawing, means[i]) / 100 * HEIGHT, .number = i};
    labels_spread(labels, 5, LABEL_HEIGHT, HEIGHT);
    for (size_t i = 0; i < 5; i++) {
        const char *name = names[labels[i].number];
        html_markup(html, "<text class=\"%s\" x=\"100%%\" dx=\"7\" dy=\"4\" y=\"%.1f\">",
                    name ? "tick" : "tick strong", labels[i].placed);
        if (name)
            html_put(html, name);
        else
            html_format(html, html_say(html, "平均 %d", "mean %d"), index_round(drawing->funnel->mean));
        html_put(html, "</text>\n");
    }
}

struct box {
    double left, right, top;
};

static bool overlaps(const struct box *boxes, size_t count, struct box box)
{
    for (size_t i = 0; i < count; i++)
        if (box.left < boxes[i].right && boxes[i].left < box.right &&
            fabs(box.top - boxes[i].top) < LABEL_HEIGHT)
            return true;
    return box.left < 0 || box.right > NARROW_WIDTH;
}

/* Where a name may stand beside its point, the best first: by how many of its widths it begins left of the point, and
   how much lower it stands. */
static const struct {
    double shift, drop;
    int gap;
    const char *anchor;
} sides[] = {{0, 0, 8, "start"},
             {1, 0, -8, "end"},
             {0.5, -LABEL_HEIGHT, 0, "middle"},
             {0.5, LABEL_HEIGHT, 0, "middle"}};

/* At the first side that is free, else nowhere: the sentences below name it all the same. */
static void put_label(const struct drawing *drawing, const struct cohort *group, struct box *boxes,
                      size_t *count)
{
    struct html *html = drawing->html;
    char name[HTML_NAME_MAX];
    html_name(group->value, name);
    double x = x_of(drawing, (double)group->organizations), y = y_of(drawing, group->mean);
    double width = (double)columns_of(name) * COLUMN_WIDTH;
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        double left = x / 100 * NARROW_WIDTH + sides[i].gap - sides[i].shift * width;
        struct box box = {left, left + width, y / 100 * HEIGHT + sides[i].drop};
        if (overlaps(boxes, *count, box))
            continue;
        boxes[(*count)++] = box;
        html_markup(
            html,
            "<text class=\"outside\" x=\"%.2f%%\" y=\"%.2f%%\" dx=\"%d\" dy=\"%.0f\" text-anchor=\"%s\">", x,
            y, sides[i].gap, 4 + sides[i].drop, sides[i].anchor);
        html_text(html, name);
        html_put(html, "</text>\n");
        return;
    }
}

/* Who is outside has another shape, too. */
static void put_point(const struct drawing *drawing, const struct cohort *group)
{
    struct html *html = drawing->html;
    double x = x_of(drawing, (double)group->organizations), y = y_of(drawing, group->mean);
    int outside = funnel_outside(drawing->funnel, group);
    if (outside == 0)
        html_markup(html, "<circle class=\"point\" cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"3.5\"/>\n", x, y);
    else
        html_markup(
            html, "<svg x=\"%.2f%%\" y=\"%.2f%%\" class=\"over\"><path class=\"point %s\" d=\"%s\"/></svg>\n",
            x, y, outside < 0 ? "under" : "above", outside < 0 ? "M-5.5-4H5.5L0 6Z" : "M-5.5 4H5.5L0-6Z");
}

static void put_points(const struct drawing *drawing)
{
    const struct funnel *funnel = drawing->funnel;
    struct box *boxes = calloc(funnel->count + 1, sizeof *boxes);
    size_t count = 0;
    for (size_t i = 0; i < funnel->count; i++)
        if (funnel_draws(&funnel->groups[i]))
            put_point(drawing, &funnel->groups[i]);
    for (int least = 2; least > 0 && boxes; least--)
        for (size_t i = 0; i < funnel->count; i++)
            if (funnel_draws(&funnel->groups[i]) && abs(funnel_outside(funnel, &funnel->groups[i])) == least)
                put_label(drawing, &funnel->groups[i], boxes, &count);
    if (!boxes)
        writer_keep(&drawing->html->writer, STATUS_NO_MEMORY);
    free(boxes);
}

static void put_chart(struct html *html, const struct funnel *funnel)
{
    struct drawing drawing = draw(html, funnel);
    char description[400];
    snprintf(
        description, sizeof description,
        html_say(
            html,
            "每个点是一个省：横轴为医院数，纵轴为平均指数。全组平均为 %d，标准差 %.0f；两对曲线为 95%% 与 "
            "99.9%% "
            "的界限。数据见图下表格。",
            "Each point is a province, by its number of hospitals and its mean index. The whole has a mean "
            "of %d "
            "and a standard deviation of %.0f; two pairs of curves are the limits of 95 %% and 99.9 %%. The "
            "figures are in the table below."),
        index_round(funnel->mean), funnel->deviation);
    html_put(html, "<div class=\"funnel-box\"><p class=\"axis-name\">");
    html_text(html, html_say(html, "平均指数", "mean index"));
    html_put(html, "</p>");
    html_chart(html, HEIGHT, "funnel", html_say(html, "各省漏斗图", "Funnel plot of provinces"), description);
    put_grid(&drawing);
    html_markup(html, "<line class=\"mean\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>",
                y_of(&drawing, funnel->mean), y_of(&drawing, funnel->mean));
    put_limits(&drawing);
    put_ends(&drawing);
    put_points(&drawing);
    html_chart_end(html);
    html_put(html, "<p class=\"axis-name under\">");
    html_text(html, html_say(html, "该省的医院数", "hospitals of the province"));
    html_put(html, "</p></div>\n");
}

static void put_names(struct html *html, const struct funnel *funnel, int outside)
{
    bool first = true;
    for (size_t i = 0; i < funnel->count; i++) {
        const struct cohort *group = &funnel->groups[i];
        if (!funnel_draws(group) || funnel_outside(funnel, group) != outside)
            continue;
        html_put(html, first ? "" : html_say(html, "、", ", "));
        html_text_cut(html, group->value, HTML_NAME_MAX);
        html_format(html, html_say(html, "（%d）", " (%d)"), index_round(group->mean));
        first = false;
    }
}

static size_t count_outside(const struct funnel *funnel, int outside)
{
    size_t count = 0;
    for (size_t i = 0; i < funnel->count; i++)
        count += funnel_draws(&funnel->groups[i]) && funnel_outside(funnel, &funnel->groups[i]) == outside;
    return count;
}

static void put_verdict(struct html *html, const struct funnel *funnel)
{
    static const struct {
        int outside;
        const char *zh, *en;
    } verdicts[] = {
        {-2, "低于 99.9% 界限，几乎不会是偶然：",
         "Below the limits of 99.9 %, which chance hardly explains: "},
        {-1, "低于 95% 界限：", "Below the limits of 95 %: "},
        {2, "高于 99.9% 界限，几乎不会是偶然：",
         "Above the limits of 99.9 %, which chance hardly explains: "},
        {1, "高于 95% 界限：", "Above the limits of 95 %: "},
    };
    size_t inside = count_outside(funnel, 0);
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (count_outside(funnel, verdicts[i].outside) == 0)
            continue;
        html_put(html, "<p>");
        html_text(html, html_say(html, verdicts[i].zh, verdicts[i].en));
        put_names(html, funnel, verdicts[i].outside);
        html_put(html, html_say(html, "。</p>\n", ".</p>\n"));
    }
    html_put(html, "<p>");
    html_format(html,
                html_say(html,
                         "其余 %zu 个省与全组没有可见的差别；若 %zu 个省全都一样，平均也会有约 %.1f 个落在 "
                         "95%% 界限之外。",
                         "The other %zu do not visibly differ from the whole; were all %zu alike, some %.1f "
                         "would lie outside the limits "
                         "of 95 %% all the same."),
                inside, funnel->drawn, 0.05 * (double)funnel->drawn);
    html_put(html, "</p>\n");
}

static int rank_compare(const void *a, const void *b)
{
    const struct cohort *left = *(const struct cohort *const *)a, *right = *(const struct cohort *const *)b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return strcmp(left->value, right->value);
}

static void put_group(struct html *html, const struct cohort *group)
{
    html_put(html, "<tr><th scope=\"row\">");
    html_text_cut(html, group->value, HTML_NAME_MAX);
    html_markup(html, "</th><td class=\"number\">%zu</td><td class=\"number\">", group->rank);
    if (group->could_be[0])
        html_markup(html, "%zu–%zu", group->could_be[0], group->could_be[1]);
    else
        html_put(html, "–");
    html_markup(html,
                "</td><td class=\"number\">%zu</td><td class=\"number\"><b>%d</b></td><td class=\"number\">",
                group->organizations, index_round(group->mean));
    if (isnan(group->interval[0]))
        html_put(html, "–");
    else
        html_markup(html, "%d–%d", index_round(group->interval[0]), index_round(group->interval[1]));
    html_markup(html, "</td><td class=\"number\">%zu</td></tr>\n",
                group->shown[BAND_POOR] + group->shown[BAND_FAIR]);
}

static void put_table(struct html *html, const struct funnel *funnel)
{
    const struct cohort **order = calloc(funnel->count + 1, sizeof *order);
    if (!order) {
        writer_keep(&html->writer, STATUS_NO_MEMORY);
        return;
    }
    for (size_t i = 0; i < funnel->count; i++)
        order[i] = &funnel->groups[i];
    qsort(order, funnel->count, sizeof *order, rank_compare);
    html_details(html, html_say(html, "各省的数字", "The figures of each province"));
    html_note(
        html,
        html_say(
            html,
            "“也可能”：以 95% 的把握，各省的真实名次都同时落在所列名次之间（两两 Welch 检验，Holm 校正）。",
            "“Could be”: with 95 % all true ranks lie in these at once (Welch’s tests of every pair, Holm’s "
            "correction)."));
    html_table(html, "provinces",
               html_say(html, "各省的医院数、平均指数与名次", "Provinces: hospitals, mean index and rank"));
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "省份", "Province"));
    html_column(html, "number", html_say(html, "名次", "Rank"));
    html_column(html, "number", html_say(html, "也可能", "Could be"));
    html_column(html, "number", html_say(html, "医院", "Hospitals"));
    html_column(html, "number", html_say(html, "平均", "Mean"));
    html_column(html, "number", html_say(html, "95% 区间", "95 % interval"));
    html_column(html, "number", html_say(html, "一般或较差", "Fair or poor"));
    html_put(html, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < funnel->count; i++)
        put_group(html, order[i]);
    free(order);
    html_table_end(html);
    html_details_end(html);
}

static void put_lack(struct html *html, const struct funnel *funnel)
{
    switch (funnel->lack) {
    case FUNNEL_ENOUGH:
    case FUNNEL_NO_KEY:
        break;
    case FUNNEL_FEW_ORGANIZATIONS:
        html_format(html,
                    html_say(html, "不作漏斗图：有指数的医院不足 %d 家，界限没有意义。",
                             "There is no funnel plot: with fewer than %d hospitals that have an index its "
                             "limits would mean nothing."),
                    FUNNEL_ORGANIZATIONS);
        break;
    case FUNNEL_FEW_GROUPS:
        html_format(
            html,
            html_say(
                html, "不作漏斗图：有 %d 家以上医院的省不足 %d 个。",
                "There is no funnel plot: of provinces with %d hospitals or more there are fewer than %d."),
            FUNNEL_MEMBERS, FUNNEL_GROUPS);
        break;
    case FUNNEL_NO_SPREAD:
        html_text(html, html_say(html, "不作漏斗图：各医院指数相同。",
                                 "There is no funnel plot: all indices are the same."));
        break;
    }
}

void html_funnel(struct html_document *document)
{
    struct html *html = &document->html;
    struct funnel funnel = funnel_of(&document->group.cohorts, "province");
    if (funnel.lack == FUNNEL_NO_KEY)
        return;
    html_section(html, "provinces", html_say(html, "各省", "Provinces"));
    if (funnel.lack == FUNNEL_ENOUGH) {
        html_note(
            html,
            html_say(
                html, "医院越少的省，平均越靠偶然。落在漏斗之内的省，与全组没有可见的差别。",
                "The fewer hospitals a province has, the more its mean is a matter of chance. Inside the "
                "funnel, a province does not visibly differ from the whole."));
        put_chart(html, &funnel);
        put_verdict(html, &funnel);
        if (funnel.drawn < funnel.count)
            html_paragraph(html, "",
                           html_say(html, "医院不足 3 家的省不在图上，见表。",
                                    "Provinces of fewer than three hospitals are in the table only."));
    } else {
        html_put(html, "<p>");
        put_lack(html, &funnel);
        html_put(html, "</p>\n");
    }
    put_table(html, &funnel);
    html_section_end(html);
}
