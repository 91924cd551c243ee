#include "hospitals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"

static const char catalogue_text[] =
    "{\"auscult_catalogue\":1,\"name\":\"sample\",\"domains\":[{\"id\":\"H\",\"zh\":\"主机安全\",\"en\":"
    "\"Host "
    "security\"},{\"id\":\"D\",\"zh\":\"数据和隐私安全\",\"en\":\"Data and privacy "
    "security\"}],\"dimensions\":["
    "{\"id\":\"H03\",\"domain\":\"H\",\"zh\":\"远程登录服务暴露\",\"en\":\"Remote-login exposure\"},"
    "{\"id\":\"H04\",\"domain\":\"H\",\"zh\":\"关系数据库端口暴露\",\"en\":\"Relational database exposure\"},"
    "{\"id\":\"D4\",\"domain\":\"D\",\"zh\":\"存储与文件暴露\",\"en\":\"Storage and file exposure\"}],"
    "\"items\":[{\"id\":\"H03-1\",\"dimension\":\"H03\",\"zh\":\"RDP对外开放\",\"en\":\"RDP exposed\","
    "\"source\":\"scan\",\"risk\":1,\"severity\":4,\"asset\":4,\"confidence\":5,\"unit\":\"host\","
    "\"threshold\":2,"
    "\"ports\":\"3389\",\"when\":{\"service\":\"rdp\"},\"fix\":{\"zh\":\"关闭 3389 的公网映射，远程桌面只经 "
    "VPN "
    "或远程桌面网关加双因素认证访问；厂商远程维护用完即关。\",\"en\":\"Remove the public mapping of 3389 and "
    "reach "
    "remote desktops only through a VPN or RD Gateway with a second factor.\"},\"reference\":[\"CIS 6.4\"]},"
    "{\"id\":\"H03-2\",\"dimension\":\"H03\",\"zh\":\"SSH对外开放\",\"en\":\"SSH "
    "exposed\",\"source\":\"scan\","
    "\"risk\":1,\"severity\":2,\"asset\":3,\"confidence\":5,\"unit\":\"host\",\"threshold\":5,\"ports\":"
    "\"22\","
    "\"when\":{\"service\":\"ssh\"},\"fix\":{\"zh\":\"SSH 只对堡垒机开放。\",\"en\":\"Open SSH to the jump "
    "host "
    "only.\"}},"
    "{\"id\":\"H04-1\",\"dimension\":\"H04\",\"zh\":\"MySQL暴露\",\"en\":\"MySQL "
    "exposed\",\"source\":\"scan\","
    "\"risk\":1,\"severity\":5,\"asset\":5,\"confidence\":5,\"unit\":\"endpoint\",\"ports\":\"3306\","
    "\"when\":{\"service\":\"mysql\"},\"fix\":{\"zh\":\"撤销 3306 的公网映射。\",\"en\":\"Remove the public "
    "mapping "
    "of 3306.\"}},"
    "{\"id\":\"H04-2\",\"dimension\":\"H04\",\"zh\":\"数据库不提供TLS\",\"en\":\"Database offers no TLS\","
    "\"source\":\"scan\",\"risk\":1,\"severity\":5,\"asset\":5,\"confidence\":5,\"unit\":\"endpoint\","
    "\"ports\":\"3306\",\"when\":{\"mysql.tls_offered\":false},\"fix\":{\"zh\":\"启用 "
    "TLS。\",\"en\":\"Enable "
    "TLS.\"}},"
    "{\"id\":\"D4-1\",\"dimension\":\"D4\",\"zh\":\"对象存储可公开列目录\",\"en\":\"Object storage publicly "
    "listable\",\"source\":\"import\",\"risk\":1,\"severity\":5,\"asset\":5,\"confidence\":5,\"unit\":"
    "\"key\","
    "\"fix\":{\"zh\":\"存储桶改为私有。\",\"en\":\"Make the bucket private.\"}}]}";

