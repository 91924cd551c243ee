#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/audit_settings.h"

/* What an audit is told by its file. */

static enum status parse(struct audit_settings *settings, const char *path, const char *text, char **said_out)
{
    struct complaints complaints;
    complaints_init(&complaints, path);
    enum status status = audit_settings_parse(settings, path, text, strlen(text), &complaints);
    *said_out = complaints_format(&complaints);
    assert_non_null(*said_out);
    complaints_deinit(&complaints);
    return status;
}

static void test_least(void **state)
{
    struct audit_settings settings;
    char *said;
    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/auscult:/var/lib/other", 1);
    setenv("LC_ALL", "zh_CN.UTF-8", 1);
    assert_int_equal(
        parse(&settings, "/etc/auscult/one.json", "{\"auscult_audit\":1,\"scope\":\"s.json\"}", &said),
        STATUS_OK);
    assert_string_equal(said, "");
    assert_string_equal(settings.name, "one");
    assert_string_equal(settings.scope, "/etc/auscult/s.json");
    assert_string_equal(settings.state, "/var/lib/auscult/one");
    assert_string_equal(settings.languages[0], "zh");
    assert_string_equal(settings.forms[0], "table");
    assert_int_equal(settings.keep, 12);
    assert_true(!settings.on_change.words && !settings.ports && !settings.metrics && !settings.wait);
    free(said);
    audit_settings_deinit(&settings);
}

static void test_state_of_none(void **state)
{
    struct audit_settings settings;
    char *said;
    (void)state;
    unsetenv("STATE_DIRECTORY");
    assert_int_equal(parse(&settings, "one.json", "{\"auscult_audit\":1,\"scope\":\"s.json\"}", &said),
                     STATUS_OK);
    assert_string_equal(settings.state, "/var/lib/auscult/one");
    assert_string_equal(settings.scope, "s.json");
    free(said);
    audit_settings_deinit(&settings);
}

static const char all[] =
    "{\"auscult_audit\": 1, \"scope\": \"/scopes/s.json\", \"state\": \"state\", \"keep\": 3, \"rate\": "
    "2500.5,\n"
    " \"ports\": \"22,80\", \"engine\": \"connect\", \"vantage\": \"partner\", \"languages\": [\"en\", "
    "\"zh\"],\n"
    " \"forms\": [\"json\"], \"metrics\": \"/m\", \"log\": \"l\", \"catalogues\": [\"a.json\", "
    "\"/b.json\"],\n"
    " \"require_signature\": [\"k.pem\"], \"overlap\": \"wait\", \"wait\": true, \"fail_below\": 700,\n"
    " \"deadline_hours\": 8, \"resume_within_days\": 2,\n"
    " \"on_change\": {\"command\": [\"/bin/tell\", \"\", \"a b\"], \"timeout_seconds\": 5, \"when\": "
    "[\"gate\"],\n"
    "   \"index_falls_by\": 20},\n"
    " \"on_failure\": {\"command\": [\"/bin/moan\"]}}";

static void test_all(void **state)
{
    struct audit_settings settings;
    char *said;
    (void)state;
    assert_int_equal(parse(&settings, "x/one.json", all, &said), STATUS_OK);
    assert_string_equal(settings.scope, "/scopes/s.json");
    assert_string_equal(settings.state, "x/state");
    assert_string_equal(settings.log, "x/l");
    assert_string_equal(settings.catalogues[0], "x/a.json");
    assert_string_equal(settings.catalogues[1], "/b.json");
    assert_string_equal(settings.signatures[0], "x/k.pem");
    assert_string_equal(settings.forms[0], "json");
    assert_null(settings.forms[1]);
    assert_string_equal(settings.languages[1], "zh");
    assert_string_equal(settings.on_change.words[1], "");
    assert_string_equal(settings.on_change.words[2], "a b");
    assert_null(settings.on_change.words[3]);
    assert_int_equal(settings.on_change.timeout_s, 5);
    assert_int_equal(settings.on_failure.timeout_s, 60);
    assert_int_equal(settings.when, AUDIT_GATE);
    assert_true(settings.rate > 2500 && settings.falls_by > 19 && settings.overlap_waits == 1 &&
                settings.wait);
    free(said);
    audit_settings_deinit(&settings);
}

static void refuse(const char *path, const char *members, const char *place, const char *what)
{
    struct audit_settings settings;
    char text[400], *said;
    snprintf(text, sizeof text, "{\"auscult_audit\":1,\"scope\":\"s\",\n%s}", members);
    assert_int_equal(parse(&settings, path, text, &said), STATUS_WRONG_FILE);
    if (strncmp(said, place, strlen(place)) != 0 || !strstr(said, what))
        fail_msg("wanted '%s' and '%s' in: %s", place, what, said);
    free(said);
    audit_settings_deinit(&settings);
}

static void test_wrong(void **state)
{
    (void)state;
    refuse("o.json", "\"kep\": 3", "o.json:2:1:", "did you mean \"keep\"");
    refuse("o.json", "\"keep\": 1", "o.json:2:9:", "from 2 to 10000");
    refuse("o.json", "\"forms\": [\"docx\"]", "o.json:2:11:", "it has table");
    refuse("o.json", "\"forms\": [\"json\", \"json\"]", "o.json:2:19:", "more than once");
    refuse("o.json", "\"forms\": []", "o.json:2:10:", "is empty");
    refuse("o.json", "\"languages\": [\"fr\"]", "o.json:2:15:", "\"zh\" or \"en\"");
    refuse("o.json", "\"ports\": \"0\"", "o.json:2:10:", "1 to 65535");
    refuse("o.json", "\"engine\": \"magic\"", "o.json:2:11:", "\"connect\"");
    refuse("o.json", "\"wait\": 1", "o.json:2:9:", "true or false");
    refuse("o.json", "\"on_change\": {}", "o.json:2:14:", "\"command\" is missing");
    refuse("o.json", "\"on_change\": {\"command\": [\"tell\"]}", "o.json:2:27:", "absolute path");
    refuse("o.json", "\"on_change\": {\"command\": []}", "o.json:2:26:", "absolute path");
    refuse("o.json", "\"on_change\": {\"command\": [\"/t\", 5]}", "o.json:2:33:", "string");
    refuse("o.json", "\"on_change\": {\"command\": [\"/t\"], \"when\": [\"old\"]}",
           "o.json:2:43:", "index_falls");
    refuse("o.json", "\"rate\": 0", "o.json:2:9:", "between");
    refuse("a b.json", "\"keep\": 3", "a b.json:", "rename it");
    refuse(".json", "\"keep\": 3", ".json:", "rename it");
}

static void test_no_object(void **state)
{
    struct audit_settings settings;
    char *said;
    (void)state;
    assert_int_equal(parse(&settings, "o.json", "[1]", &said), STATUS_WRONG_FILE);
    free(said);
    audit_settings_deinit(&settings);
    assert_int_equal(parse(&settings, "o.json", "{\"auscult_audit\":2,\"scope\":\"s\"}", &said),
                     STATUS_WRONG_FILE);
    assert_non_null(strstr(said, "must be 1"));
    free(said);
    audit_settings_deinit(&settings);
    assert_int_equal(parse(&settings, "o.json", "{", &said), STATUS_WRONG_FILE);
    free(said);
    audit_settings_deinit(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least), cmocka_unit_test(test_state_of_none), cmocka_unit_test(test_all),
        cmocka_unit_test(test_wrong), cmocka_unit_test(test_no_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
