#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scanner/progress.h"

#define SECOND INT64_C(1000000000)

/* Standard error goes to a file meanwhile. */
struct diversion {
    FILE *file;
    int before;
};

static void diversion_start(struct diversion *diversion)
{
    diversion->file = tmpfile();
    diversion->before = dup(STDERR_FILENO);
    assert_true(diversion->file && diversion->before >= 0);
    dup2(fileno(diversion->file), STDERR_FILENO);
}

static void diversion_end(struct diversion *diversion, char *text, size_t size)
{
    fflush(stderr);
    dup2(diversion->before, STDERR_FILENO);
    close(diversion->before);
    rewind(diversion->file);
    text[fread(text, 1, size - 1, diversion->file)] = '\0';
    fclose(diversion->file);
}

static void show(uint64_t first_finished, uint64_t finished, int64_t after_ns, char text[512])
{
    struct diversion diversion;
    struct progress progress;
    struct scan_totals totals = {.finished = finished, .probes = 2 * finished};
    totals.ends[ENDPOINT_OPEN] = 3;
    progress_init(&progress, first_finished, 0);
    diversion_start(&diversion);
    progress_show(&progress, &totals, 1000, 7, after_ns);
    progress_end(&progress);
    diversion_end(&diversion, text, 512);
}

static void test_line(void **state)
{
    (void)state;
    char text[512];
    show(0, 250, 10 * SECOND, text);
    assert_non_null(strstr(text, " 25.0%  250/1000  50/s  open 3  talking 7  left 0m30s"));
    assert_string_equal(text + strlen(text) - 4, "\r\033[K"); /* and is gone again */
}

/* What earlier parts finished counts as done, and not as this part's speed. */
static void test_resumed(void **state)
{
    (void)state;
    char text[512];
    show(500, 250, 10 * SECOND, text);
    assert_non_null(strstr(text, " 75.0%  750/1000  50/s  open 3  talking 7  left 0m10s"));
}

static void test_unknown_end(void **state)
{
    (void)state;
    char text[512];
    show(500, 0, 10 * SECOND, text);
    assert_non_null(strstr(text, " 50.0%  500/1000  0/s  open 3  talking 7  left ?"));
    show(0, 1, 3600 * SECOND, text);
    assert_non_null(strstr(text, "left 999h00m"));
}

static void test_not_too_often(void **state)
{
    (void)state;
    char text[512];
    show(0, 250, SECOND / 20, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_unknown_end),
        cmocka_unit_test(test_not_too_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
