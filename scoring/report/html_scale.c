#include "scoring/report/html_parts.h"

#include <math.h>
#include <stdlib.h>

/* The one figure of an index: where it stands between 0 and 1000, the bands below it, and a whisker between which it
   lies: what it would be if all that was not assessed were empty or perfect, or the interval of a mean. */

#define HEIGHT    98
#define WHISKER_Y 34
#define BAR_Y     56

static const struct axis axis = {.low = 0, .high = 1000};
static const int bands[] = {0, 500, 700, 900, 1000};

static void put_ground(struct html *html, enum band shown)
{
    for (int band = BAND_POOR; band <= BAND_EXCELLENT; band++) {
        double from = axis_place(&axis, bands[band]), until = axis_place(&axis, bands[band + 1]);
        const char *on = (enum band)band == shown ? " on" : "";
        html_markup(
            html, "<rect class=\"stretch%s %s\" x=\"%.1f%%\" y=\"%d\" width=\"%.1f%%\" height=\"6\"/>\n", on,
            band_word((enum band)band), from + (band ? 0.25 : 0), BAR_Y, until - from - (band ? 0.25 : 0));
        char from_text[16];
        snprintf(from_text, sizeof from_text, "%d", bands[band]);
        html_chart_text(html, from, BAR_Y + 22, "start", on[0] ? "reach on" : "reach",
                        band_name((enum band)band, html->language));
        html_chart_text(html, from, BAR_Y + 38, "start", "tick", from_text);
    }
}

static void put_bound(struct html *html, double index, const char *anchor, int shift)
{
    char text[16];
    snprintf(text, sizeof text, "%d", index_round(index));
    html_markup(
        html, "<text x=\"%.2f%%\" y=\"%d\" dx=\"%d\" dy=\"4\" text-anchor=\"%s\" class=\"bound\">%s</text>\n",
        axis_place(&axis, index), WHISKER_Y, shift, anchor, text);
}

static void put_whisker(struct html *html, const double ends[2])
{
    double low = axis_place(&axis, ends[0]), high = axis_place(&axis, ends[1]);
    html_markup(html,
                "<line class=\"whisker\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\" "
                "marker-start=\"url(#cap)\" marker-end=\"url(#cap)\"/>\n",
                low, high, WHISKER_Y, WHISKER_Y);
    put_bound(html, ends[0], "end", -7);
    put_bound(html, ends[1], "start", 7);
}

static void put_dot(struct html *html, double index, enum band band)
{
    double at = axis_place(&axis, index);
    char number[16];
    html_markup(html, "<line class=\"drop\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>", at, at,
                WHISKER_Y, BAR_Y + 6);
    html_markup(html, "<circle class=\"dot %s\" cx=\"%.2f%%\" cy=\"%d\" r=\"6\"/>\n", band_word(band), at,
                WHISKER_Y);
    snprintf(number, sizeof number, "%d", index_round(index));
    html_chart_text(html, at, WHISKER_Y - 14, "middle", "value", number);
}

void html_scale_grounds(struct html *html)
{
    html_put(html, "<marker id=\"cap\" markerWidth=\"1\" markerHeight=\"9\" refX=\"0.5\" refY=\"4.5\" "
                   "markerUnits=\"userSpaceOnUse\"><path class=\"whisker\" d=\"M0.5 0V9\"/></marker>\n");
    for (int band = BAND_POOR; band <= BAND_EXCELLENT; band++) {
        html_markup(html, "<g id=\"scale-%s\">", band_word((enum band)band));
        put_ground(html, (enum band)band);
        html_put(html, "</g>\n");
    }
}

void html_scale(struct html *html, double index, enum band band, const double whisker[2], const char *meaning)
{
    char title[160];
    snprintf(title, sizeof title, html_say(html, "暴露指数 %d，%s", "Exposure index %d, %s"),
             index_round(index), band_name(band, html->language));
    html_chart(html, HEIGHT, "scale", title, meaning);
    html_markup(html, "<use href=\"#scale-%s\"/>\n", band_word(band));
    if (!isnan(whisker[0]))
        put_whisker(html, whisker);
    put_dot(html, index, band);
    html_chart_end(html);
}
