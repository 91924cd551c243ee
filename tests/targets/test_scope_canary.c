#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsed.h"
#include "refusal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MORE(text)   "{ \"auscult\": 1,", "{ \"auscult\": 1, " text
/* The first organization is 192.0.2.0/24, the second 198.51.100.0/24. */
#define FRAGILE                                                                                              \
    "\"ranges\": [\"192.0.2.0/24\"]", "\"ranges\": [\"192.0.2.0/24\"], \"fragile\": [\"192.0.2.128/25\"]"
#define TEN                                                                                                  \
    "\"192.0.2.1\", \"192.0.2.2\", \"192.0.2.3\", \"192.0.2.4\", \"192.0.2.5\", \"192.0.2.6\", "             \
    "\"192.0.2.7\", \"192.0.2.8\", \"192.0.2.9\", \"192.0.2.10\""

static const struct refusal refusals[] = {
    {MORE("\"canary\": @\"192.0.2.1\","), "must be an array"},
    {MORE("\"canary\": [@1],"), "must be a string"},
    {MORE("\"canary\": [@\"\"],"), "is empty"},
    {MORE("\"canary\": [@\"www.hospital.example:443\"],"), "is no address with or without a port"},
    {MORE("\"canary\": [@\"192.0.2.1:\"],"), "is no address"},
    {MORE("\"canary\": [@\"192.0.2.1:0\"],"), "is no address"},
    {MORE("\"canary\": [@\"192.0.2.1:65536\"],"), "is no address"},
    {MORE("\"canary\": [@\"192.0.2.1:000443\"],"), "is no address"},
    {MORE("\"canary\": [@\"192.0.2.1:-1\"],"), "is no address"},
    {MORE("\"canary\": [@\"[192.0.2.1]:443\"],"), "is no address"},
    {MORE("\"canary\": [@\"]:443\"],"), "is no address"},
    {MORE("\"canary\": [@\"[]:443\"],"), "is no address"},
    {MORE("\"canary\": [@\":443\"],"), "is no address"},
    {MORE("\"canary\": [@\"192.0.2.0/24\"],"), "is no address"},
    {MORE("\"canary\": [\"192.0.2.1\", @\"203.0.113.1\"],"), "is not in the scope"},
    {MORE("\"canary\": [@\"2001:db8::1\"],"), "is not in the scope"},
    {MORE("\"exclude\": [\"192.0.2.1\"], \"canary\": [@\"192.0.2.1:80\"],"), "is excluded"},
    {MORE("\"canary\": [\"192.0.2.1\", @\"192.0.2.1:443\"],"), "is named already"},
    {MORE("\"canary\": [@\"192.0.2.1:9100\"],"), "a port that the authorization does not allow"},
    {MORE("\"canary\": @[" TEN ", " TEN "],"), "names 20 addresses; 16 are watched at most"},
    {MORE("\"canary_every\": @0,"), "1"},
    {MORE("\"canary_every\": @\"10\","), "must be a number"},
};

static void wrong_ones_are_refused_where_they_stand(void **state)
{
    (void)state;
    assert_refused(refusals, COUNT(refusals));
}

static enum status parse(struct scope *scope, const char *from, const char *to, char **said_out)
{
    char text[2048];
    struct complaints complaints;
    const char *found = strstr(right_scope, from);
    assert_non_null(found);
    snprintf(text, sizeof text, "{ \"canary\": [\"192.0.2.200\"], %.*s%s%s", (int)(found - right_scope) - 1,
             right_scope + 1, to, found + strlen(from));
    complaints_init(&complaints, "scope.json");
    enum status status = scope_parse(scope, text, strlen(text), &complaints);
    *said_out = complaints_format(&complaints);
    complaints_deinit(&complaints);
    return status;
}

static void fragile_ones_and_ports_of_others_are_refused(void **state)
{
    (void)state;
    struct scope scope;
    char *said = NULL;
    assert_int_equal(parse(&scope, FRAGILE, &said), STATUS_WRONG_FILE);
    assert_non_null(strstr(said, "is fragile"));
    free(said);
    assert_int_equal(
        parse(&scope, "\"reference\": \"R-1\"", "\"reference\": \"R-1\", \"ports\": \"80\"", &said),
        STATUS_WRONG_FILE);
    assert_non_null(strstr(said, "does not allow"));
    free(said);
    /* A mistake in the ranges is told alone: whose the canary is, is not known then. */
    assert_int_equal(parse(&scope, "192.0.2.0/24", "192.0.2.1/24", &said), STATUS_WRONG_FILE);
    assert_null(strstr(said, "canary"));
    free(said);
}

static void assert_canary(const struct scope *scope, size_t place, const char *wanted)
{
    char text[ADDRESS_PORT_TEXT_MAX];
    address_format_port(scope->canaries[place].address, scope->canaries[place].port.number, text);
    assert_string_equal(text, wanted);
}

static void right_ones_are_read(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(
        &scope, "[\"198.51.100.0/24\"] } ]",
        "[\"198.51.100.0/24\", \"2001:db8::/120\"] } ], \"canary_every\": 2.5,"
        "\"canary\": [\"192.0.2.10\", \"198.51.100.1:80\", \"2001:db8::1\", \"[2001:db8::1]:65535\"]");
    assert_int_equal(scope.canaries_count, 4);
    assert_canary(&scope, 0, "192.0.2.10:443");
    assert_canary(&scope, 1, "198.51.100.1:80");
    assert_canary(&scope, 2, "[2001:db8::1]:443");
    assert_canary(&scope, 3, "[2001:db8::1]:65535");
    assert_true(scope.canary_every_s == 2.5);
    scope_deinit(&scope);
    assert_read(&scope, "R-1", "R-2");
    assert_int_equal(scope.canaries_count, 0);
    assert_true(scope.canary_every_s == 10);
    scope_deinit(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_ones_are_refused_where_they_stand),
        cmocka_unit_test(fragile_ones_and_ports_of_others_are_refused),
        cmocka_unit_test(right_ones_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
