#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/comparison.h"

/* How many hospitals are in which band, with the shares of the baseline as marks on the same axis. */

static const struct axis axis = {.low = 0, .high = 1};

/* The baseline's share of a band with what was tested; NULL: it has none. */
static const struct comparison_share *baseline_of(const struct report *report, enum band band)
{
    const struct comparison *comparison = report->comparison;
    for (size_t i = 0; comparison && i < comparison->bands_count; i++)
        if (strcmp(comparison->bands[i].part, band_word(band)) == 0)
            return &comparison->bands[i];
    return NULL;
}

static void put_bar(struct html *html, enum band band, double share, const struct comparison_share *baseline)
{
    html_put(html, "<td class=\"plot\">");
    html_row(html, false);
    html_markup(html, "<rect class=\"bar %s\" y=\"3\" width=\"%.2f%%\" height=\"12\"/>", band_word(band),
                axis_place(&axis, share));
    if (baseline)
        html_markup(html, "<line class=\"standard\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"-1\" y2=\"19\"/>",
                    axis_place(&axis, baseline->baseline), axis_place(&axis, baseline->baseline));
    html_row_end(html);
    html_put(html, "</td>");
}

static void put_row(struct html_document *document, enum band band)
{
    struct html *html = &document->html;
    const struct cohort *all = document->group.all;
    const struct comparison_share *baseline = baseline_of(document->report, band);
    double share = (double)all->bands[band] / (double)all->organizations;
    char text[HTML_SHARE_MAX];
    html_put(html, "<tr><th scope=\"row\">");
    html_band(html, band);
    html_put(html, "</th>");
    put_bar(html, band, share, baseline);
    html_markup(html, "<td class=\"number\"><b>%s</b></td><td class=\"number\">", html_share(share, text));
    html_count(html, all->bands[band]);
    html_put(html, "</td>");
    if (baseline) {
        html_markup(html, "<td class=\"number\">%s</td><td>", html_share(baseline->baseline, text));
        html_text(html, comparison_word_name(baseline->word, html->language));
        html_put(html, "</td>");
    }
    html_put(html, "</tr>\n");
}

static void put_shown(struct html_document *document)
{
    struct html *html = &document->html;
    const struct cohort *all = document->group.all;
    html_put(html, "<p>");
    html_format(
        html,
        html_say(
            html,
            "以上只依指数。计入门槛后，显示的等级为：优秀 %zu 家，良好 %zu 家，一般 %zu 家，较差 %zu 家。",
            "These are by the index alone. With the gate they are shown as: excellent %zu, good %zu, fair "
            "%zu, poor %zu."),
        all->shown[BAND_EXCELLENT], all->shown[BAND_GOOD], all->shown[BAND_FAIR], all->shown[BAND_POOR]);
    html_put(html, "</p>\n");
}

void html_bands(struct html_document *document)
{
    struct html *html = &document->html;
    const struct comparison *comparison = document->report->comparison;
    bool beside = baseline_of(document->report, BAND_GOOD) != NULL;
    html_section(html, "bands", html_say(html, "等级的分布", "Distribution of bands"));
    if (beside) {
        html_put(html, "<p class=\"note\">");
        html_format(html,
                    html_say(html, "横条是本组医院的占比；竖线是基线 %s 的占比。",
                             "The bars are the shares of these hospitals; "
                             "the upright strokes are those of the baseline %s."),
                    comparison->baseline->name);
        if (!comparison->calibrated)
            html_text(html,
                      html_say(html, "两者的指数不是用同一方法校准的，只宜粗看。",
                               " The two indices were not calibrated alike: read the difference with care."));
        html_put(html, "</p>\n");
    }
    html_table(html, "plots",
               html_say(html, "各等级医院的数目与占比", "Hospitals by band, in numbers and shares"));
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "等级", "Band"));
    html_column(html, "plot", html_say(html, "占比", "Share"));
    html_column(html, "number", "%");
    html_column(html, "number", html_say(html, "家", "Hospitals"));
    if (beside) {
        html_column(html, "number", html_say(html, "基线", "Baseline"));
        html_column(html, "", html_say(html, "相比", "Compared"));
    }
    html_put(html, "</tr></thead><tbody>\n");
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        put_row(document, (enum band)band);
    html_table_end(html);
    put_shown(document);
    html_section_end(html);
}
