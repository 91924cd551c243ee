#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "server.h"
#include "trial.h"

/* What speaks TLS from the start on a port that is not known for it. */

static const char page[] = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 7\r\n\r\n</html>";
static const char search[] = "HTTP/1.1 200 OK\r\nContent-Length: 92\r\n\r\n"
                             "{\"cluster_name\":\"a\",\"version\":{\"number\":\"8.1.0\"},"
                             "\"tagline\":\"You Know, for Search\",\"x\":12}";

static SSL_CTX *make_context(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

/* One connection after another, at most as many as a scan makes to one port. */
static void answer_all(int listener, const char *answer)
{
    SSL_CTX *context = make_context();
    for (int i = 0; i < 8; i++) {
        char asked[1024];
        int fd = accept(listener, NULL, NULL);
        SSL *ssl = SSL_new(context);
        SSL_set_fd(ssl, fd);
        if (fd >= 0 && SSL_accept(ssl) == 1 && SSL_read(ssl, asked, sizeof asked) > 0) {
            SSL_write(ssl, answer, (int)strlen(answer));
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }
    SSL_CTX_free(context);
    _exit(0);
}

static int listen_on(const char *address, uint16_t port)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    assert_int_equal(inet_pton(AF_INET, address, &where.sin_addr), 1);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof where), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static void check(const char *port, const char *answer, const char *begin)
{
    struct trial trial;
    struct scene scene;
    char host[16], range[32];
    uint16_t number = (uint16_t)strtoul(port, NULL, 10);
    server_address(2, host);
    snprintf(range, sizeof range, "\"%s\"", host);
    int listener = listen_on(host, number);
    pid_t child = fork();
    if (child == 0)
        answer_all(listener, answer);
    close(listener);
    trial_init(&trial, port);
    scene_init_ranges(&scene, range, "");
    trial_run(&trial, &scene);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    const struct trial_line *line = trial_find(&trial, host, number);
    assert_non_null(line);
    if (strncmp(line->text, begin, strlen(begin)) != 0)
        fail_msg("it tells: %s", line->text);
    scene_deinit(&scene);
    trial_deinit(&trial);
}

static void test_http_on_a_plain_port(void **state)
{
    (void)state;
    check("8080", page, "http nginx 1.22.1 tls=1");
}

static void test_own_protocol_inside(void **state)
{
    (void)state;
    check("9200", search, "elasticsearch Elasticsearch 8.1.0 tls=1");
}

static void test_http_after_own_protocol(void **state)
{
    (void)state;
    check("9200", page, "http nginx 1.22.1 tls=1");
}

static void test_unknown_port(void **state)
{
    (void)state;
    check("20002", page, "http nginx 1.22.1 tls=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_on_a_plain_port),
        cmocka_unit_test(test_own_protocol_inside),
        cmocka_unit_test(test_http_after_own_protocol),
        cmocka_unit_test(test_unknown_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
