#include "scanner/resolver.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/resolver_answers.h"
#include "scanner/resolver_child.h"

#define TIME_NS      INT64_C(15000000000)
#define NAME_TIME_NS INT64_C(100000000)

struct resolver {
    struct resolver_answers answers;
    pid_t child;
    int pipe;    /* its answers */
    int signals; /* SIGINT and SIGTERM, which are blocked meanwhile */
    int64_t until_ns;
    uint8_t bytes[64 * sizeof(struct resolver_answer)];
    size_t size;
};

/* False at the end of the pipe. */
static bool hear(struct resolver *resolver, enum status *status_out)
{
    ssize_t got =
        read(resolver->pipe, resolver->bytes + resolver->size, sizeof resolver->bytes - resolver->size);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got == 0)
        return false;
    resolver->size += (size_t)got;
    size_t at = 0;
    struct resolver_answer answer;
    for (; resolver->size - at >= sizeof answer && *status_out == STATUS_OK; at += sizeof answer) {
        memcpy(&answer, resolver->bytes + at, sizeof answer);
        *status_out = resolver_answers_take(&resolver->answers, &answer);
    }
    memmove(resolver->bytes, resolver->bytes + at, resolver->size - at);
    resolver->size -= at;
    return true;
}

/* Until all is told, its process has ended or its time is over. */
static enum status listen_to(struct resolver *resolver)
{
    enum status status = STATUS_OK;
    const char *why = "the resolver did not answer in time";
    while (status == STATUS_OK && resolver->answers.done < resolver->answers.count) {
        struct pollfd ends[2] = {{.fd = resolver->pipe, .events = POLLIN},
                                 {.fd = resolver->signals, .events = POLLIN}};
        int64_t left_ns = resolver->until_ns - clock_monotonic_ns();
        int ready = left_ns > 0 ? poll(ends, 2, (int)(left_ns / 1000000) + 1) : 0;
        if (ready < 0 && errno != EINTR)
            return STATUS_SYSTEM;
        if (ready == 0)
            break;
        if (ready > 0 && ends[1].revents)
            return STATUS_INTERRUPTED;
        if (ready > 0 && ends[0].revents && !hear(resolver, &status)) {
            why = "the process that resolves names ended early";
            break;
        }
    }
    return status == STATUS_OK ? resolver_answers_end(&resolver->answers, why) : status;
}

static enum status begin(struct resolver *resolver, const char *const *names, const sigset_t *before)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATUS_SYSTEM;
    resolver->child = fork();
    if (resolver->child == 0) {
        close(ends[0]);
        sigprocmask(SIG_SETMASK, before, NULL);
        resolver_child(names, resolver->answers.count, ends[1]);
    }
    close(ends[1]);
    resolver->pipe = ends[0];
    return resolver->child > 0 ? STATUS_OK : STATUS_SYSTEM;
}

static void end(struct resolver *resolver)
{
    if (resolver->child > 0) {
        kill(resolver->child, SIGKILL);
        while (waitpid(resolver->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (resolver->pipe >= 0)
        close(resolver->pipe);
    if (resolver->signals >= 0)
        close(resolver->signals);
    resolver_answers_deinit(&resolver->answers);
}

enum status resolver_run(const char *const *names, size_t count, const struct resolver_listener *listener)
{
    struct resolver resolver = {.pipe = -1,
                                .until_ns = clock_monotonic_ns() + TIME_NS + NAME_TIME_NS * (int64_t)count};
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    sigprocmask(SIG_BLOCK, &ours, &before);
    resolver.signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    enum status status = resolver_answers_init(&resolver.answers, count, listener);
    if (status == STATUS_OK && resolver.signals < 0)
        status = STATUS_SYSTEM;
    if (status == STATUS_OK)
        status = begin(&resolver, names, &before);
    if (status == STATUS_OK)
        status = listen_to(&resolver);
    struct signalfd_siginfo taken;
    if (status == STATUS_INTERRUPTED && read(resolver.signals, &taken, sizeof taken) < 0)
        status = STATUS_SYSTEM;
    int kept = errno;
    end(&resolver);
    if (status != STATUS_INTERRUPTED)
        sigprocmask(SIG_SETMASK, &before, NULL);
    errno = kept;
    return status;
}
