#include <string.h>

#include "probes/http_message.h"
#include "probes/http_page.h"
#include "probes/http_server.h"
#include "probes/probe.h"
#include "probes/product.h"

/* HTTP/1 (RFC 9110, RFC 9112). One GET / and what its answer shows; a redirect is classified, never followed.
 * The one path that is asked besides is Orthanc's own start page, which "/" leads to by a redirect, since
 * only there it shows whether a login is wanted. */

enum {
    STATUS,
    SERVER,
    TITLE,
    POWERED_BY,
    LOCATION,
    AUTH_SCHEMES,
    NAME_MISMATCH,
    /* From the headers. */
    AUTH_REQUIRED,
    REDIRECTS_TO_HTTPS,
    REDIRECTS_ELSEWHERE,
    HSTS,
    CONTENT_TYPE_OPTIONS,
    FRAME_PROTECTION,
    CONTENT_SECURITY_POLICY,
    HEADERS_MISSING,
    COOKIE_INSECURE,
    VERSION_DISCLOSED,
    /* From the page. */
    PASSWORD_FORM,
    CLEARTEXT_LOGIN,
    DIRECTORY_LISTING,
    ADMIN_CONSOLE,
    MEDICAL_SYSTEM,
    OPEN_MEDICAL,
    FACTS,
};

static const struct fact facts[] = {
    [STATUS] = {"http.status", FACT_INTEGER, "status of the answer to GET /", "GET /的状态码"},
    [SERVER] = {"http.server", FACT_TEXT, "the Server header", "Server响应头"},
    [TITLE] = {"http.title", FACT_TEXT, "title of the page", "网页标题"},
    [POWERED_BY] = {"http.powered_by", FACT_TEXT, "the X-Powered-By header", "X-Powered-By响应头"},
    [LOCATION] = {"http.location", FACT_TEXT, "where a redirect leads", "重定向目标"},
    [AUTH_SCHEMES] = {"http.auth_schemes", FACT_TEXT, "authentication schemes that are asked for",
                      "要求的认证方式"},
    [NAME_MISMATCH] = {"http.name_mismatch", FACT_BOOL,
                       "browsers warn: the certificate is not for the name by which the page was asked",
                       "证书与网页域名不匹配，浏览器会告警"},
    [AUTH_REQUIRED] = {"http.auth_required", FACT_BOOL, "/ asks for authentication (401)",
                       "首页要求认证（401）"},
    [REDIRECTS_TO_HTTPS] = {"http.redirects_to_https", FACT_BOOL,
                            "/ without TLS leads to HTTPS on the same host",
                            "明文首页重定向到同一主机的HTTPS"},
    [REDIRECTS_ELSEWHERE] = {"http.redirects_elsewhere", FACT_BOOL, "/ leads to another host",
                             "首页重定向到其他主机"},
    [HSTS] = {"http.hsts", FACT_BOOL, "Strict-Transport-Security is sent", "发送HSTS响应头"},
    [CONTENT_TYPE_OPTIONS] = {"http.content_type_options", FACT_BOOL, "X-Content-Type-Options is sent",
                              "发送X-Content-Type-Options响应头"},
    [FRAME_PROTECTION] = {"http.frame_protection", FACT_BOOL,
                          "X-Frame-Options or frame-ancestors keeps the page out of foreign frames",
                          "禁止被外站嵌入框架"},
    [CONTENT_SECURITY_POLICY] = {"http.content_security_policy", FACT_BOOL, "Content-Security-Policy is sent",
                                 "发送CSP响应头"},
    [HEADERS_MISSING] = {"http.headers_missing", FACT_BOOL,
                         "the page is sent without any of those protections", "网页缺少全部上述安全响应头"},
    [COOKIE_INSECURE] = {"http.cookie_insecure", FACT_BOOL,
                         "a cookie is set without Secure or without HttpOnly",
                         "设置的Cookie缺少Secure或HttpOnly属性"},
    [VERSION_DISCLOSED] = {"http.version_disclosed", FACT_BOOL, "headers tell the version of the software",
                           "响应头泄露软件版本"},
    [PASSWORD_FORM] = {"http.password_form", FACT_BOOL, "the page asks for a password", "网页含密码输入框"},
    [CLEARTEXT_LOGIN] = {"http.cleartext_login", FACT_BOOL,
                         "a password form or Basic authentication without TLS",
                         "未加密的密码表单或Basic认证"},
    [DIRECTORY_LISTING] = {"http.directory_listing", FACT_BOOL, "/ lists a directory", "首页列出目录"},
    [ADMIN_CONSOLE] = {"http.admin_console", FACT_BOOL, "the page is that of a management console",
                       "网页为管理控制台"},
    [MEDICAL_SYSTEM] = {"http.medical_system", FACT_BOOL, "the page is that of a medical system",
                        "网页为医疗业务系统"},
    [OPEN_MEDICAL] = {"http.open_medical", FACT_BOOL, "a medical system shows its page without any login",
                      "医疗业务系统无需登录即可访问"},
    {0},
};