static const char scope_text[] =
    "{\"auscult\":1,\"authorization\":{\"reference\":\"2026-031\",\"authorized_by\":\"a\",\"contact\":\"b\","
    "\"valid_from\":\"2026-01-01\",\"valid_until\":\"2026-12-31\"},\"organizations\":["
    "{\"id\":\"h001\",\"name\":\"示范第一人民医院\",\"province\":\"湖北\",\"level\":\"3A\",\"ranges\":"
    "[\"192.0.2.0/26\",\"2001:db8::/"
    "120\"],\"assets\":[{\"range\":\"192.0.2.10\",\"value\":5,\"name\":\"HIS数据库\"}]},"
    "{\"id\":\"h002\",\"name\":\"Second <b>Hospital</b>\",\"province\":\"湖北\",\"level\":\"2A\",\"ranges\":"
    "[\"198.51.100.0/26\"]},"
    "{\"id\":\"h003\",\"name\":\"h003\",\"ranges\":[\"203.0.113.0/26\"]}],"
    "\"accepted\":[{\"item\":\"H03-2\",\"where\":\"198.51.100.5\",\"reason\":\"运维窗口\",\"by\":\"信息科\","
    "\"from\":"
    "\"2026-01-01\",\"until\":\"2026-06-30\"}]}";

static void load(struct hospitals *hospitals)
{
    struct complaints complaints;
    complaints_init(&complaints, "sample");
    enum status status =
        catalogue_parse(&hospitals->catalogue, catalogue_text, strlen(catalogue_text), &complaints);
    if (status == STATUS_OK)
        status = scope_parse(&hospitals->scope, scope_text, strlen(scope_text), &complaints);
    char *text = complaints_format(&complaints);
    if (status != STATUS_OK)
        fail_msg("%s", text);
    free(text);
    complaints_deinit(&complaints);
}

static void begin(struct hospitals *hospitals)
{
    assert_int_equal(store_open(NULL, true, &hospitals->store), STATUS_OK);
    hospitals->run = (struct store_run){.id = "5e5ca0fe-0000-4000-8000-000000000001",
                                        .scope = "00ff",
                                        .authorization = strdup("2026-031"),
                                        .vantage = strdup("internet"),
                                        .ports = strdup("22,3306,3389"),
                                        .engine = strdup("connect"),
                                        .catalogue = strdup("sample"),
                                        .shard = 1,
                                        .shards = 1,
                                        .attempts = 2,
                                        .started_ms = 1780000000123,
                                        .complete = true,
                                        .probes_sent = 1234,
                                        .addresses = 448};
    assert_int_equal(store_begin(hospitals->store, &hospitals->run), STATUS_OK);
}

static void observe(struct hospitals *hospitals)
{
    static const char hostile[] = "5.5\x1b[31m\xe2\x80\xae</script>'; DROP TABLE runs";
    struct observation observation;
    observation_init(&observation, address_from_ipv4(0xc000020a), (struct port){3306, TRANSPORT_TCP});
    observation.service = "mysql";
    observation_product(&observation, "MariaDB");
    observation_version(&observation, (struct span){(const uint8_t *)"10.11.6", 7});
    observation_bool(&observation, fact_named("mysql.tls_offered"), false);
    observation_text(&observation, fact_named("mysql.server_version"),
                     (struct span){(const uint8_t *)hostile, sizeof hostile - 1});
    observation_undetermined(&observation, fact_named("mysql.tls_works"), "not offered");
    memcpy(observation.evidence, "J\0\0\0\n5.5", 8);
    observation.evidence_size = 8;
    observation.time_ms = 1780000001005;
    assert_int_equal(store_observation(hospitals->store, &hospitals->run, "h001", &observation), STATUS_OK);
    observation_deinit(&observation);
}

static struct index *index_of(struct hospitals *hospitals, size_t organization, const char *assessed)
{
    const struct index_options options = {.exposure = 1,
                                          .informatization = NAN,
                                          .organization = &hospitals->scope.organizations[organization],
                                          .scope = &hospitals->scope,
                                          .today = 20260401};
    struct index *index = NULL;
    assert_int_equal(index_new(&hospitals->catalogue, &options, &index), STATUS_OK);
    for (size_t i = 0; i < hospitals->catalogue.items_count; i++)
        if (strstr(assessed, hospitals->catalogue.items[i].id))
            index_assess(index, i);
    return index;
}

