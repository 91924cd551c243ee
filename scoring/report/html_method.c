#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "scoring/deadline.h"

/* What this rests on and what it does not say: how it was looked at, what was not, and how the index is made. */

static void begin(struct html *html, const char *name)
{
    html_put(html, "<div><dt>");
    html_text(html, name);
    html_put(html, "</dt><dd>");
}

static void end(struct html *html)
{
    html_put(html, "</dd></div>\n");
}

static void put_fact(struct html *html, const char *name, const char *text)
{
    if (!text || !text[0])
        return;
    begin(html, name);
    html_text(html, text);
    end(html);
}

static void put_authorization(struct html *html, const struct report *report)
{
    const struct scope *scope = report->scope;
    put_fact(html, html_say(html, "授权", "Authorization"),
             report->scope_reference ? report->scope_reference
             : report->run           ? report->run->authorization
                                     : NULL);
    if (!scope)
        return;
    put_fact(html, html_say(html, "授权人", "Authorized by"), scope->authorized_by);
    put_fact(html, html_say(html, "联系", "Contact"), scope->contact);
    begin(html, html_say(html, "有效期", "Valid"));
    html_day(html, scope->valid_from_day);
    html_text(html, html_say(html, " 至 ", " to "));
    html_day(html, scope->valid_until_day);
    end(html);
}

static void put_pace(struct html *html, const struct report *report)
{
    const struct store_pace *pace = report->pace;
    begin(html, html_say(html, "速率", "Rate"));
    html_count(html, report->run->probes_sent);
    html_format(html,
                html_say(html, " 个探测包，平均每秒 %.0f 个，任意 10 毫秒内最多 %" PRIu64 " 个",
                         " probes, %.0f a second on average, at most %" PRIu64 " in any 10 ms"),
                pace->rate, pace->burst);
    end(html);
    begin(html, html_say(html, "听到的比例", "Recall"));
    if (pace->recall < 1 || pace->lost)
        html_format(html,
                    html_say(html, "估计听到了应答目标的 %.1f%%；丢失计数 %" PRIu64,
                             "an estimated %.1f %% of the targets that answer were heard; %" PRIu64
                             " losses were counted"),
                    100 * pace->recall, pace->lost);
    else
        html_text(html, html_say(html, "没有计到丢失", "no loss was counted"));
    end(html);
}

/* With blanks, where a line may break. */
static void put_ports(struct html *html, const char *ports)
{
    if (!ports || !ports[0])
        return;
    begin(html, html_say(html, "端口", "Ports"));
    for (size_t size; *ports; ports += size) {
        char port[32];
        size = strcspn(ports, ",");
        snprintf(port, sizeof port, "%.*s", (int)size, ports);
        html_text(html, port);
        size += ports[size] == ',';
        html_put(html, ports[size] ? ", " : "");
    }
    end(html);
}

static void put_run(struct html *html, const struct report *report)
{
    const struct store_run *run = report->run;
    if (!run || !run->started_ms)
        return;
    begin(html, html_say(html, "扫描", "Scan"));
    html_moment(html, run->started_ms);
    html_format(html, html_say(html, "，用时 %.0f 秒，%s", ", took %.0f s, %s"), report->seconds,
                html_vantage(html, report));
    if (!report->complete)
        html_text(html, html_say(html, "；没有做完，只是已知的部分",
                                 "; it did not come to its end, this is what is known so far"));
    end(html);
    put_fact(html, html_say(html, "引擎", "Engine"), run->engine);
    put_ports(html, run->ports);
    if (report->pace && report->pace->rate > 0)
        put_pace(html, report);
    begin(html, html_say(html, "运行编号", "Run"));
    html_put(html, "<code>");
    html_text(html, run->id);
    html_put(html, "</code>");
    end(html);
    if (run->scope[0]) {
        begin(html, html_say(html, "范围文件 SHA-256", "SHA-256 of the scope file"));
        html_put(html, "<code>");
        html_text(html, run->scope);
        html_put(html, "</code>");
        end(html);
    }
}

