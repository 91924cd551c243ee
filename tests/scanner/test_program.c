#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/program.h"

/* Programs that are run to their end: real ones. */

struct folder {
    char path[64], input[96], output[96];
    bool stopped;
};

static int make(void **state)
{
    struct folder *folder = *state = calloc(1, sizeof *folder);
    if (!folder)
        return -1;
    snprintf(folder->path, sizeof folder->path, "/tmp/auscult-program-XXXXXX");
    if (!mkdtemp(folder->path))
        return -1;
    snprintf(folder->input, sizeof folder->input, "%s/input", folder->path);
    snprintf(folder->output, sizeof folder->output, "%s/output", folder->path);
    return 0;
}

static int take_away(void **state)
{
    struct folder *folder = *state;
    unlink(folder->input);
    unlink(folder->output);
    int result = rmdir(folder->path);
    free(folder);
    return result;
}

/* What a shell's script comes to. */
static struct program_result shell(struct folder *folder, const char *script, struct program program)
{
    const char *const arguments[] = {"sh", "-c", script, "zero", "one two", "$(touch /tmp/x);", NULL};
    struct program_result result;
    program.path = "/bin/sh";
    program.arguments = arguments;
    program.output = folder->output;
    program.stopped = &folder->stopped;
    assert_int_equal(program_run(&program, &result), STATUS_OK);
    return result;
}

static const struct program plain = {.kept = -1};

static void assert_output(const struct folder *folder, const char *expected)
{
    char text[512] = "";
    FILE *file = fopen(folder->output, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    assert_string_equal(text, expected);
}

static int64_t in_seconds(int seconds)
{
    return clock_monotonic_ns() + seconds * (int64_t)1000000000;
}

static void test_code(void **state)
{
    struct program_result result = shell(*state, "exit 7", plain);
    assert_true(result.end == PROGRAM_ENDED && result.code == 7);
    result = shell(*state, "exit 0", plain);
    assert_true(result.end == PROGRAM_ENDED && result.code == 0);
}

static void test_signal(void **state)
{
    struct program_result result = shell(*state, "kill -9 $$", plain);
    assert_true(result.end == PROGRAM_KILLED && result.code == SIGKILL);
}

static void test_absent(void **state)
{
    struct folder *folder = *state;
    const char *const arguments[] = {"none", NULL};
    struct program_result result;
    const struct program program = {
        .path = "/nonexistent/none", .arguments = arguments, .kept = -1, .stopped = &folder->stopped};
    assert_int_equal(program_run(&program, &result), STATUS_OK);
    assert_true(result.end == PROGRAM_ABSENT && result.code == ENOENT);
}

/* Arguments come as they are, the environment is added to, and nothing of ours is open or blocked in it. */
static void test_surroundings(void **state)
{
    struct folder *folder = *state;
    const char *const environment[] = {"AUSCULT_A=b c", "AUSCULT_EMPTY=", NULL};
    struct program program = plain;
    FILE *input = fopen(folder->input, "w");
    assert_non_null(input);
    fputs("from a file\n", input);
    fclose(input);
    program.environment = environment;
    program.input = folder->input;
    struct program_result result =
        shell(folder,
              "echo \"$1|$2|$AUSCULT_A|${AUSCULT_EMPTY-unset}|${HOME:+home}\"; cat; "
              "ls /proc/$$/fd; grep SigBlk /proc/self/status",
              program);
    assert_true(result.end == PROGRAM_ENDED && result.code == 0);
    assert_output(
        folder, getenv("HOME")
                    ? "one two|$(touch /tmp/x);|b c||home\nfrom a file\n0\n1\n2\nSigBlk:\t0000000000000000\n"
                    : "one two|$(touch /tmp/x);|b c||\nfrom a file\n0\n1\n2\nSigBlk:\t0000000000000000\n");
    assert_null(getenv("AUSCULT_A"));
}

static void test_kept(void **state)
{
    struct folder *folder = *state;
    struct program program = plain;
    program.kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(program.kept >= 3);
    char script[64];
    snprintf(script, sizeof script, "readlink /proc/$$/fd/%d", program.kept);
    struct program_result result = shell(folder, script, program);
    assert_true(result.end == PROGRAM_ENDED && result.code == 0);
    assert_output(folder, "/dev/null\n");
    assert_true(fcntl(program.kept, F_GETFD) & FD_CLOEXEC);
    close(program.kept);
}

static void test_late(void **state)
{
    struct program program = plain;
    program.deadline_ns = in_seconds(0);
    struct program_result result = shell(*state, "trap 'exit 5' TERM; while :; do sleep 0.05; done", program);
    assert_true(result.end == PROGRAM_LATE);
    assert_false(((struct folder *)*state)->stopped);
}

/* A signal to end reaches the program, and is remembered. */
static void test_stopped(void **state)
{
    struct folder *folder = *state;
    char script[160];
    snprintf(script, sizeof script,
             "trap 'echo told; exit 3' TERM; kill -TERM %d; while :; do sleep 0.05; done", (int)getpid());
    struct program_result result = shell(folder, script, plain);
    assert_true(result.end == PROGRAM_ENDED && result.code == 3);
    assert_true(folder->stopped);
    assert_output(folder, "told\n");
    assert_false(program_pause(60000, &folder->stopped));
}

static void test_no_zombies(void **state)
{
    (void)shell(*state, "exit 0", plain);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_files(void **state)
{
    struct folder *folder = *state;
    const char *const arguments[] = {"true", NULL};
    struct program_result result;
    struct program program = {
        .path = "/bin/true", .arguments = arguments, .kept = -1, .stopped = &folder->stopped};
    program.input = "/nonexistent/input";
    assert_int_equal(program_run(&program, &result), STATUS_SYSTEM);
    program.input = NULL;
    program.output = "/nonexistent/output";
    assert_int_equal(program_run(&program, &result), STATUS_SYSTEM);
}

#define PROGRAM_TEST(name) cmocka_unit_test_setup_teardown(name, make, take_away)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROGRAM_TEST(test_code),         PROGRAM_TEST(test_signal),     PROGRAM_TEST(test_absent),
        PROGRAM_TEST(test_surroundings), PROGRAM_TEST(test_kept),       PROGRAM_TEST(test_late),
        PROGRAM_TEST(test_stopped),      PROGRAM_TEST(test_no_zombies), PROGRAM_TEST(test_files),
    };
    for (int file = 3; file < 1024; file++)
        close(file); /* whatever the runner left open */
    program_take_signals();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
