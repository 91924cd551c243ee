#include "scanner/resolver_child.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "scanner/privileges.h"
#include "scanner/resolver_answers.h"
#include "targets/naming.h"

#define THREADS 16 /* names that are asked for at a time */

struct asking {
    const char *const *names;
    size_t count;
    atomic_size_t next;
    int pipe;
};

/* Whole, since it is far below PIPE_BUF. Nobody reads any more: there is nothing left to do. */
static void tell(const struct asking *asking, struct resolver_answer answer)
{
    if (write(asking->pipe, &answer, sizeof answer) != (ssize_t)sizeof answer)
        _exit(1);
}

static void tell_addresses(const struct asking *asking, uint32_t name, const struct addrinfo *entry)
{
    struct resolver_answer answer = {.name = name, .kind = ANSWER_ADDRESS};
    uint16_t port;
    size_t told = 0;
    for (; entry; entry = entry->ai_next) {
        if (!address_from_sockaddr(entry->ai_addr, &answer.address, &port))
            continue;
        if (told++ == NAMES_ADDRESSES_MAX) {
            answer.kind = ANSWER_MORE;
            tell(asking, answer);
            return;
        }
        tell(asking, answer);
    }
}

static void ask_one(const struct asking *asking, uint32_t name)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(asking->names[name], NULL, &hints, &found);
    if (code == 0)
        tell_addresses(asking, name, found);
    if (found)
        freeaddrinfo(found);
    tell(asking, (struct resolver_answer){.name = name, .kind = ANSWER_DONE, .code = code});
}

static void *ask_all(void *context)
{
    struct asking *asking = context;
    for (size_t name; (name = atomic_fetch_add(&asking->next, 1)) < asking->count;)
        ask_one(asking, (uint32_t)name);
    return NULL;
}

_Noreturn void resolver_child(const char *const *names, size_t count, int pipe)
{
    struct asking asking = {.names = names, .count = count, .pipe = pipe};
    pthread_t threads[THREADS];
    size_t running = 0;
    pid_t parent = getppid();
    signal(SIGPIPE, SIG_DFL);
    setenv("LOCALDOMAIN", ".",
           1); /* no search list of this machine's makes another name of one (resolv.conf(5)) */
    if (privileges_drop() != STATUS_OK || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    while (running < THREADS - 1 && running + 1 < count &&
           pthread_create(&threads[running], NULL, ask_all, &asking) == 0)
        running++;
    ask_all(&asking);
    for (size_t i = 0; i < running; i++)
        pthread_join(threads[i], NULL);
    _exit(0);
}
