#include "scoring/report/html_parts.h"

#include <inttypes.h>

/* What to fix first over a group: each item by what the mean index would gain, were it mended everywhere. */

#define ROWS_MOST 12

static void put_row(struct html_document *document, size_t number, const struct axis *axis)
{
    struct html *html = &document->html;
    const struct group_item *found = &document->group.items[number];
    const struct item *item = &document->report->catalogue->items[found->item];
    html_markup(html, "<tr><td class=\"number\">%zu</td><th scope=\"row\">", number + 1);
    html_item(html, item);
    html_put(html, "<span class=\"how\">");
    html_text(html, words_in(&item->fix, html->language));
    html_put(html, "</span></th><td class=\"plot\">");
    html_row(html, false);
    html_markup(html, "<rect class=\"bar gain\" y=\"3\" width=\"%.2f%%\" height=\"12\"/>",
                axis_place(axis, found->gain));
    html_row_end(html);
    html_put(html, "</td>");
    html_markup(html, "<td class=\"number\"><b>+%.1f</b></td><td class=\"number\">", found->gain);
    html_count(html, found->organizations);
    html_put(html, "</td><td class=\"number\">");
    html_count(html, found->occurrences);
    html_put(html, "</td></tr>\n");
}

static void put_sets(struct html_document *document)
{
    struct html *html = &document->html;
    const struct group *group = &document->group;
    html_put(html, "<p>");
    html_format(html,
                html_say(html,
                         "若每家做完自己清单的前 %d 项，平均指数由 %d 升至 %d；做完清单上的全部，为 %d。",
                         "If each hospital did the first %d of its own list, the mean would rise from %d to "
                         "%d; with all that "
                         "the lists propose, to %d."),
                GROUP_FIRST, index_round(group->all->mean), index_round(group->after_first),
                index_round(group->after_all));
    html_put(html, "</p>\n");
    if (group->items_count > ROWS_MOST)
        html_put(html, "<p class=\"faint\">");
    if (group->items_count > ROWS_MOST) {
        html_format(html,
                    html_say(html, "另有 %zu 类问题（见 CSV 或 JSON）。",
                             "There are %zu more kinds of findings (in the CSV or JSON form)."),
                    group->items_count - ROWS_MOST);
        html_put(html, "</p>\n");
    }
}

void html_priorities(struct html_document *document)
{
    struct html *html = &document->html;
    const struct group *group = &document->group;
    html_section(html, "first", html_say(html, "先做什么", "What to fix first"));
    if (!group->all || group->items_count == 0) {
        html_paragraph(
            html, "", html_say(html, "看过的部分没有发现问题。", "Nothing was found in what was looked at."));
        html_section_end(html);
        return;
    }
    struct axis axis = axis_from_zero(group->items[0].gain);
    html_note(html,
              html_say(html,
                       "分数：这一项若在各处都整改好，平均指数增加多少；逐家重新计算所得。各项的分数不能相加"
                       "，整组的结果在表后。",
                       "The points are what the mean index would gain, were this one item mended everywhere, "
                       "each hospital "
                       "evaluated anew. Points do not add up; what sets bring stands below the table."));
    html_table(
        html, "plots first",
        html_say(html, "整改事项，按平均指数的增加排列", "What to mend, by what the mean index would gain"));
    html_put(html, "<thead><tr>");
    html_column(html, "number", html_say(html, "序", "No."));
    html_column(html, "", html_say(html, "问题与整改", "Finding, and how to mend it"));
    html_column(html, "plot", html_say(html, "平均指数", "Mean index"));
    html_column(html, "number", html_say(html, "分", "Points"));
    html_column(html, "number", html_say(html, "医院", "Hospitals"));
    html_column(html, "number", html_say(html, "处", "Places"));
    html_put(html, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < group->items_count && i < ROWS_MOST; i++)
        put_row(document, i, &axis);
    html_table_end(html);
    put_sets(document);
    html_section_end(html);
}
