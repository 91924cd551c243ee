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
    int stopped;
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
    assert_int_equal(((struct folder *)*state)->stopped, 0);
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
    assert_int_equal(folder->stopped, SIGTERM);
    assert_output(folder, "told\n");
    assert_false(program_pause(60000, &folder->stopped));
}

/* Whoever takes orphans in may leave it lying for a while. */
static bool is_zombie(int process)
{
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE *file = fopen(path, "r");
    bool zombie = !file || (fgets(line, sizeof line, file) && strstr(line, ") Z"));
    if (file)
        fclose(file);
    return zombie;
}

/* Deaf to SIGTERM, and with a child of its own: both are gone at once. */
static void test_at_once(void **state)
{
    struct folder *folder = *state;
    struct program program = plain;
    program.at_once = program.foreign = program.errors_too = true;
    program.deadline_ns = in_seconds(1);
    int64_t begun_ns = clock_monotonic_ns();
    struct program_result result =
        shell(folder, "trap '' TERM; echo told >&2; (while :; do sleep 0.05; done) & wait", program);
    assert_true(result.end == PROGRAM_LATE);
    assert_true(clock_monotonic_ns() - begun_ns < (int64_t)PROGRAM_GRACE_S * 1000000000 / 2);
    assert_output(folder, "told\n");
}

/* What it leaves behind ends with it. */
static void test_left_behind(void **state)
{
    struct folder *folder = *state;
    struct program program = plain;
    program.at_once = true;
    struct program_result result = shell(folder, "sleep 1000 & echo $!", program);
    assert_true(result.end == PROGRAM_ENDED && result.code == 0);
    FILE *file = fopen(folder->output, "r");
    int left = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &left), 1);
    fclose(file);
    for (int i = 0; i < 200 && kill(left, 0) == 0 && !is_zombie(left); i++)
        usleep(50000);
    assert_true(kill(left, 0) != 0 || is_zombie(left));
}

static bool refuse(const void *context)
{
    errno = *(const int *)context;
    return false;
}

static bool move(const void *context)
{
    return chdir(context) == 0;
}

static void test_settled(void **state)
{
    struct folder *folder = *state;
    const int why = EDOM;
    struct program program = plain;
    program.settle = refuse;
    program.context = &why;
    struct program_result result = shell(folder, "echo executed", program);
    assert_true(result.end == PROGRAM_ABSENT && result.code == EDOM);
    assert_output(folder, "");
    program.settle = move;
    program.context = "/usr";
    result = shell(folder, "pwd", program);
    assert_true(result.end == PROGRAM_ENDED && result.code == 0);
    assert_output(folder, "/usr\n");
}

/* A signal that was held does afterwards what it would have done. */
static void test_given_back(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        program_give_signals_back(&none, SIGHUP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
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
        PROGRAM_TEST(test_code),         PROGRAM_TEST(test_signal),      PROGRAM_TEST(test_absent),
        PROGRAM_TEST(test_surroundings), PROGRAM_TEST(test_kept),        PROGRAM_TEST(test_late),
        PROGRAM_TEST(test_stopped),      PROGRAM_TEST(test_no_zombies),  PROGRAM_TEST(test_files),
        PROGRAM_TEST(test_at_once),      PROGRAM_TEST(test_left_behind), PROGRAM_TEST(test_settled),
        PROGRAM_TEST(test_given_back),
    };
    for (int file = 3; file < 1024; file++)
        close(file); /* whatever the runner left open */
    program_take_signals(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
