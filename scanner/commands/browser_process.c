#include "scanner/commands/browser_process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/program.h"

#define ARGUMENT_MAX 4400

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

/* In the browser's process. */
static bool settle(const void *context)
{
    const struct browser_job *job = context;
    return give_up_rights(job) && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && chdir(job->folder) == 0 &&
           setenv("HOME", job->folder, 1) == 0 && setenv("TMPDIR", job->folder, 1) == 0 &&
           unsetenv("XDG_CONFIG_HOME") == 0 && unsetenv("XDG_CACHE_HOME") == 0 &&
           unsetenv("XDG_RUNTIME_DIR") == 0 && unsetenv("DBUS_SESSION_BUS_ADDRESS") == 0 &&
           unsetenv("DISPLAY") == 0;
}

/* 0 or what went wrong. */
static int error_of(const struct program_result *result, int stopped)
{
    switch (result->end) {
    case PROGRAM_ENDED:
        return result->code == 0 ? 0 : EIO;
    case PROGRAM_LATE:
        return ETIMEDOUT;
    case PROGRAM_ABSENT:
        return result->code ? result->code : EIO;
    case PROGRAM_KILLED:
        break;
    }
    return stopped ? EINTR : EIO;
}

enum status browser_run(const struct browser_job *job, int *stopped)
{
    char profile[ARGUMENT_MAX], pdf[ARGUMENT_MAX], page[ARGUMENT_MAX];
    struct program_result result;
    snprintf(profile, sizeof profile, "--user-data-dir=%s/profile", job->folder);
    snprintf(pdf, sizeof pdf, "--print-to-pdf=%s", job->pdf);
    snprintf(page, sizeof page, "file://%s", job->page);
    const char *const arguments[] = {job->browser,
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
    const struct program program = {
        .path = job->browser,
        .arguments = arguments,
        .output = job->log,
        .errors_too = true,
        .kept = -1,
        .foreign = true,
        .at_once = true,
        .settle = settle,
        .context = job,
        .deadline_ns = clock_monotonic_ns() + job->seconds_most * INT64_C(1000000000),
        .stopped = stopped,
    };
    if (program_run(&program, &result) != STATUS_OK)
        return STATUS_SYSTEM;
    errno = error_of(&result, *stopped);
    return errno ? STATUS_SYSTEM : STATUS_OK;
}
