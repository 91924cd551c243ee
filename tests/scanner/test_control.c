#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scanner/control.h"
#include "scene.h"

static void test_threshold(void **state)
{
    (void)state;
    static const unsigned wanted[][2] = {{1, 3}, {3, 3},  {6, 3},  {7, 3},
                                         {8, 4}, {15, 7}, {16, 8}, {65535, 8}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_int_equal(control_threshold(wanted[i][0]), wanted[i][1]);
}

static void test_forged(void **state)
{
    (void)state;
    assert_false(control_forged(64240, true));
    assert_false(control_forged(1, true));
    assert_true(control_forged(0, true));
    assert_true(control_forged(64240, false));
    assert_true(control_forged(0, false));
}

/* The ports that may serve where the authorization has these and the plan those. */
static void find(struct scene *scene, const char *authorization, const char *planned, uint16_t only,
                 struct ports *ports_out)
{
    struct ports wanted;
    struct plan plan;
    const char *why = "";
    size_t at = 0;
    scene_init(scene, "[{\"id\": \"h1\", \"name\": \"h1\", \"ranges\": [\"192.0.2.0/24\"]}]", authorization,
               "");
    ports_init(&wanted);
    assert_int_equal(ports_parse(&wanted, planned, &why, &at), STATUS_OK);
    assert_int_equal(plan_init(&plan, scene->authorization, &wanted, 1, 1, 1, false), STATUS_OK);
    assert_int_equal(control_ports(scene->authorization, &plan, only, ports_out), STATUS_OK);
    plan_deinit(&plan);
    ports_deinit(&wanted);
}

static void check_ports(const char *authorization, const char *planned, uint16_t only, const char *wanted)
{
    struct scene scene;
    struct ports ports;
    find(&scene, authorization, planned, only, &ports);
    char *text = ports_format(&ports);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
    ports_deinit(&ports);
    scene_deinit(&scene);
}

static void test_ports(void **state)
{
    (void)state;
    check_ports("", "22,80", 0, "61000-65535");
    check_ports("", "22,61001-65535", 0, "61000");
    check_ports("", "1-65535", 0, "61000-65535"); /* it asks all of them: one is asked once more */
    check_ports(", \"ports\": \"22,80\"", "22,80", 0, "");
    check_ports(", \"ports\": \"22,64000-65000\"", "22", 0, "64000-65000");
    check_ports(", \"exclude_ports\": \"61001-65535\"", "22", 0, "61000");
    check_ports("", "22", 4000, "4000");
    check_ports(", \"ports\": \"22\"", "22", 4000, "");
}

/* The same port for the same seed and host, another one for others; each of them allowed. */
static void test_choice(void **state)
{
    (void)state;
    struct scene scene;
    struct ports ports;
    unsigned differ = 0;
    find(&scene, ", \"exclude_ports\": \"61000-65000\"", "22", 0, &ports);
    struct port first = control_port(&ports, 7, address_from_ipv4(0xc0000200));
    for (uint32_t i = 0; i < 256; i++) {
        struct address address = address_from_ipv4(0xc0000200 + i);
        struct port port = control_port(&ports, 7, address);
        assert_in_range(port.number, 65001, 65535);
        assert_int_equal(port.transport, TRANSPORT_TCP);
        assert_int_equal(port.number, control_port(&ports, 7, address).number);
        differ += port.number != first.number;
        differ += port.number != control_port(&ports, 8, address).number;
    }
    assert_true(differ > 480);
    ports_deinit(&ports);
    scene_deinit(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
