#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/probe.h"
#include "transcript.h"

static void test_transcripts(void **state)
{
    (void)state;
    transcripts_replay("printer");
}

/* Whatever happens on the port, not a byte goes out: a printer would print it. */
static void test_nothing_is_sent(void **state)
{
    (void)state;
    const struct probe *probe = probe_named("printer");
    static const struct probe_context context = {"auscult.invalid", "AUSCULT", "auscult",
                                                 "192.0.2.1",       9100,      1};
    for (int event = PROBE_OPENED; event <= PROBE_QUIET; event++) {
        uint8_t storage[PROBE_OUT_MAX];
        struct buffer out = buffer_over(storage, sizeof storage);
        struct cursor in = cursor_over("220 ready\r\n", event == PROBE_HEARD ? 11 : 0);
        struct observation observation;
        observation_init(&observation, (struct address){0}, (struct port){9100, TRANSPORT_TCP});
        struct probe_call call = {(enum probe_event)event, 0, false, NULL, &in, &out, &observation, &context};
        enum probe_answer answer = probe->step(&call);
        assert_int_equal(out.size, 0);
        assert_int_not_equal(answer, PROBE_TLS);
        assert_int_not_equal(answer, PROBE_AGAIN);
        if (event == PROBE_HEARD) {
            assert_int_equal(answer, PROBE_NOT_MINE);
            assert_int_equal(observation.facts_count, 0);
        }
        observation_deinit(&observation);
    }
}

static void test_its_ports_are_passive(void **state)
{
    (void)state;
    static const uint16_t ports[] = {515, 9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        bool tls = true;
        const struct probe *probe = probe_for_port(ports[i], &tls);
        assert_non_null(probe);
        assert_string_equal(probe->name, "printer");
        assert_int_equal(probe->manner, PROBE_PASSIVE);
        assert_false(tls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transcripts),
        cmocka_unit_test(test_nothing_is_sent),
        cmocka_unit_test(test_its_ports_are_passive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
