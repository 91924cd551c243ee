#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/http_server.h"

static const struct {
    const char *header, *product, *version;
    bool embedded;
} rows[] = {
    {"nginx/1.22.1", "nginx", "1.22.1", false},
    {"nginx", "nginx", "", false},
    {"Apache/2.4.57 (Debian)", "Apache httpd", "2.4.57", false},
    {"Apache/2.4.6 (CentOS) OpenSSL/1.0.2k-fips PHP/5.4.16", "Apache httpd", "2.4.6", false},
    {"Apache-Coyote/1.1", "Apache Tomcat", "", false},
    {"Microsoft-IIS/10.0", "Microsoft IIS", "10.0", false},
    {"Microsoft-HTTPAPI/2.0", "Microsoft HTTPAPI", "2.0", false},
    {"WebLogic Server 12.2.1.3.0 Thu Aug 17 13:39:49 PDT 2017 1882952", "Oracle WebLogic", "12.2.1.3.0",
     false},
    {"lighttpd/1.4.69", "lighttpd", "1.4.69", false},
    {"CouchDB/3.3.3 (Erlang OTP/24)", "Apache CouchDB", "3.3.3", false},
    {"Jetty(9.4.43.v20210629)", "Jetty", "9.4.43", true},
    {"SimpleHTTP/0.6 Python/3.11.2", "Python http.server", "0.6", true},
    {"Mongoose/5.6", "Mongoose", "5.6", true},
    {"Boa/0.94.14rc21", "Boa", "0.94.14rc21", true},
};

static void test_products(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span header = {(const uint8_t *)rows[i].header, strlen(rows[i].header)};
        struct observation o;
        observation_init(&o, (struct address){0}, (struct port){80, TRANSPORT_TCP});
        assert_int_equal(http_server_observe(&o, header), !rows[i].embedded);
        if (rows[i].embedded)
            assert_true(http_server_observe_embedded(&o, header));
        assert_string_equal(o.product, rows[i].product);
        assert_string_equal(o.version, rows[i].version);
        observation_deinit(&o);
    }
}

static void test_unknown(void **state)
{
    (void)state;
    static const char *const headers[] = {"", "xnginx", "Server", "cloudy", "ApacheX/1"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct span header = {(const uint8_t *)headers[i], strlen(headers[i])};
        struct observation o;
        observation_init(&o, (struct address){0}, (struct port){80, TRANSPORT_TCP});
        assert_false(http_server_observe(&o, header));
        assert_false(http_server_observe_embedded(&o, header));
        assert_string_equal(o.product, "");
        observation_deinit(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products), cmocka_unit_test(test_unknown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
