#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "probes/hearing.h"

static bool hear(const char *protocol, const char *bytes, struct observation *observation)
{
    observation_init(observation, (struct address){0}, (struct port){1, TRANSPORT_TCP});
    return hearing_read(probe_named(protocol), (struct span){(const uint8_t *)bytes, strlen(bytes)},
                        observation);
}

static void test_greetings(void **state)
{
    (void)state;
    struct observation observation;
    assert_true(hear("ssh", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", &observation));
    assert_string_equal(observation.product, "OpenSSH");
    assert_string_equal(observation.version, "9.2p1");
    observation_deinit(&observation);
    assert_true(hear("smtp", "220 mail.h001.example ESMTP Exim 4.96\r\n", &observation));
    assert_string_equal(observation.product, "Exim");
    observation_deinit(&observation);
}

static void test_not_mine(void **state)
{
    (void)state;
    struct observation observation;
    assert_false(hear("mysql", "SSH-2.0-OpenSSH_9.2p1\r\n", &observation));
    observation_deinit(&observation);
    assert_false(hear("ssh", "220 hello\r\n\r\n\r\n", &observation));
    observation_deinit(&observation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greetings),
        cmocka_unit_test(test_not_mine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