static void find(struct hospitals *hospitals, struct index *index, const char *organization, const char *item,
                 const char *address, uint16_t port)
{
    static const char facts[] = "{\"mysql.tls_offered\":false}";
    struct finding finding = {.organization = strdup(organization),
                              .item = strdup(item),
                              .has_address = true,
                              .port = {port, TRANSPORT_TCP},
                              .exposure = NAN,
                              .count = 1,
                              .why = strdup("mysql, MariaDB 10.11.6"),
                              .facts = strdup(facts),
                              .time_ms = 1780000001005};
    assert_true(address_parse(address, strlen(address), &finding.address));
    assert_int_equal(index_add(index, &finding), STATUS_OK);
    assert_int_equal(store_finding(hospitals->store, &hospitals->run, &finding), STATUS_OK);
    finding_deinit(&finding);
}

static void score(struct hospitals *hospitals)
{
    static const struct {
        uint64_t authorized, asked, answered, open, synthetic_hosts, synthetic, undetermined;
    } counts[] = {{320, 310, 41, 23, 1, 44, 0}, {64, 64, 9, 3, 0, 0, 2}, {0}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(index_score(hospitals->indices[i], &hospitals->scorecards[i]), STATUS_OK);
        hospitals->organizations[i] =
            (struct report_organization){.organization = &hospitals->scope.organizations[i],
                                         .scorecard = &hospitals->scorecards[i],
                                         .authorized = counts[i].authorized,
                                         .asked = counts[i].asked,
                                         .answered = counts[i].answered,
                                         .open_hosts = counts[i].open,
                                         .counts_known = i < 2,
                                         .synthetic_hosts = counts[i].synthetic_hosts,
                                         .synthetic = counts[i].synthetic,
                                         .undetermined_hosts = counts[i].undetermined};
    }
}

static void find_all(struct hospitals *hospitals)
{
    char address[32];
    struct index *first = index_of(hospitals, 0, "H03-1 H03-2 H04-1 H04-2");
    struct index *second = index_of(hospitals, 1, "H03-1 H03-2");
    hospitals->indices[0] = first;
    hospitals->indices[1] = second;
    hospitals->indices[2] = index_of(hospitals, 2, "");
    find(hospitals, first, "h001", "H04-1", "192.0.2.10", 3306);
    find(hospitals, first, "h001", "H04-1", "2001:db8::10", 3306);
    find(hospitals, first, "h001", "H04-2", "192.0.2.10", 3306);
    for (int i = 1; i <= 8; i++) {
        snprintf(address, sizeof address, "192.0.2.%d", i);
        find(hospitals, first, "h001", "H03-2", address, 22);
    }
    find(hospitals, second, "h002", "H03-2", "198.51.100.5", 22);
    find(hospitals, second, "h002", "H03-1", "198.51.100.6", 3389);
}

void hospitals_init(struct hospitals *hospitals)
{
    memset(hospitals, 0, sizeof *hospitals);
    load(hospitals);
    begin(hospitals);
    observe(hospitals);
    find_all(hospitals);
    score(hospitals);
    assert_int_equal(
        evidence_init(&hospitals->evidence, hospitals->store, &hospitals->run, &hospitals->catalogue, 0),
        STATUS_OK);
    hospitals->report = (struct report){.catalogue = &hospitals->catalogue,
                                        .run = &hospitals->run,
                                        .scope_reference = hospitals->scope.reference,
                                        .scope = &hospitals->scope,
                                        .today = 20260401,
                                        .organizations = hospitals->organizations,
                                        .organizations_count = 3,
                                        .evidence = &hospitals->evidence,
                                        .language = LANGUAGE_EN,
                                        .width = 80,
                                        .open_endpoints = 26,
                                        .synthetic_endpoints = 44,
                                        .findings = 13,
                                        .seconds = 2.75,
                                        .complete = true};
}

void hospitals_deinit(struct hospitals *hospitals)
{
    for (size_t i = 0; i < 3; i++) {
        scorecard_deinit(&hospitals->scorecards[i]);
        index_free(&hospitals->indices[i]);
    }
    evidence_deinit(&hospitals->evidence);
    store_run_deinit(&hospitals->run);
    store_close(&hospitals->store);
    catalogue_deinit(&hospitals->catalogue);
    scope_deinit(&hospitals->scope);
}

char *hospitals_written(const struct hospitals *hospitals, const char *form)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_non_null(report_form_named(form));
    assert_int_equal(report_form_named(form)->write(&hospitals->report, stream), STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    return text;
}
