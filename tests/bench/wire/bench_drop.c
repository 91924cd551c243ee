#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Drops whatever comes to a device, in its driver, until it is ended: the far end of a wire that only sending is to be
   measured on. Prints "ready" when it does. */

static long bpf(int command, union bpf_attr *attr)
{
    return syscall(SYS_bpf, command, attr, sizeof *attr);
}

/* r0 = XDP_DROP; exit */
static long load(void)
{
    static const struct bpf_insn program[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP},
                                              {.code = BPF_JMP | BPF_EXIT}};
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.prog_type = BPF_PROG_TYPE_XDP;
    attr.insns = (__u64)(unsigned long)program;
    attr.insn_cnt = 2;
    attr.license = (__u64)(unsigned long)"MIT";
    return bpf(BPF_PROG_LOAD, &attr);
}

static long attach(long program, const char *device)
{
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.link_create.prog_fd = (__u32)program;
    attr.link_create.target_ifindex = if_nametoindex(device);
    attr.link_create.attach_type = BPF_XDP;
    attr.link_create.flags = XDP_FLAGS_DRV_MODE;
    return bpf(BPF_LINK_CREATE, &attr);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: bench_drop DEVICE\n", stderr);
        return 2;
    }
    long program = load();
    if (program < 0 || attach(program, argv[1]) < 0) {
        fprintf(stderr, "bench_drop: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }
    puts("ready");
    fflush(stdout);
    pause();
    return 0;
}
