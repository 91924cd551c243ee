#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/endpoint.h"
#include "probes/tls.h"

static struct observation seen(const char *service, bool silent)
{
    struct observation observation;
    observation_init(&observation, address_from_ipv4(0xc0000201), (struct port){2575, TRANSPORT_TCP});
    observation.service = service;
    endpoint_observe(&observation, 1, silent);
    return observation;
}

static void check(struct observation *observation, bool proven)
{
    assert_int_equal(endpoint_proven(observation), proven);
    observation_deinit(observation);
}

static void test_protocols(void **state)
{
    (void)state;
    struct observation known = seen("ssh", false), nothing = seen("unknown", true),
                       noise = seen("unknown", false), passive = seen("hl7", true);
    check(&known, true);
    check(&nothing, false);
    check(&noise, false);
    check(&passive, false);
}

static void test_tls(void **state)
{
    (void)state;
    struct observation inside = seen("unknown", false), refused = seen("unknown", false),
                       junk = seen("unknown", false);
    inside.tls = true;
    tls_observe_failure(&refused, "sslv3 alert handshake failure");
    tls_observe_failure(&junk, "wrong version number");
    check(&inside, true);
    check(&refused, true);
    check(&junk, false);
}

/* Where nothing was asked nothing is proven. */
static void test_unasked(void **state)
{
    (void)state;
    struct observation observation;
    observation_init(&observation, address_from_ipv4(0xc0000201), (struct port){22, TRANSPORT_TCP});
    observation.service = "unknown";
    check(&observation, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_unasked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
