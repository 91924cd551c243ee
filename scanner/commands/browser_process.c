#include "scanner/commands/browser_process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scanner/clock.h"

#define ARGUMENT_MAX 4400
#define LOOK_NS      20000000
#define EXIT_CHILD   127

/* --- in the child --- */

/* Root has a network of nobody's for it, and no other right. What fails here ends the child: nothing runs as root. */
static bool give_up_rights(const struct browser_job *job)
{
    if (geteuid() != 0)
        return true;
    const struct passwd *nobody = getpwnam("nobody");
    if (!nobody)
        return false;
    (void)unshare(CLONE_NEWNET); /* forbidden in some containers; the flags below ask for no network either */
    return chown(job->folder, nobody->pw_uid, nobody->pw_gid) == 0 &&
           chown(job->page, nobody->pw_uid, nobody->pw_gid) == 0 && setgroups(0, NULL) == 0 &&
           setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) == 0 &&
           setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) == 0;
}

static bool redirect(const char *path, int flags, int to)
{
    int file = open(path, flags | O_CLOEXEC, 0600);
    return file >= 0 && dup2(file, to) == to;
}

static bool settle(const struct browser_job *job)
{
    sigset_t none;
    sigemptyset(&none);
    return setsid() >= 0 && redirect("/dev/null", O_RDONLY, STDIN_FILENO) &&
           redirect(job->log, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO) &&
           dup2(STDOUT_FILENO, STDERR_FILENO) == STDERR_FILENO && give_up_rights(job) &&
           prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && chdir(job->folder) == 0 &&
           setenv("HOME", job->folder, 1) == 0 && setenv("TMPDIR", job->folder, 1) == 0 &&
           unsetenv("XDG_CONFIG_HOME") == 0 && unsetenv("XDG_CACHE_HOME") == 0 &&
           unsetenv("XDG_RUNTIME_DIR") == 0 && unsetenv("DBUS_SESSION_BUS_ADDRESS") == 0 &&
           unsetenv("DISPLAY") == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static void become(const struct browser_job *job)
{
    char profile[ARGUMENT_MAX], pdf[ARGUMENT_MAX], page[ARGUMENT_MAX];
    snprintf(profile, sizeof profile, "--user-data-dir=%s/profile", job->folder);
    snprintf(pdf, sizeof pdf, "--print-to-pdf=%s", job->pdf);
    snprintf(page, sizeof page, "file://%s", job->page);
    const char *arguments[] = {job->browser,
                               "--headless",
                               profile,
                               pdf,
                               "--no-pdf-header-footer",
                               "--generate-pdf-document-outline",
                               "--disable-gpu",
                               "--disable-dev-shm-usage",
                               "--no-first-run",
                               "--no-default-browser-check",
                               "--disable-extensions",
                               "--disable-sync",
                               "--disable-background-networking",
                               "--disable-component-update",
                               "--disable-default-apps",
                               "--disable-domain-reliability",
                               "--disable-client-side-phishing-detection",
                               "--no-pings",
                               "--host-resolver-rules=MAP * ~NOTFOUND",
                               "--proxy-server=http://127.0.0.1:9",
                               "--log-level=2",
                               job->sandbox ? page : "--no-sandbox",
                               job->sandbox ? NULL : page,
                               NULL};
    char *copies[sizeof arguments / sizeof arguments[0]] = {NULL};
    for (size_t i = 0; arguments[i]; i++)
        copies[i] = strdup(arguments[i]);
    execv(job->browser, copies);
}

/* --- in the parent --- */

static const int enders[] = {SIGINT, SIGTERM, SIGHUP};

/* A signal that would end us waits until the browser's folder is gone. */
static bool is_ending(void)
{
    sigset_t pending;
    sigpending(&pending);
    for (size_t i = 0; i < sizeof enders / sizeof enders[0]; i++)
        if (sigismember(&pending, enders[i]) == 1)
            return true;
    return false;
}

static int end(pid_t child, int why)
{
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return why;
}

/* 0 or what went wrong. */
static int await(pid_t child, unsigned seconds_most)
{
    int64_t until_ns = clock_monotonic_ns() + seconds_most * INT64_C(1000000000);
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child)
            break;
        if (ended < 0 && errno != EINTR)
            return errno;
        if (is_ending())
            return end(child, EINTR);
        if (clock_monotonic_ns() > until_ns)
            return end(child, ETIMEDOUT);
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
    kill(-child, SIGKILL); /* whatever it left behind */
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EIO;
}

void browser_hold_signals(sigset_t *before_out)
{
    sigset_t block;
    sigemptyset(&block);
    for (size_t i = 0; i < sizeof enders / sizeof enders[0]; i++)
        sigaddset(&block, enders[i]);
    sigprocmask(SIG_BLOCK, &block, before_out);
}

enum status browser_run(const struct browser_job *job)
{
    pid_t child = fork();
    if (child == 0) {
        if (settle(job))
            become(job);
        _exit(EXIT_CHILD);
    }
    int why = child < 0 ? errno : await(child, job->seconds_most);
    errno = why;
    return why ? STATUS_SYSTEM : STATUS_OK;
}
