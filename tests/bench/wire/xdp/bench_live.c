#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <live.skel.h>

/* bench_live DEVICE COUNT: so many live frames of a SYN's size, as fast as a program goes that only counts them. */

#define CALL  4096
#define BATCH 64
#define SIZE  74

int main(int argc, char **argv)
{
    unsigned device = argc == 3 ? if_nametoindex(argv[1]) : 0, place = 0;
    struct live_bpf *program = device ? live_bpf__open_and_load() : NULL;
    if (!program) {
        fputs("usage: bench_live DEVICE COUNT, as root\n", stderr);
        return 2;
    }
    int handle = bpf_program__fd(program->progs.live);
    /* Attached where it sends, so that the kernel's dispatcher has it already. */
    struct bpf_link_create_opts native = {.sz = sizeof native, .flags = XDP_FLAGS_DRV_MODE};
    int link = bpf_link_create(handle, (int)device, BPF_XDP, &native);
    int error = link < 0 ? link : bpf_map_update_elem(bpf_map__fd(program->maps.devices), &place, &device, 0);
    uint8_t frame[SIZE] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 8};
    struct bpf_test_run_opts options = {.sz = sizeof options,
                                        .data_in = frame,
                                        .data_size_in = sizeof frame,
                                        .repeat = CALL,
                                        .batch_size = BATCH,
                                        .flags = BPF_F_TEST_XDP_LIVE_FRAMES};
    for (uint64_t left = strtoull(argv[2], NULL, 10); error == 0 && left >= CALL; left -= CALL)
        error = bpf_prog_test_run_opts(handle, &options);
    if (error)
        fprintf(stderr, "bench_live: %s\n", strerror(-error));
    live_bpf__destroy(program);
    return error != 0;
}
