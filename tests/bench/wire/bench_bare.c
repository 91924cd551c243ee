#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "scanner/clock.h"
#include "targets/authorization.h"

/* The limit that the packet engine is measured against: one thread that sends the same 74 bytes by sendmmsg, past the
   queueing discipline, in batches as long as the engine's, and does nothing else. */

#define FRAME_SIZE 74

static int open_socket(const char *device)
{
    int one = 1, buffer = 4 << 20;
    int sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device)};
    if (sender < 0 || bind(sender, (struct sockaddr *)&own, sizeof own) != 0 ||
        setsockopt(sender, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) != 0 ||
        setsockopt(sender, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer) != 0) {
        perror("bench_bare");
        exit(2);
    }
    return sender;
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    static uint8_t frame[FRAME_SIZE] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 60};
    static struct iovec part = {frame, FRAME_SIZE};
    static struct mmsghdr messages[PERMITS_MAX];
    if (argc != 3) {
        fputs("usage: bench_bare DEVICE COUNT\n", stderr);
        return 2;
    }
    int sender = open_socket(argv[1]);
    unsigned long count = strtoul(argv[2], NULL, 10), sent = 0;
    for (size_t i = 0; i < PERMITS_MAX; i++)
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
    double cpu_s = cpu_seconds();
    int64_t begun_ns = clock_monotonic_ns();
    while (sent < count) {
        int taken = sendmmsg(sender, messages, PERMITS_MAX, 0);
        if (taken > 0)
            sent += (unsigned long)taken;
    }
    printf("probes %lu seconds %.6f cpu %.6f\n", sent, (double)(clock_monotonic_ns() - begun_ns) / 1e9,
           cpu_seconds() - cpu_s);
    return 0;
}
