#include "scanner/commands/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/clock.h"

#define CODE_NOT_EXECUTED 127

static sigset_t awaited(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

void program_take_signals(sigset_t *before_out)
{
    const sigset_t set = awaited();
    signal(SIGCHLD, SIG_DFL); /* were it ignored, no child could be waited for */
    sigprocmask(SIG_BLOCK, &set, before_out);
}

void program_give_signals_back(const sigset_t *before, int stopped)
{
    if (stopped)
        raise(stopped);
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* Waits for a signal until this moment. */
static void hear(int64_t until_ns, int *stopped)
{
    const sigset_t set = awaited();
    int64_t left_ns = until_ns - clock_monotonic_ns();
    if (left_ns < 0)
        left_ns = 0;
    const struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};
    int number = sigtimedwait(&set, NULL, &left);
    if (number == SIGINT || number == SIGTERM || number == SIGHUP)
        *stopped = number;
}

bool program_pause(unsigned milliseconds, int *stopped)
{
    int64_t until_ns = clock_monotonic_ns() + (int64_t)milliseconds * 1000000;
    hear(0, stopped); /* what is pending already */
    while (!*stopped && clock_monotonic_ns() < until_ns)
        hear(until_ns, stopped);
    return !*stopped;
}

struct files {
    int input, output;
};

static bool open_files(const struct program *program, struct files *files)
{
    files->output = -1;
    files->input = open(program->input ? program->input : "/dev/null", O_RDONLY | O_CLOEXEC);
    if (files->input < 0)
        return false;
    files->output = program->output ? open(program->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)
                                    : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    return files->output >= 0;
}

static void close_files(const struct files *files)
{
    int error = errno;
    if (files->input >= 0)
        close(files->input);
    if (files->output >= 0)
        close(files->output);
    errno = error;
}

static bool add_environment(const struct program *program)
{
    for (const char *const *entry = program->environment; entry && *entry; entry++) {
        const char *equals = strchr(*entry, '=');
        char *name = equals ? strndup(*entry, (size_t)(equals - *entry)) : NULL;
        bool set = name && setenv(name, equals + 1, 1) == 0;
        free(name);
        if (!set)
            return false;
    }
    return true;
}

/* Ours end with their parent, so that no scan goes on that nobody waits for. */
static bool bind_to_parent(const struct program *program, pid_t parent)
{
    if (program->foreign) {
        (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* an old kernel has none */
        return true;
    }
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}

/* In the child; what fails is told through the pipe, which a successful execve closes. */
static void become(const struct program *program, const struct files *files, pid_t parent, int told)
{
    const sigset_t set = awaited();
    char *const *arguments;
    memcpy(&arguments, &program->arguments,
           sizeof arguments); /* execv changes none of it, whatever its type says */
    signal(SIGPIPE, SIG_DFL);
    bool ready = setpgid(0, 0) == 0 && bind_to_parent(program, parent) &&
                 dup2(files->input, STDIN_FILENO) >= 0 && dup2(files->output, STDOUT_FILENO) >= 0 &&
                 (!program->errors_too || dup2(files->output, STDERR_FILENO) >= 0) &&
                 (program->kept < 0 || fcntl(program->kept, F_SETFD, 0) == 0) && add_environment(program) &&
                 (!program->settle || program->settle(program->context)) &&
                 sigprocmask(SIG_UNBLOCK, &set, NULL) == 0;
    if (ready)
        execv(program->path, arguments);
    int error = errno;
    (void)!write(told, &error, sizeof error);
    _exit(CODE_NOT_EXECUTED);
}

static void tell_to_end(const struct program *program, pid_t child)
{
    kill(program->foreign ? -child : child, program->at_once ? SIGKILL : SIGTERM);
}

/* Waits, and passes on what ends it: first SIGTERM, then, if that was in vain, SIGKILL to all of its group. */
static void await(const struct program *program, pid_t child, struct program_result *result)
{
    int64_t deadline_ns = program->deadline_ns ? program->deadline_ns : INT64_MAX;
    bool told = false, late = false;
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0) {
        bool due = clock_monotonic_ns() >= deadline_ns;
        if (told && due) {
            kill(-child, SIGKILL);
            deadline_ns = INT64_MAX;
        } else if (!told && (due || *program->stopped)) {
            late = due && !*program->stopped;
            tell_to_end(program, child);
            deadline_ns = clock_monotonic_ns() + (int64_t)PROGRAM_GRACE_S * 1000000000;
            told = true;
        } else {
            hear(deadline_ns, program->stopped);
        }
    }
    if (program->at_once)
        kill(-child, SIGKILL); /* whatever it left behind */
    *result = ended < 0           ? (struct program_result){PROGRAM_KILLED, 0}
              : late              ? (struct program_result){PROGRAM_LATE, 0}
              : WIFEXITED(status) ? (struct program_result){PROGRAM_ENDED, WEXITSTATUS(status)}
                                  : (struct program_result){PROGRAM_KILLED, WTERMSIG(status)};
}

static enum status start(const struct program *program, const struct files *files, int pipe_ends[2],
                         struct program_result *result_out)
{
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        return STATUS_SYSTEM;
    if (child == 0)
        become(program, files, parent, pipe_ends[1]);
    close(pipe_ends[1]);
    pipe_ends[1] = -1;
    int error = 0;
    ssize_t size;
    do
        size = read(pipe_ends[0], &error, sizeof error);
    while (size < 0 && errno == EINTR);
    await(program, child, result_out);
    if (size == (ssize_t)sizeof error)
        *result_out = (struct program_result){PROGRAM_ABSENT, error};
    return STATUS_OK;
}

enum status program_run(const struct program *program, struct program_result *result_out)
{
    struct files files;
    int pipe_ends[2] = {-1, -1};
    enum status status = STATUS_SYSTEM;
    *result_out = (struct program_result){PROGRAM_ABSENT, 0};
    if (open_files(program, &files) && pipe2(pipe_ends, O_CLOEXEC) == 0)
        status = start(program, &files, pipe_ends, result_out);
    for (int i = 0; i < 2; i++)
        if (pipe_ends[i] >= 0)
            close(pipe_ends[i]);
    close_files(&files);
    return status;
}
