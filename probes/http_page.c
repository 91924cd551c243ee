#include "probes/http_page.h"

#include <string.h>

#include "probes/product.h"
#include "probes/text.h"

enum place {
    IN_TITLE,
    TITLE_WORD, /* stands alone, in capitals: "PACS", not "spacs" */
    IN_PAGE,
};
enum kind { NEITHER, CONSOLE, MEDICAL };

/* What is written on pages of systems that matter here; a version that follows the mark at once is taken. */
static const struct mark {
    const char *text;
    enum place place;
    enum kind kind;
    const char *product;
} marks[] = {
    {"Orthanc Explorer", IN_TITLE, MEDICAL, "Orthanc"},
    {"dcm4chee", IN_TITLE, MEDICAL, "dcm4chee"},
    {"Mirth Connect", IN_TITLE, MEDICAL, "Mirth Connect"},
    {"NextGen Connect", IN_TITLE, MEDICAL, "Mirth Connect"},
    {"OpenEMR", IN_TITLE, MEDICAL, "OpenEMR"},
    {"OpenMRS", IN_TITLE, MEDICAL, "OpenMRS"},
    {"OHIF", IN_TITLE, MEDICAL, "OHIF Viewer"},
    {"Oviyam", IN_TITLE, MEDICAL, "Oviyam"},
    {"MedDream", IN_TITLE, MEDICAL, "MedDream"},
    {"Weasis", IN_TITLE, MEDICAL, "Weasis"},
    {"IntelliSpace", IN_TITLE, MEDICAL, NULL},
    {"Centricity", IN_TITLE, MEDICAL, NULL},
    {"DICOM", IN_TITLE, MEDICAL, NULL},
    {"PACS", TITLE_WORD, MEDICAL, NULL},
    {"RIS", TITLE_WORD, MEDICAL, NULL},
    {"HIS", TITLE_WORD, MEDICAL, NULL},
    {"LIS", TITLE_WORD, MEDICAL, NULL},
    {"EMR", TITLE_WORD, MEDICAL, NULL},
    {"电子病历", IN_TITLE, MEDICAL, NULL},
    {"病案", IN_TITLE, MEDICAL, NULL},
    {"医学影像", IN_TITLE, MEDICAL, NULL},
    {"影像归档", IN_TITLE, MEDICAL, NULL},
    {"影像系统", IN_TITLE, MEDICAL, NULL},
    {"影像平台", IN_TITLE, MEDICAL, NULL},
    {"云影像", IN_TITLE, MEDICAL, NULL},
    {"检验系统", IN_TITLE, MEDICAL, NULL},
    {"检验报告", IN_TITLE, MEDICAL, NULL},
    {"报告查询", IN_TITLE, MEDICAL, NULL},
    {"医院信息系统", IN_TITLE, MEDICAL, NULL},
    {"护理系统", IN_TITLE, MEDICAL, NULL},
    {"体检系统", IN_TITLE, MEDICAL, NULL},
    {"Apache Tomcat/", IN_TITLE, NEITHER, "Apache Tomcat"},
    {"<h3>Apache Tomcat/", IN_PAGE, NEITHER, "Apache Tomcat"},
    {"href=\"/manager/html\"", IN_PAGE, CONSOLE, NULL},
    {"WebLogic Server", IN_TITLE, CONSOLE, "Oracle WebLogic"},
    {"From RFC 2068 <i>Hypertext Transfer", IN_PAGE, NEITHER, "Oracle WebLogic"},
    {"You Know, for Search", IN_PAGE, NEITHER, "Elasticsearch"},
    {"The OpenSearch Project: ", IN_PAGE, NEITHER, "OpenSearch"},
    {"phpMyAdmin", IN_TITLE, CONSOLE, "phpMyAdmin"},
    {"Adminer", IN_TITLE, CONSOLE, "Adminer"},
    {"Druid Stat", IN_TITLE, CONSOLE, "Druid"},
    {"RabbitMQ Management", IN_TITLE, CONSOLE, "RabbitMQ"},
    {"ActiveMQ", IN_TITLE, CONSOLE, "ActiveMQ"},
    {"Grafana", IN_TITLE, CONSOLE, "Grafana"},
    {"Kibana", IN_TITLE, CONSOLE, "Kibana"},
    {"Jenkins", IN_TITLE, CONSOLE, "Jenkins"},
    {"Nacos", IN_TITLE, CONSOLE, "Nacos"},
    {"Spring Boot Admin", IN_TITLE, CONSOLE, "Spring Boot Admin"},
    {"XXL-JOB", IN_TITLE, CONSOLE, "XXL-JOB"},
    {"Solr Admin", IN_TITLE, CONSOLE, "Apache Solr"},
    {"Portainer", IN_TITLE, CONSOLE, "Portainer"},
    {"Rancher", IN_TITLE, CONSOLE, "Rancher"},
    {"Harbor", TITLE_WORD, CONSOLE, "Harbor"},
    {"Kubernetes Dashboard", IN_TITLE, CONSOLE, "Kubernetes Dashboard"},
    {"Prometheus", IN_TITLE, CONSOLE, "Prometheus"},
    {"Zabbix", IN_TITLE, CONSOLE, "Zabbix"},
    {"Nagios", IN_TITLE, CONSOLE, "Nagios"},
    {"Webmin", IN_TITLE, CONSOLE, "Webmin"},
    {"Proxmox Virtual Environment", IN_TITLE, CONSOLE, "Proxmox VE"},
    {"ID_EESX_Welcome", IN_PAGE, CONSOLE, "VMware ESXi"},
    {"vSphere", IN_TITLE, CONSOLE, NULL},
    {"iDRAC", IN_TITLE, CONSOLE, "Dell iDRAC"},
    {"Integrated Lights-Out", IN_TITLE, CONSOLE, "HPE iLO"},
    {"FortiGate", IN_TITLE, CONSOLE, "FortiGate"},
    {"pfSense", IN_TITLE, CONSOLE, "pfSense"},
    {"OPNsense", IN_TITLE, CONSOLE, "OPNsense"},
    {"RouterOS", IN_TITLE, CONSOLE, "MikroTik RouterOS"},
    {"LuCI", TITLE_WORD, CONSOLE, "OpenWrt"},
    {"Synology", IN_TITLE, CONSOLE, "Synology DSM"},
    {"QNAP", IN_TITLE, CONSOLE, "QNAP"},
    {"SANGFOR", IN_TITLE, CONSOLE, NULL},
    {"深信服", IN_TITLE, CONSOLE, NULL},
    {"宝塔", IN_TITLE, CONSOLE, NULL},
    {"后台管理", IN_TITLE, CONSOLE, NULL},
    {"管理后台", IN_TITLE, CONSOLE, NULL},
    {"运维管理", IN_TITLE, CONSOLE, NULL},
    {"网管", IN_TITLE, CONSOLE, NULL},
    {"Admin Console", IN_TITLE, CONSOLE, NULL},
    {"Administration Console", IN_TITLE, CONSOLE, NULL},
};

