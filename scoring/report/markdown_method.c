#include <inttypes.h>

#include "scoring/report/markdown.h"

/* Points of a list; the words are ours. */
static void put(struct markdown *markdown, const char *zh, const char *en)
{
    writer_format(&markdown->writer, "- %s\n", markdown->report->language == LANGUAGE_ZH ? zh : en);
}

static void put_hearing(struct markdown *markdown)
{
    const struct report *report = markdown->report;
    if (!report->pace || (report->pace->recall >= 1 && !report->pace->lost))
        return;
    writer_format(&markdown->writer,
                  markdown_say(markdown, "- 有应答丢失（计数 %" PRIu64 "），估计听到了 %.1f%% 的应答目标。\n",
                               "- Answers or probes got lost (%" PRIu64
                               " counted): an estimated %.1f %% of the targets that answer were heard.\n"),
                  report->pace->lost, 100 * report->pace->recall);
}

static void put_sources(struct markdown *markdown)
{
    const struct evidence *evidence = markdown->report->evidence;
    for (size_t i = 0; evidence && i < evidence->imports_count; i++) {
        const struct evidence_import *import = &evidence->imports[i];
        if (import->organizations == 0)
            continue;
        writer_put(&markdown->writer, markdown_say(markdown, "- 其他来源：", "- Another source counted: "));
        markdown_text(markdown, import->run.format);
        writer_put(&markdown->writer, " ");
        markdown_code(markdown, import->run.file);
        writer_format(&markdown->writer,
                      markdown_say(markdown, "，问题 %" PRIu64 " 处。\n", ", findings %" PRIu64 ".\n"),
                      import->findings);
    }
}

static void put_calibration(struct markdown *markdown)
{
    const struct g *g = &markdown->report->catalogue->g;
    if (!g->fit.name)
        return;
    writer_put(&markdown->writer, markdown_say(markdown, "- 指数经过校准：", "- The index is calibrated: "));
    markdown_text(markdown, g->fit.name);
    writer_put(&markdown->writer, markdown_say(markdown, "，", ", "));
    markdown_text(markdown, g->fit.population);
    writer_put(&markdown->writer, "\n");
}

void markdown_method(struct markdown *markdown)
{
    const struct report *report = markdown->report;
    bool scan = report->run && report->run->engine && report->run->engine[0];
    writer_put(&markdown->writer, markdown_say(markdown, "## 局限与方法\n\n", "## Limits and method\n\n"));
    if (scan && !report->complete)
        put(markdown, "**扫描没有做完**，以上只是已知的部分。",
            "**The scan did not come to its end**; this is what is known so far.");
    if (report->assessed_by_findings_only)
        put(markdown, "没有来源说明检查过哪些项目，只有出现问题的维度计入指数。",
            "No source says what was looked at, so only dimensions with findings count.");
    put(markdown, "没有看到的不等于没有：未评估的项目不算安全，界限说明它们最多能改变多少。",
        "What was not looked at is not safe: items that were not assessed count for nothing, and the bounds "
        "say how much they "
        "could change.");
    put(markdown,
        "只从外部看，不登录、不猜口令、不利用漏洞；版本取自服务自己的应答，发行版可能已修补而不改版本号。",
        "Seen from outside only: nobody logged in, guessed a password or exploited anything. Versions are "
        "what services say "
        "of themselves; a distribution may have mended them without a new number.");
    put(markdown, "每一项的分值是去掉它之后重新计算的指数之差，各项不能相加。",
        "The points of a finding are the difference to an index computed anew without it; they do not add "
        "up.");
    put(markdown, "等级：900 起优秀，700 起良好，500 起一般，其下较差；严重问题会限制所显示的等级。",
        "Bands: excellent from 900, good from 700, fair from 500, poor below; grave findings cap the band "
        "that is shown.");
    put_hearing(markdown);
    put_sources(markdown);
    put_calibration(markdown);
    writer_put(&markdown->writer, markdown_say(markdown, "- 检查目录：", "- Catalogue: "));
    markdown_text(markdown, report->catalogue->name);
    writer_put(&markdown->writer, "; auscult " AUSCULT_VERSION "\n");
}
