#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "targets/ports.h"

static void assert_list(const char *list, const char *form)
{
    struct ports ports;
    const char *why = NULL;
    size_t at = 0;
    ports_init(&ports);
    enum status status = ports_parse(&ports, list, &why, &at);
    if (status != STATUS_OK)
        fail_msg("\"%s\" at %zu: %s", list, at, why);
    char *text = ports_format(&ports);
    assert_string_equal(text, form);
    free(text);
    ports_deinit(&ports);
}

static void lists_are_read_sorted_and_joined(void **state)
{
    (void)state;
    assert_list("", "");
    assert_list("  ", "");
    assert_list("22", "22");
    assert_list("22,8000-8100,161/udp", "22,8000-8100,161/udp");
    assert_list("161/udp,22", "22,161/udp");
    assert_list(" 22 ,\t23/tcp , 21-22 ", "21-23");
    assert_list("80,80,80", "80");
    assert_list("65535/udp,65535,1", "1,65535,65535/udp");
    assert_list("65535,1/udp", "65535,1/udp");
    assert_list("1-65535,1-65535/udp", "1-65535,1-65535/udp");
    assert_list("5-5", "5");
    assert_list("9100-9107,515", "515,9100-9107");
}

static void mistakes_name_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        size_t at;
        const char *why;
    } wrong[] = {
        {",22", 0, "a port number"},      {"22,", 3, "a port number"},    {"22,,23", 3, "a port number"},
        {"22 23", 3, "commas"},           {"22;23", 2, "commas"},         {"0", 0, "1 to 65535"},
        {"22,65536", 3, "1 to 65535"},    {"123456789", 0, "1 to 65535"}, {"022", 0, "leading zeros"},
        {"80-22", 0, "lower port first"}, {"80-", 3, "a port number"},    {"-80", 0, "a port number"},
        {"22/icmp", 3, "tcp or udp"},     {"22/UDP", 3, "tcp or udp"},    {"22/", 3, "tcp or udp"},
        {"22/tcpx", 3, "tcp or udp"},     {"http", 0, "a port number"},   {"22 - 80", 3, "commas"},
        {"22/tcp-80", 3, "tcp or udp"},   {"22\n", 2, "commas"},          {"+22", 0, "a port number"},
        {"1,2,3x", 5, "commas"},          {"22, ", 4, "a port number"},   {"22-80-90", 5, "commas"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ports ports;
        const char *why = "";
        size_t at = 99;
        ports_init(&ports);
        assert_int_equal(ports_add(&ports, 7, TRANSPORT_TCP), STATUS_OK);
        assert_int_equal(ports_parse(&ports, wrong[i].list, &why, &at), STATUS_WRONG_FILE);
        if (at != wrong[i].at || !strstr(why, wrong[i].why))
            fail_msg("\"%s\" says at %zu: %s", wrong[i].list, at, why);
        assert_int_equal(ports.count, 1);
        ports_deinit(&ports);
    }
}

static void lists_add_to_what_is_there(void **state)
{
    (void)state;
    struct ports ports;
    const char *why;
    size_t at;
    ports_init(&ports);
    assert_int_equal(ports_add(&ports, 443, TRANSPORT_TCP), STATUS_OK);
    assert_int_equal(ports_add(&ports, 53, TRANSPORT_UDP), STATUS_OK);
    assert_int_equal(ports_parse(&ports, "22,444", &why, &at), STATUS_OK);
    char *text = ports_format(&ports);
    assert_string_equal(text, "22,443-444,53/udp");
    free(text);
    ports_deinit(&ports);
}

/* One flag for each port of both transports. */
static bool model[2][65536];

static void assert_same(const struct ports *ports)
{
    size_t count = 0;
    for (int transport = 0; transport < 2; transport++)
        for (uint32_t number = 0; number < 65536; number++) {
            count += model[transport][number];
            if (ports_contain(ports, (uint16_t)number, (enum transport)transport) != model[transport][number])
                fail_msg("port %u", number);
        }
    assert_int_equal(ports->count, count);
}

static void sets_agree_with_a_model(void **state)
{
    (void)state;
    struct random random = {9};
    for (int round = 0; round < 10; round++) {
        struct ports ports, back;
        const char *why;
        size_t at;
        ports_init(&ports);
        memset(model, 0, sizeof model);
        for (int i = 0; i < 2000; i++) {
            uint16_t number = (uint16_t)(1 + random_below(&random, round < 5 ? 3000 : 65535));
            enum transport transport = random_chance(&random, 3) ? TRANSPORT_UDP : TRANSPORT_TCP;
            assert_int_equal(ports_add(&ports, number, transport), STATUS_OK);
            model[transport][number] = true;
        }
        assert_same(&ports);
        char *text = ports_format(&ports);
        ports_init(&back);
        assert_int_equal(ports_parse(&back, text, &why, &at), STATUS_OK);
        assert_same(&back);
        free(text);
        ports_deinit(&ports);
        ports_deinit(&back);
    }
}

static void transports_have_names(void **state)
{
    (void)state;
    assert_string_equal(transport_name(TRANSPORT_TCP), "tcp");
    assert_string_equal(transport_name(TRANSPORT_UDP), "udp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_sorted_and_joined),
        cmocka_unit_test(mistakes_name_their_place),
        cmocka_unit_test(lists_add_to_what_is_there),
        cmocka_unit_test(sets_agree_with_a_model),
        cmocka_unit_test(transports_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