static bool blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool alphanumeric(uint8_t c)
{
    uint8_t lower = c | 0x20;
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

static size_t find_word(struct span text, const char *word)
{
    size_t length = strlen(word), before = 0;
    for (size_t at; (at = span_find(span_from(text, before), word)) != SIZE_MAX; before += at + 1) {
        size_t start = before + at, end = start + length;
        bool alone = (start == 0 || !alphanumeric(text.bytes[start - 1])) &&
                     (end == text.size || !alphanumeric(text.bytes[end]));
        if (alone)
            return start;
    }
    return SIZE_MAX;
}

/* The first <tag …>: what it encloses, up to `end`; false when it is not whole. */
static bool find_element(struct span html, const char *tag, const char *end, struct span *content_out)
{
    size_t start = span_find_nocase(html, tag);
    struct span rest = span_from(html, start);
    span_cut(&rest, ">");
    size_t size = span_find_nocase(rest, end);
    *content_out = size == SIZE_MAX ? (struct span){0} : span_first(rest, size);
    return start != SIZE_MAX && size != SIZE_MAX;
}

static void read_title(struct span html, char *title)
{
    uint8_t joined[HTTP_TITLE_MAX];
    size_t size = 0;
    struct span content;
    if (!find_element(html, "<title", "</title", &content))
        return;
    for (size_t i = 0; i < content.size && size < sizeof joined; i++) {
        bool gap = blank(content.bytes[i]);
        if (!gap)
            joined[size++] = content.bytes[i];
        else if (size && joined[size - 1] != ' ')
            joined[size++] = ' ';
    }
    text_safe(span_trim((struct span){joined, size}), title, HTTP_TITLE_MAX);
}

#define TAG_MAX 1024

/* Does the tag say type=password, with or without quotes? */
static bool password_input(struct span tag)
{
    for (size_t at; (at = span_find_nocase(tag, "type")) != SIZE_MAX;) {
        tag = span_from(tag, at + strlen("type"));
        struct span value = tag;
        while (value.size && (blank(value.bytes[0]) || strchr("=\"'", value.bytes[0])))
            value = span_from(value, 1);
        if (value.size < tag.size && span_starts_nocase(value, "password"))
            return true;
    }
    return false;
}

static bool has_password_form(struct span html)
{
    for (size_t at; (at = span_find_nocase(html, "<input")) != SIZE_MAX;) {
        html = span_from(html, at + strlen("<input"));
        struct span rest = span_first(html, TAG_MAX);
        if (password_input(span_cut(&rest, ">")))
            return true;
    }
    return false;
}

/* How many bytes a reader would see: no tags, scripts or styles. */
static size_t visible_size(struct span html)
{
    size_t visible = 0;
    while (html.size) {
        struct span text = span_cut(&html, "<");
        for (size_t i = 0; i < text.size; i++)
            visible += !blank(text.bytes[i]);
        const char *end = span_starts_nocase(html, "script")     ? "</script"
                          : span_starts_nocase(html, "noscript") ? "</noscript"
                          : span_starts_nocase(html, "style")    ? "</style"
                          : span_starts_nocase(html, "title")    ? "</title"
                                                                 : ">";
        size_t past = span_find_nocase(html, end);
        html = past == SIZE_MAX ? (struct span){0} : span_from(html, past);
        span_cut(&html, ">");
    }
    return visible;
}

static bool has_any(struct span text, const char *const *words)
{
    for (; *words; words++)
        if (span_find_nocase(text, *words) != SIZE_MAX)
            return true;
    return false;
}

#define SHELL_MAX 64 /* a line that asks for patience while the scripts load */

static bool is_shell(struct span html)
{
    static const char *const leads[] = {"http-equiv=\"refresh\"", "http-equiv=refresh", "location.href",
                                        "location.replace",       "window.location",    NULL};
    return visible_size(html) < SHELL_MAX || has_any(html, leads);
}

static bool speaks_of_login(struct span html)
{
    /* The Chinese words in UTF-8 and in GBK. */
    static const char *const words[] = {
        "login", "log in", "sign in",          "signin",           "logon", "password", "passwd", "登录",
        "登陆",  "密码",   "\xb5\xc7\xc2\xbc", "\xc3\xdc\xc2\xeb", NULL};
    return has_any(html, words);
}

static bool is_listing(struct span title, struct span html)
{
    static const char *const titles[] = {"Index of /", "Directory listing for ", "Directory: /", NULL};
    if (span_find(html, "[To Parent Directory]") != SIZE_MAX)
        return true;
    for (size_t i = 0; titles[i]; i++)
        if (span_starts_nocase(title, titles[i]))
            return span_find_nocase(html, "<a ") != SIZE_MAX;
    return false;
}

static void read_mark(const struct mark *mark, struct span text, struct http_page *page)
{
    size_t at = mark->place == TITLE_WORD ? find_word(text, mark->text) : span_find_nocase(text, mark->text);
    if (at == SIZE_MAX)
        return;
    page->admin_console = page->admin_console || mark->kind == CONSOLE;
    page->medical_system = page->medical_system || mark->kind == MEDICAL;
    if (!mark->product || page->product)
        return;
    struct span rest = span_from(text, at + strlen(mark->text));
    page->product = mark->product;
    page->product_in_title = mark->place != IN_PAGE;
    rest = span_cut(&rest, " <\r\n");
    if (version_upstream(rest).size)
        page->version = rest;
}

static void read_marks(struct span text, bool title, struct http_page *page)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if ((marks[i].place != IN_PAGE) == title)
            read_mark(&marks[i], text, page);
}

void http_page_read(struct span html, struct http_page *page_out)
{
    *page_out = (struct http_page){.ended = span_find_nocase(html, "</html") != SIZE_MAX};
    read_title(html, page_out->title);
    struct span title = {(const uint8_t *)page_out->title, strlen(page_out->title)};
    page_out->password_form = has_password_form(html);
    page_out->login_words = speaks_of_login(html);
    page_out->script_shell = is_shell(html);
    page_out->directory_listing = is_listing(title, html);
    read_marks(title, true, page_out); /* a title's word on the product goes first */
    read_marks(html, false, page_out);
}