static void put_sources(struct html *html, const struct evidence *evidence)
{
    for (size_t i = 0; evidence && i < evidence->imports_count; i++) {
        const struct evidence_import *import = &evidence->imports[i];
        if (import->organizations == 0)
            continue;
        begin(html, html_say(html, "其他来源", "Another source"));
        html_text_cut(html, import->run.format, HTML_NAME_MAX);
        html_put(html, " ");
        html_text_cut(html, import->run.file, HTML_NAME_MAX);
        html_put(html, html_say(html, "，", ", "));
        html_moment(html, import->run.from_ms);
        html_put(html, html_say(html, " 至 ", " to "));
        html_moment(html, import->run.until_ms);
        html_format(
            html, html_say(html, "：医院 %zu 家，问题 %" PRIu64 " 处", ": hospitals %zu, findings %" PRIu64),
            import->organizations, import->findings);
        end(html);
    }
}

static void put_index_made(struct html *html, const struct report *report)
{
    const struct g *g = &report->catalogue->g;
    put_fact(html, html_say(html, "目录", "Catalogue"), report->catalogue->name);
    begin(html, html_say(html, "校准", "Calibration"));
    if (g->fit.name) {
        html_text(html, g->fit.name);
        html_put(html, html_say(html, "：", ": "));
        html_text(html, g->fit.population);
        if (!isnan(g->fit.error))
            html_format(html, html_say(html, "；平均指数的标准误 %.0f", "; standard error of a mean %.0f"),
                        g->fit.error);
    } else {
        html_text(html, html_say(html, "无：指数就是安全值", "none: the index is the score as it is"));
    }
    end(html);
    put_fact(html, html_say(html, "期限的规则", "Rules of deadlines"),
             report->deadlines ? report->deadlines->name : NULL);
    put_fact(html, html_say(html, "程序", "Program"), "auscult " AUSCULT_VERSION);
}

static void put_how(struct html *html)
{
    html_heading(html, 3, html_say(html, "指数怎样得来", "How the index is made"));
    html_paragraph(
        html, "",
        html_say(html,
                 "每处问题的基础损失是风险类型、严重性、资产、可信度与暴露程度之积；同一检查项的多处按频次折"
                 "算；从 1000 中减去一个维度内各项的损失，得到该维度的值；"
                 "维度按权重汇成安全域，安全域按维度数汇成安全值，即为指数。算式出自 2018 年 8 "
                 "月《医疗行业安全指数报告》，报告留白之处由本程序的目录补足。",
                 "The base loss of a finding is the product of its risk, severity, asset, confidence and "
                 "exposure; of several places of one "
                 "item, f of their count weighs. 1000 less the losses of a dimension's items is the "
                 "dimension's score; dimensions are weighed into "
                 "domains, and domains by their number of dimensions into the index. The formula is that of "
                 "the medical industry security index report "
                 "of August 2018; where it leaves something open, the catalogue says what was taken."));
    html_paragraph(html, "",
                   html_say(html,
                            "没有评估的不当作安全：没有看过的维度不计入，上下界给出它们若最差或全无问题时的指"
                            "数。整改的分数是去掉该问题后真正重新计算的差，不能相加。",
                            "What was not assessed is not taken for safe: dimensions that nobody looked at "
                            "do not count, and the bounds say what the index would be "
                            "with them at their worst or without fault. The points of a fix are a true "
                            "evaluation without it; they do not add up."));
    html_paragraph(html, "",
                   html_say(html,
                            "门槛：严重性 5、可信度 4 以上、资产 4 "
                            "以上的一处问题使显示等级不高于“良好”，三个维度各有一处则不高于“一般”。门槛只限制"
                            "显示的等级，不改变指数。",
                            "The gate: one finding of severity 5, confidence 4 or more and asset 4 or more "
                            "caps the band that is shown at good, such findings in "
                            "three dimensions at fair. It caps the band, and never moves the index."));
    html_paragraph(html, "",
                   html_say(html,
                            "区间均为 95%：占比用 Wilson，平均用 t "
                            "分布。程序不登录、不猜口令、不利用漏洞，只凭打招呼时得到的应答判断；被防火墙拦截"
                            "或只对特定地址开放的服务看不到。",
                            "All intervals are of 95 %: Wilson's of shares, Student's of means. The program "
                            "logs in nowhere, guesses no password and exploits nothing; "
                            "it judges by what a service says when it is greeted. What a firewall hides, or "
                            "opens to others only, it does not see."));
}

