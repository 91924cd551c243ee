#include "scanner/sockets.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define IN_FLIGHT_MAX 32768
#define TALKING_MAX   512

static size_t less(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A quarter is left for what is being closed and for files. */
struct sockets sockets_share(void)
{
    struct rlimit limit = {256, 256};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    size_t quarter = (size_t)limit.rlim_cur / 4 + 1;
    return (struct sockets){less(2 * quarter, IN_FLIGHT_MAX), less(quarter, TALKING_MAX)};
}

void sockets_reserve(const struct sockets *sockets, int file)
{
    int high = fcntl(file, F_DUPFD_CLOEXEC, (int)(sockets->in_flight + sockets->in_flight / 2));
    if (high >= 0)
        close(high);
}
