#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scanner/commands/command.h"
#include "scanner/commands/options.h"
#include "scanner/commands/present.h"
#include "scanner/commands/store_lock.h"

#define WAIT_S     30
#define WAIT_S_MAX 3600

static const char help[] = "Usage: auscult stop [OPTION…] STORE\n"
                           "Asks the scan that runs on this store to stop as Ctrl-C would, and waits for its "
                           "end. What it knows is kept, and\n"
                           "`auscult scan --resume` goes on.\n\n"
                           "      --wait S           seconds to wait, 0 to 3600 (30)\n"
                           "  -h, --help\n\n"
                           "Exit: 0 it stopped, 1 it did not, 2 no scan runs on this store.\n";

static bool take_wait(const char *option, char *value, void *wait_s)
{
    return option_number(option, value, 0, WAIT_S_MAX, wait_s);
}

static int fail(const char *store, const char *why)
{
    fprintf(stderr, "auscult: the scan on %s was not stopped: %s\n", store, why);
    return EXIT_FAILED;
}

/* Who runs a scan, and a handle on that process, which no other one takes the place of. */
struct holder {
    bool there;
    pid_t process;
    int handle; /* -1: it can't be had */
};

static enum status find_holder(const char *store, struct holder *holder)
{
    enum status status = store_lock_holder(store, &holder->there, &holder->process);
    holder->handle = -1;
    if (status != STATUS_OK || !holder->there || holder->process == STORE_LOCK_ELSEWHERE)
        return status;
    pid_t process = holder->process;
    int handle = (int)syscall(SYS_pidfd_open, process, 0);
    if (handle < 0 && errno != ESRCH)
        return STATUS_SYSTEM;
    /* When it holds the lock still, its number was still its own when the handle was made. */
    status = store_lock_holder(store, &holder->there, &holder->process);
    if (status == STATUS_OK && holder->there && holder->process == process && handle >= 0)
        holder->handle = handle;
    else if (handle >= 0)
        close(handle);
    return status;
}

/* The end of a process makes its handle readable. */
static bool wait_for_end(int handle, uint64_t wait_s)
{
    struct pollfd end = {.fd = handle, .events = POLLIN};
    int count;
    do
        count = poll(&end, 1, (int)(wait_s * 1000));
    while (count < 0 && errno == EINTR);
    return count > 0;
}

static int stop_holder(const char *store, const struct holder *holder, uint64_t wait_s)
{
    char why[96] = "";
    if (syscall(SYS_pidfd_send_signal, holder->handle, SIGINT, NULL, 0) != 0 && errno != ESRCH)
        snprintf(why, sizeof why, "process %d: %s", (int)holder->process, strerror(errno));
    else if (!wait_for_end(holder->handle, wait_s))
        snprintf(why, sizeof why, "process %d is still there after %d s", (int)holder->process, (int)wait_s);
    return why[0] ? fail(store, why) : EXIT_DONE;
}

static int stop(const char *store, uint64_t wait_s)
{
    struct holder holder;
    enum status status = find_holder(store, &holder);
    if (status == STATUS_NO_MEMORY)
        return present_status(status, store, NULL);
    if (status != STATUS_OK)
        return fail(store, strerror(errno));
    if (!holder.there) {
        fprintf(stderr, "auscult: no scan runs on %s\n", store);
        return EXIT_USAGE;
    }
    if (holder.process == STORE_LOCK_ELSEWHERE)
        return fail(store, "it runs in another PID namespace or on another machine; stop it there");
    if (holder.handle < 0)
        return fail(store, "another scan has just taken its place; try again");
    int code = stop_holder(store, &holder, wait_s);
    close(holder.handle);
    return code;
}

static int run(int argc, char **argv)
{
    static const struct option_row own[] = {{"--wait", 0, take_wait, 0}, {0}};
    static const struct options options = {
        .command = "stop", .help = help, .own = own, .wants = "want one store", .least = 1, .most = 1};
    uint64_t wait_s = WAIT_S;
    int code = options_read(&options, &wait_s, argc, argv);
    return code < 0 ? stop(argv[optind], wait_s) : code;
}

const struct command command_stop = {
    "stop",
    "STORE",
    "stop the scan that runs on a store; --resume goes on",
    "停止正在写入该存储的扫描，可用--resume继续",
    run,
};
