#include "scanner/commands/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "scanner/commands/command.h"

/* A handler has no other way to know it. */
static volatile sig_atomic_t waited_for;

static void pass_on(int number)
{
    int kept = errno;
    kill((pid_t)waited_for, number);
    errno = kept;
}

/* Before: what the signals did until now. */
static void take_signals(struct sigaction before[3])
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = pass_on};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &action, &before[i]);
}

static void give_signals_back(const struct sigaction before[3])
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &before[i], NULL);
}

int child_wait(pid_t child)
{
    struct sigaction before[3];
    int status = 0;
    waited_for = child;
    take_signals(before);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return EXIT_FAILED;
    give_signals_back(before);
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == EXIT_DONE ? -1 : WEXITSTATUS(status);
    fprintf(stderr, "auscult: the scan's process ended by signal %d; what is known is in the store\n",
            WTERMSIG(status));
    return EXIT_FAILED;
}
