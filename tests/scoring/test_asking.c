#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "place.h"
#include "scoring/asking.h"

static void write_count(void *context, const struct store_count *count)
{
    char *text = context;
    sprintf(text + strlen(text), "%s %u%s %d/%d;", count->organization, count->port.number,
            count->port.transport == TRANSPORT_UDP ? "/udp" : "", (int)count->ends[ENDPOINT_OPEN],
            (int)count->ends[ENDPOINT_CLOSED]);
}

/* Organizations in turn: each is written when the next comes, and added to later. */
static void test_sum(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct asking asking;
    struct ports ports;
    const char *why = "";
    char text[256] = "";
    size_t at = 0;
    ports_init(&ports);
    assert_good(store, ports_parse(&ports, "22,65535,161/udp", &why, &at));
    asking_init(&asking, store, &run);
    assert_good(store, asking_flush(&asking));
    assert_good(store, asking_add(&asking, "h1", &ports, ENDPOINT_OPEN));
    assert_good(store, asking_add(&asking, "h1", &ports, ENDPOINT_CLOSED));
    assert_good(store, asking_add(&asking, "h2", &ports, ENDPOINT_CLOSED));
    assert_good(store, asking_add(&asking, "h1", &ports, ENDPOINT_CLOSED));
    assert_good(store, asking_flush(&asking));
    assert_good(store, asking_flush(&asking));
    assert_good(store, store_each_count(store, &run, NULL, write_count, text));
    assert_string_equal(text, "h1 22 1/2;h1 65535 1/2;h1 161/udp 1/2;h2 22 0/1;h2 65535 0/1;h2 161/udp 0/1;");
    asking_deinit(&asking);
    ports_deinit(&ports);
    store_run_deinit(&run);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
