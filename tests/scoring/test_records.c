#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hospitals.h"
#include "probes/probe.h"
#include "scoring/report/records.h"

/* The names of contract.md in its order; further ones may follow each. */
static void has_members(const char *line, const char *const *names)
{
    cJSON *record = cJSON_Parse(line);
    assert_non_null(record);
    const cJSON *member = record->child;
    for (; *names; names++, member = member->next)
        if (!member || strcmp(member->string, *names) != 0)
            fail_msg("'%s' is not where the contract has it: %s", *names, line);
    cJSON_Delete(record);
}

static const char *const members[][17] = {
    {"type", "run", "scope", "authorization", "started", "engine", "catalogue", "version"},
    {"type", "org", "ip", "port", "transport", "state", "service", "tls", "product", "version", "facts",
     "undetermined", "evidence", "time"},
    {"type", "org", "item", "ip", "port", "transport", "confidence", "asset", "exposure", "why", "facts",
     "time"},
    {"type", "org", "item", "ip", "port", "transport", "reason", "by", "from", "until"},
    {"type", "org", "items"},
    {"type", "org", "authorized", "asked", "answered", "open_hosts", "synthetic", "synthetic_hosts",
     "undetermined_hosts"},
    {"type", "org", "index", "index_exact", "score", "band", "gate", "gated_by", "bounds", "literal",
     "coverage", "domains", "items"},
    {"type", "key", "value", "organizations", "mean", "interval", "bands"},
    {"type", "run", "addresses", "probes_sent", "open", "synthetic", "findings", "seconds", "complete"},
};
static const char *const order[] = {"run",      "observation", "finding", "accepted", "assessed",
                                    "coverage", "scorecard",   "cohort",  "end"};

static void test_contract(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    char *text = hospitals_written(&hospitals, "jsonl"), *rest = text;
    size_t at = 0, lines = 0, seen = 0;
    for (char *line; (line = strsep(&rest, "\n")) && *line; lines++) {
        cJSON *record = cJSON_Parse(line);
        const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "type"));
        assert_non_null(type);
        while (at < 9 && strcmp(order[at], type) != 0)
            at++;
        assert_true(at < 9);
        has_members(line, members[at]);
        seen |= 1u << at;
        cJSON_Delete(record);
    }
    assert_int_equal(seen, 0x1ff);
    assert_int_equal(lines, 1 + 1 + 13 + 1 + 3 + 2 + 3 + 4 + 1);
    free(text);
    hospitals_deinit(&hospitals);
}

struct read {
    struct complaints complaints;
    enum status status;
    struct finding finding;
    struct observation observation;
    char *organization;
};

static struct read read_line(const char *line)
{
    struct read read = {.status = STATUS_OK};
    cJSON *record = cJSON_Parse(line);
    if (!record)
        fail_msg("no JSON: %s", line);
    complaints_init(&read.complaints, "records");
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "type"));
    if (strcmp(type, "finding") == 0)
        read.status = record_read_finding(record, 7, &read.complaints, &read.finding);
    else
        read.status =
            record_read_observation(record, 7, &read.complaints, &read.organization, &read.observation);
    cJSON_Delete(record);
    return read;
}

static void forget(struct read *read)
{
    complaints_deinit(&read->complaints);
    finding_deinit(&read->finding);
    observation_deinit(&read->observation);
    free(read->organization);
}

/* What is read back and written again is the same text. */
static void test_round_trip(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    char *text = hospitals_written(&hospitals, "jsonl"), *rest = text;
    size_t back = 0;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        bool finding = strstr(line, "{\"type\":\"finding\"") == line;
        if (!finding && strstr(line, "{\"type\":\"observation\"") != line)
            continue;
        struct read read = read_line(line);
        assert_int_equal(read.status, STATUS_OK);
        cJSON *record = finding ? record_finding(&read.finding)
                                : record_observation(read.organization, &read.observation);
        char *again = cJSON_PrintUnformatted(record);
        assert_string_equal(again, line);
        cJSON_free(again);
        cJSON_Delete(record);
        forget(&read);
        back++;
    }
    assert_int_equal(back, 14);
    free(text);
    hospitals_deinit(&hospitals);
}

static void test_short_finding(void **state)
{
    (void)state;
    struct read read = read_line("{\"type\":\"finding\",\"org\":\"h1\",\"item\":\"H04-1\"}");
    assert_int_equal(read.status, STATUS_OK);
    const struct finding *finding = &read.finding;
    assert_true(!finding->has_address && finding->port.number == 0 && !finding->key && finding->count == 1);
    assert_true(finding->confidence == 0 && finding->asset == 0 && isnan(finding->exposure));
    assert_true(!finding->why && !finding->facts && finding->time_ms == 0);
    forget(&read);
    read = read_line("{\"type\":\"finding\",\"org\":\"h1\",\"item\":\"D4-1\",\"count\":12}");
    assert_int_equal(read.status, STATUS_OK);
    assert_int_equal(read.finding.count, 12);
    forget(&read);
}

static void refused(const char *line, const char *says)
{
    struct read read = read_line(line);
    assert_int_equal(read.status, STATUS_WRONG_FILE);
    assert_true(read.complaints.count > 0);
    assert_int_equal(read.complaints.items[0].line, 7);
    if (!strstr(read.complaints.items[0].text, says))
        fail_msg("'%s' does not say '%s'", read.complaints.items[0].text, says);
    forget(&read);
}