#define ORTHANC_PAGE "app/explorer.html"

struct http_state {
    bool orthanc; /* the connection is the one for ORTHANC_PAGE */
};

/* What one answer came to. */
struct reading {
    struct http_message message;
    struct http_page page;
    bool page_whole;
    bool judged;         /* what the page does not show, / does not have */
    const char *why_not; /* when not */
};

static bool has(const struct http_message *message, const char *name)
{
    return http_header(message, name).bytes != NULL;
}

static void observe_header(struct observation *observation, int fact, const struct http_message *message,
                           const char *name)
{
    struct span value = http_header(message, name);
    if (value.size)
        observation_text(observation, &facts[fact], value);
}

/* A number with a dot and another behind it. */
static bool tells_version(struct span value)
{
    for (size_t i = 1; i + 1 < value.size; i++) {
        uint8_t before = value.bytes[i - 1], after = value.bytes[i + 1];
        if (value.bytes[i] == '.' && before >= '0' && before <= '9' && after >= '0' && after <= '9')
            return true;
    }
    return false;
}

static bool version_disclosed(const struct http_message *message)
{
    static const char *const names[] = {"Server", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (tells_version(http_header(message, names[i])))
            return true;
    return false;
}

/* Attributes follow the first semicolon (RFC 6265 §4.1). */
static bool cookie_insecure(struct span cookie)
{
    bool secure = false, http_only = false;
    span_cut(&cookie, ";");
    while (cookie.size) {
        struct span attribute = span_trim(span_cut(&cookie, ";"));
        secure = secure || span_equals_nocase(attribute, "Secure");
        http_only = http_only || span_equals_nocase(attribute, "HttpOnly");
    }
    return !secure || !http_only;
}

static bool any_cookie_insecure(const struct http_message *message)
{
    struct span rest = message->headers, name, value;
    while (http_next_header(&rest, &name, &value))
        if (span_equals_nocase(name, "Set-Cookie") && cookie_insecure(value))
            return true;
    return false;
}

static void observe_protections(struct observation *observation, const struct http_message *message)
{
    struct span policy = http_header(message, "Content-Security-Policy");
    bool hsts = has(message, "Strict-Transport-Security");
    bool type_options = has(message, "X-Content-Type-Options");
    bool frames = has(message, "X-Frame-Options") || span_find_nocase(policy, "frame-ancestors") != SIZE_MAX;
    observation_bool(observation, &facts[HSTS], hsts);
    observation_bool(observation, &facts[CONTENT_TYPE_OPTIONS], type_options);
    observation_bool(observation, &facts[FRAME_PROTECTION], frames);
    observation_bool(observation, &facts[CONTENT_SECURITY_POLICY], policy.bytes != NULL);
    if (message->status == 200)
        observation_bool(observation, &facts[HEADERS_MISSING],
                         !hsts && !type_options && !frames && policy.bytes == NULL);
    else
        observation_undetermined(observation, &facts[HEADERS_MISSING],
                                 "/ shows no page but a redirect or error");
}

/* The part of a URL before the path; `host` without user, port and brackets. */
static bool split_url(struct span url, bool *https_out, struct span *host_out)
{
    size_t start = span_starts_nocase(url, "https://")  ? 8
                   : span_starts_nocase(url, "http://") ? 7
                   : span_starts(url, "//")             ? 2
                                                        : 0;
    *https_out = start == 8;
    url = span_from(url, start);
    struct span host = span_cut(&url, "/\\?#");
    for (size_t at; (at = span_find(host, "@")) != SIZE_MAX;)
        host = span_from(host, at + 1);
    bool bracket = host.size && host.bytes[0] == '[';
    if (bracket)
        host = span_from(host, 1);
    *host_out = span_cut(&host, bracket ? "]" : ":");
    return start != 0;
}

static bool redirects(const struct http_message *message)
{
    unsigned status = message->status;
    bool leads = (status >= 301 && status <= 303) || status == 307 || status == 308;
    return leads && has(message, "Location");
}

static void observe_redirect(struct probe_call *call, const struct http_message *message)
{
    struct span host, location = http_header(message, "Location");
    bool https = false;
    bool absolute = redirects(message) && split_url(location, &https, &host);
    bool same = absolute && span_equals_nocase(host, call->context->host);
    observation_bool(call->observation, &facts[REDIRECTS_TO_HTTPS], same && https && !call->inside_tls);
    observation_bool(call->observation, &facts[REDIRECTS_ELSEWHERE], absolute && !same);
}

/* The schemes of all challenges (RFC 9110 §11.6.1), each once, joined by ", ". */
static bool observe_schemes(struct observation *observation, const struct http_message *message)
{
    struct span rest = message->headers, name, value, scheme;
    char text[128];
    struct buffer list = buffer_over(text, sizeof text - 1);
    bool basic = false;
    while (http_next_header(&rest, &name, &value)) {
        while (span_equals_nocase(name, "WWW-Authenticate") && http_next_challenge(&value, &scheme)) {
            char word[HTTP_SCHEME_MAX + 3] = ", ";
            memcpy(word + 2, scheme.bytes, scheme.size);
            basic = basic || span_equals_nocase(scheme, "Basic");
            if (span_find((struct span){list.bytes, list.size}, word + 2) == SIZE_MAX)
                buffer_text(&list, list.size ? word : word + 2);
        }
    }
    if (list.size)
        observation_text(observation, &facts[AUTH_SCHEMES], (struct span){list.bytes, list.size});
    return basic;
}

/* What TLS has found; mail and other services are rightly called by other names than the web. */
static void observe_mismatch(const struct probe_call *call)
{
    const struct fact_value *mismatch = observation_find(call->observation, "x509.name_mismatch");
    if (call->inside_tls && mismatch && !mismatch->undetermined)
        observation_bool(call->observation, &facts[NAME_MISMATCH], mismatch->number != 0);
}

static void observe_headers(struct probe_call *call, const struct reading *reading)
{
    struct observation *observation = call->observation;
    const struct http_message *message = &reading->message;
    observation_integer(observation, &facts[STATUS], message->status);
    observe_header(observation, SERVER, message, "Server");
    observe_header(observation, POWERED_BY, message, "X-Powered-By");
    observe_header(observation, LOCATION, message, "Location");
    observe_mismatch(call);
    observe_redirect(call, message);
    observe_protections(observation, message);
    observation_bool(observation, &facts[AUTH_REQUIRED], message->status == 401);
    observation_bool(observation, &facts[COOKIE_INSECURE], any_cookie_insecure(message));
    observation_bool(observation, &facts[VERSION_DISCLOSED], version_disclosed(message));
    bool basic = observe_schemes(observation, message);
    if (call->inside_tls || basic)
        observation_bool(observation, &facts[CLEARTEXT_LOGIN], !call->inside_tls);
}

static bool orthanc_redirect(const struct http_message *message)
{
    struct span location = http_header(message, "Location");
    size_t at = span_find(location, ORTHANC_PAGE);
    bool here = span_find(location, "//") == SIZE_MAX; /* Orthanc's own is relative */
    return redirects(message) && here && at != SIZE_MAX && at + strlen(ORTHANC_PAGE) == location.size;
}

static bool orthanc_realm(const struct http_message *message)
{
    return span_find_nocase(http_header(message, "WWW-Authenticate"), "orthanc") != SIZE_MAX;
}

/* What is found is so; what is not found is absent only from a page that was read to its end. */
static void observe_mark(struct observation *observation, int fact, bool found, bool whole)
{
    if (found || whole)
        observation_bool(observation, &facts[fact], found);
}

/* No login is claimed only where a whole page of its own content shows itself, and nothing on it speaks of
 * one (scripts may still ask for it later). */
static void observe_open(struct observation *observation, const struct reading *reading, bool medical)
{
    const struct http_page *page = &reading->page;
    if (reading->message.status == 401 || reading->message.status == 403 || page->password_form ||
        (reading->judged && !medical))
        observation_bool(observation, &facts[OPEN_MEDICAL], false);
    else if (reading->message.status != 200)
        observation_undetermined(observation, &facts[OPEN_MEDICAL],
                                 "/ shows no page but a redirect or error");
    else if (page->login_words || page->script_shell)
        observation_undetermined(observation, &facts[OPEN_MEDICAL], "the page may ask for a login by script");
    else if (reading->judged)
        observation_bool(observation, &facts[OPEN_MEDICAL], true);
}

static void observe_page(struct probe_call *call, const struct reading *reading)
{
    struct observation *observation = call->observation;
    const struct http_page *page = &reading->page;
    bool whole = reading->judged;
    bool medical =
        page->medical_system || orthanc_redirect(&reading->message) || orthanc_realm(&reading->message);
    if (page->title[0])
        observation_words(observation, &facts[TITLE], page->title);
    observe_mark(observation, PASSWORD_FORM, page->password_form, whole);
    observe_mark(observation, DIRECTORY_LISTING, page->directory_listing && reading->message.status == 200,
                 whole);
    observe_mark(observation, ADMIN_CONSOLE, page->admin_console, whole);
    observe_mark(observation, MEDICAL_SYSTEM, medical, whole);
    if (!call->inside_tls && !observation_is_true(observation, &facts[CLEARTEXT_LOGIN]))
        observe_mark(observation, CLEARTEXT_LOGIN, page->password_form, whole);
    for (int fact = PASSWORD_FORM; fact < FACTS; fact++)
        observation_undetermined(observation, &facts[fact], reading->why_not);
    observe_open(observation, reading, medical);
}

/* A page may name what stands on a server that is a part of other software, so that such a server is named
 * only when the page was seen. */
static void observe_product(struct observation *observation, const struct reading *reading)
{
    const struct http_page *page = &reading->page;
    struct span server = http_header(&reading->message, "Server");
    if (orthanc_redirect(&reading->message) || orthanc_realm(&reading->message))
        product_observe(observation, "Orthanc", (struct span){0});
    else if (http_server_observe(observation, server))
        return;
    else if (page->product && (page->product_in_title || reading->page_whole))
        product_observe(observation, page->product, page->version);
    else if (reading->page_whole)
        http_server_observe_embedded(observation, server);
}

/* What servers say to plain HTTP on a port that wants TLS; the dispatcher then tries that. */
static bool wants_tls(struct span body)
{
    static const char *const words[] = {
        "plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL-enabled server port",
        "Client sent an HTTP request to an HTTPS server", "This combination of host and port requires TLS"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_find(body, words[i]) != SIZE_MAX)
            return true;
    return false;
}

static void read_page(const struct probe_call *call, struct reading *reading, const struct buffer *body)
{
    const struct http_message *message = &reading->message;
    struct span html = {body->bytes, message->encoded ? 0 : body->size};
    http_page_read(html, &reading->page);
    bool closed = call->event == PROBE_ENDED && message->until_close && reading->page.ended;
    reading->page_whole = !message->encoded && (message->body_whole || closed);
    reading->judged = reading->page_whole && !redirects(message);
    reading->why_not = redirects(message)             ? "/ leads on by a redirect"
                       : message->encoded             ? "the page is compressed"
                       : body->size == body->capacity ? "the page is longer than what is read"
                                                      : "the page's end was not seen";
}

static enum probe_answer report(struct probe_call *call, const struct reading *reading)
{
    struct http_state *state = call->state;
    observe_headers(call, reading);
    observe_page(call, reading);
    observe_product(call->observation, reading);
    state->orthanc = orthanc_redirect(&reading->message);
    return state->orthanc ? PROBE_AGAIN : PROBE_DONE;
}

/* Orthanc serves its start page to anyone when no login is configured. */
static enum probe_answer report_orthanc(struct probe_call *call, struct reading *reading,
                                        const struct buffer *body)
{
    unsigned status = reading->message.status;
    read_page(call, reading, body);
    bool explorer = strstr(reading->page.title, "Orthanc") != NULL;
    if (status == 401 || status == 403)
        observation_bool(call->observation, &facts[OPEN_MEDICAL], false);
    else if (status == 200 && explorer)
        observation_bool(call->observation, &facts[OPEN_MEDICAL], true);
    return PROBE_DONE;
}

static void leave_undetermined(struct probe_call *call, int first, const char *why)
{
    for (int fact = first; fact < FACTS; fact++)
        observation_undetermined(call->observation, &facts[fact], why);
}

/* HTTP it is, but its head has no end. */
static enum probe_answer report_status(struct probe_call *call, unsigned status)
{
    if (status >= 200)
        observation_integer(call->observation, &facts[STATUS], status);
    else
        observation_undetermined(call->observation, &facts[STATUS], "only an interim answer came");
    leave_undetermined(call, AUTH_REQUIRED, "the headers did not come to an end");
    return PROBE_DONE;
}

/* A refusal of which the end is missing may have been that of plain HTTP where TLS is wanted. */
static enum probe_answer report_refusal(struct probe_call *call)
{
    observation_undetermined(call->observation, &facts[STATUS], "a refusal was cut short");
    leave_undetermined(call, AUTH_REQUIRED, "a refusal was cut short");
    return PROBE_DONE;
}

static enum probe_answer judge(struct probe_call *call, bool last)
{
    const struct http_state *state = call->state;
    uint8_t storage[HTTP_BODY_MAX];
    struct buffer body = buffer_over(storage, sizeof storage);
    struct reading reading = {0};
    enum http_progress progress = http_read(call->in, &reading.message, &body);
    bool head = progress == HTTP_HEAD || progress == HTTP_ENOUGH;
    if ((progress == HTTP_STARTED || progress == HTTP_HEAD) && !last)
        return PROBE_WAIT;
    if (state->orthanc)
        return head ? report_orthanc(call, &reading, &body) : PROBE_DONE;
    if (!reading.message.status)
        return PROBE_NOT_MINE;
    read_page(call, &reading, &body);
    bool refused = reading.message.status == 400 && !call->inside_tls;
    if (refused && wants_tls((struct span){body.bytes, body.size}))
        return PROBE_NOT_MINE;
    if (refused && !reading.page_whole)
        return report_refusal(call);
    return head ? report(call, &reading) : report_status(call, reading.message.status);
}

static enum probe_answer step(struct probe_call *call)
{
    const struct http_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        http_write_get(call, state->orthanc ? "/" ORTHANC_PAGE : "/");
        return PROBE_WAIT;
    case PROBE_HEARD:
        return judge(call, false);
    case PROBE_ENDED:
    case PROBE_QUIET:
        return judge(call, true);
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return PROBE_DONE;
}

const struct probe probe_http = {
    .name = "http",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){80,   81,   82,   2375, 3000, 5601,  5984,  5985,  7001,
                                8000, 8001, 8008, 8042, 8080, 8081,  8088,  8090,  8161,
                                8848, 8888, 8983, 9000, 9090, 15672, 52773, 57772, 0},
    .tls_ports = (const uint16_t[]){443, 2376, 4443, 5986, 6443, 7002, 8443, 9443, 10250, 10443, 0},
    .rounds = 2,
    .gap_ms = 100,
    .state_size = sizeof(struct http_state),
    .facts = facts,
    .step = step,
};