/* A dimension is listed where not one hospital had it assessed. */
static bool assessed_anywhere(const struct report *report, size_t dimension)
{
    for (size_t i = 0; i < report->organizations_count; i++)
        if (report->organizations[i].scorecard->dimensions[dimension].assessed)
            return true;
    return false;
}

static void put_domain_gaps(struct html *html, const struct report *report, size_t domain)
{
    const struct catalogue *catalogue = report->catalogue;
    bool first = true;
    for (size_t i = 0; i < catalogue->dimensions_count; i++) {
        if (catalogue->dimensions[i].domain != domain || assessed_anywhere(report, i))
            continue;
        if (first)
            begin(html, words_in(&catalogue->domains[domain].name, html->language));
        else
            html_put(html, html_say(html, "、", "; "));
        first = false;
        html_text(html, words_in(&catalogue->dimensions[i].name, html->language));
    }
    if (!first)
        end(html);
}

static void put_gaps(struct html *html, const struct report *report)
{
    html_heading(html, 3, html_say(html, "没有评估的", "What was not assessed"));
    html_paragraph(
        html, "",
        html_say(html, "下列维度没有任何来源看过，不能据此说它们安全。",
                 "No source looked at these dimensions, and nothing here says that they are safe."));
    html_put(html, "<dl class=\"facts gaps\">\n");
    for (size_t i = 0; i < report->catalogue->domains_count; i++)
        put_domain_gaps(html, report, i);
    html_put(html, "</dl>\n");
}

static void put_distrusted(struct html *html, const struct report *report)
{
    uint64_t hosts = 0, ports = 0, undetermined = 0;
    for (size_t i = 0; i < report->organizations_count; i++) {
        hosts += report->organizations[i].synthetic_hosts;
        ports += report->organizations[i].synthetic;
        undetermined += report->organizations[i].undetermined_hosts;
    }
    if (hosts) {
        html_put(html, "<p>");
        html_format(
            html,
            html_say(html,
                     "应答一切端口的主机 %" PRIu64
                     " 台（无人使用的对照端口也应答）：其中不讲任何协议的端口 %" PRIu64
                     " 个不计为开放，也不说明该处没有服务。",
                     "Hosts that answer at every port, at a control port where nobody listens too: %" PRIu64
                     ". Their ports that spoke no protocol, %" PRIu64
                     ", do not count as open; whether a service stands behind is not known."),
            hosts, ports);
        html_put(html, "</p>\n");
    }
    if (undetermined) {
        html_put(html, "<p>");
        html_format(
            html,
            html_say(html, "看似应答一切端口、但未能判定的主机 %" PRIu64 " 台：其端口按所见计为开放。",
                     "Hosts that seem to answer at every port, where that could not be found out: %" PRIu64
                     ". Their ports count as open."),
            undetermined);
        html_put(html, "</p>\n");
    }
}

void html_method(struct html_document *document)
{
    struct html *html = &document->html;
    const struct report *report = document->report;
    html_section(html, "method", html_say(html, "局限与方法", "Limits and method"));
    if (report->assessed_by_findings_only)
        html_paragraph(
            html, "warning",
            html_say(html, "没有来源说明检查过哪些项目，只有出现问题的维度计入指数。",
                     "No source says what was looked at, so only dimensions with findings count."));
    if (report->without_addresses)
        html_paragraph(html, "warning",
                       html_say(html, "本报告按要求不含地址与证据，只有指数、计数与检查项。",
                                "This report was made without addresses and evidence: it holds indices, "
                                "counts and items alone."));
    html_put(html, "<dl class=\"facts\">\n");
    put_authorization(html, report);
    put_run(html, report);
    put_sources(html, report->evidence);
    put_index_made(html, report);
    html_put(html, "</dl>\n");
    put_distrusted(html, report);
    put_gaps(html, report);
    put_how(html);
    html_section_end(html);
}
