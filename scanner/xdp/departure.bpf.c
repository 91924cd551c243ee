#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <stdbool.h>

/* Counts what a device really took of the frames that a run handed to it: a driver's own answer (xdp_devmap_xmit),
   which BPF_PROG_RUN does not return. Loaded apart from the engine, because it needs the kernel's BTF and
   CAP_PERFMON, and the engine can do without. */

#define LOOPBACK    1 /* where the frames of BPF_PROG_RUN come from */
#define DEVICES_MAX 8

struct ns_common {
    unsigned inum;
} __attribute__((preserve_access_index));

struct net {
    struct ns_common ns;
} __attribute__((preserve_access_index));

struct net_device {
    int ifindex;
    struct {
        struct net *net;
    } nd_net;
} __attribute__((preserve_access_index));

const volatile unsigned network = 0; /* the inode of the network namespace */
int devices[DEVICES_MAX];
__u64 taken;
__u64 dropped;

static __always_inline bool is_ours(int ifindex)
{
    for (int i = 0; i < DEVICES_MAX; i++)
        if (devices[i] == ifindex)
            return true;
    return false;
}

/* from, to, sent, drops, error */
SEC("tp_btf/xdp_devmap_xmit")
int departure(const __u64 *arguments)
{
    const struct net_device *from = (const void *)arguments[0], *to = (const void *)arguments[1];
    if (from->ifindex != LOOPBACK || to->nd_net.net->ns.inum != network || !is_ours(to->ifindex))
        return 0;
    __sync_fetch_and_add(&taken, (int)arguments[2]);
    if (arguments[3])
        __sync_fetch_and_add(&dropped, (int)arguments[3]);
    return 0;
}

/* A frame that only says whether any leaves at all: the user gives it whole, and no host takes it. */
int first_device;

SEC("xdp")
int first(struct xdp_md *context)
{
    (void)context;
    return (int)bpf_redirect(first_device, 0);
}

/* The kernel shows its structs to nobody else; this file may be used under either, besides the project's licence. */
char licence[] SEC("license") = "Dual MIT/GPL";