#define FINDING     "{\"type\":\"finding\",\"org\":\"h1\",\"item\":\"H04-1\""
#define OBSERVATION "{\"type\":\"observation\",\"ip\":\"192.0.2.1\",\"port\":3306"

static void test_refused(void **state)
{
    (void)state;
    refused("{\"type\":\"finding\",\"item\":\"H04-1\"}", "\"org\" is missing");
    refused("{\"type\":\"finding\",\"org\":\"h1\",\"item\":\"\"}", "\"item\" is missing");
    refused("{\"type\":\"finding\",\"org\":1,\"item\":\"H\"}", "\"org\" should be a text");
    refused(FINDING ",\"severity\":5}", "\"severity\" is no member");
    refused(FINDING ",\"ip\":\"192.0.2.300\"}", "\"ip\" should be an address");
    refused(FINDING ",\"ip\":\"192.0.2.1\",\"port\":0}", "\"port\" should be");
    refused(FINDING ",\"ip\":\"192.0.2.1\",\"port\":65536}", "\"port\" should be");
    refused(FINDING ",\"ip\":\"192.0.2.1\",\"port\":1.5}", "\"port\" should be");
    refused(FINDING ",\"port\":80}", "\"port\" has no \"ip\"");
    refused(FINDING ",\"ip\":\"192.0.2.1\",\"transport\":\"sctp\"}", "\"transport\" should be");
    refused(FINDING ",\"confidence\":6}", "\"confidence\" should be");
    refused(FINDING ",\"confidence\":0}", "\"confidence\" should be");
    refused(FINDING ",\"asset\":\"5\"}", "\"asset\" should be");
    refused(FINDING ",\"exposure\":1.01}", "\"exposure\" should be");
    refused(FINDING ",\"exposure\":-0.1}", "\"exposure\" should be");
    refused(FINDING ",\"count\":0}", "\"count\" should be");
    refused(FINDING ",\"count\":1e300}", "\"count\" should be");
    refused(FINDING ",\"count\":2,\"ip\":\"192.0.2.1\"}", "\"count\" is for");
    refused(FINDING ",\"facts\":[]}", "\"facts\" should be");
    refused(FINDING ",\"time\":\"yesterday\"}", "\"time\" should be");
    refused("{\"type\":\"observation\",\"port\":1}", "\"ip\" is missing");
    refused("{\"type\":\"observation\",\"ip\":\"192.0.2.1\"}", "\"port\" is missing");
    refused(OBSERVATION ",\"service\":\"gopher\"}", "\"service\" should be");
    refused(OBSERVATION ",\"state\":\"ajar\"}", "\"state\" should be");
    refused(OBSERVATION ",\"tls\":1}", "\"tls\" should be");
    refused(OBSERVATION ",\"facts\":{\"mysql.nothing\":1}}", "\"mysql.nothing\" is no fact");
    refused(OBSERVATION ",\"facts\":{\"mysql.tls_offered\":1}}", "\"mysql.tls_offered\" should be true");
    refused(OBSERVATION ",\"undetermined\":{\"mysql.tls_offered\":1}}",
            "\"mysql.tls_offered\" should be a text");
    refused(OBSERVATION ",\"evidence\":\"!\"}", "\"evidence\" should be base64");
    refused(OBSERVATION ",\"loot\":1}", "\"loot\" is no member");
}

static void test_hostile(void **state)
{
    (void)state;
    struct read read =
        read_line(FINDING ",\"key\":\"\\u001b[2J\\u202e\",\"why\":\"a\\u0007b\",\"\\u001b]0;x\":1}");
    assert_int_equal(read.status, STATUS_WRONG_FILE);
    assert_null(strpbrk(read.complaints.items[0].text, "\x1b\x07"));
    assert_string_equal(read.finding.key, "\\x1b[2J\\u{202e}");
    assert_string_equal(read.finding.why, "a\\x07b");
    forget(&read);
    read = read_line(OBSERVATION ",\"product\":\"\\u001b[2J\",\"version\":\"\\u0000\",\"org\":\"\\u001bh\","
                                 "\"facts\":{\"mysql.server_version\":\"\\u001b\"}}");
    assert_int_equal(read.status, STATUS_OK);
    assert_string_equal(read.observation.product, "\\x1b[2J");
    assert_string_equal(read.organization, "\\x1bh");
    assert_string_equal(observation_find(&read.observation, "mysql.server_version")->text, "\\x1b");
    forget(&read);
}

static void test_many_facts(void **state)
{
    (void)state;
    cJSON *record = cJSON_Parse(OBSERVATION ",\"facts\":{}}");
    cJSON *facts = cJSON_GetObjectItemCaseSensitive(record, "facts");
    for (size_t i = 0; probes[i]; i++)
        for (const struct fact *fact = probes[i]->facts; fact && fact->name; fact++)
            if (fact->type == FACT_BOOL)
                cJSON_AddTrueToObject(facts, fact->name);
    struct complaints complaints;
    struct observation observation;
    char *organization = NULL;
    complaints_init(&complaints, "records");
    assert_int_equal(record_read_observation(record, 1, &complaints, &organization, &observation), STATUS_OK);
    assert_true(observation.facts_count <= OBSERVATION_FACTS_MAX);
    cJSON_Delete(record);
    observation_deinit(&observation);
    complaints_deinit(&complaints);
    free(organization);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contract),      cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_short_finding), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_many_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
