#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Loaded before the C library, moves what a process takes for the time of day by SHIFT_CLOCK_S seconds: so that a
   test need not wait for an hour to end. */

int clock_gettime(clockid_t clock, struct timespec *time)
{
    const char *shift = getenv("SHIFT_CLOCK_S");
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && shift)
        time->tv_sec += atol(shift);
    return result;
}
