#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* A bare loop of live frames: counts, and sends what it was given. */

#define LOOPBACK 1

struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} devices SEC(".maps");

__u64 frames;

SEC("xdp")
int live(struct xdp_md *context)
{
    if (context->ingress_ifindex != LOOPBACK)
        return XDP_PASS;
    frames++;
    return (int)bpf_redirect_map(&devices, 0, 0);
}

char licence[] SEC("license") = "Apache-2.0";
