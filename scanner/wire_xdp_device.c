#include <bpf/bpf.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scanner/wire_xdp.h"

/* By a link, which goes with its last descriptor: on any end of the process nothing stays attached. */
static int attach(int program, int ifindex, uint32_t flags)
{
    struct bpf_link_create_opts options = {.sz = sizeof options, .flags = flags};
    return bpf_link_create(program, ifindex, BPF_XDP, &options);
}

enum status xdp_device_attach(struct xdp_device *device, int ifindex, int program, char *why_out)
{
    *device = (struct xdp_device){.ifindex = ifindex, .native = true};
    if (!if_indextoname((unsigned)ifindex, device->name))
        snprintf(device->name, sizeof device->name, "%d", ifindex);
    device->link = attach(program, ifindex, XDP_FLAGS_DRV_MODE);
    if (device->link < 0 && errno != EBUSY && errno != EEXIST) {
        device->native = false;
        device->link = attach(program, ifindex, XDP_FLAGS_SKB_MODE);
    }
    if (device->link < 0) {
        bool taken = errno == EBUSY || errno == EEXIST;
        snprintf(why_out, WIRE_WHY_MAX, "the program can't be attached to %s: %s; %s", device->name,
                 taken ? "another XDP program is there" : strerror(errno),
                 taken ? "it stays where it is, detach it if it is not needed (ip link set dev NAME xdp off)"
                       : "the packet engine needs no XDP");
        return STATUS_SYSTEM;
    }
    if (xdp_device_look(ifindex, &device->transmitted, device->hardware))
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX, "%s has no counters", device->name);
    xdp_device_detach(device);
    errno = ENODEV;
    return STATUS_SYSTEM;
}

void xdp_device_detach(struct xdp_device *device)
{
    if (device->link >= 0)
        close(device->link);
    device->link = -1;
}

bool xdp_device_look(int ifindex, uint32_t *packets_out, uint8_t hardware_out[6])
{
    struct ifaddrs *all, *at;
    bool found = false;
    if (getifaddrs(&all) != 0)
        return false;
    for (at = all; at && !found; at = at->ifa_next) {
        if (!at->ifa_addr || at->ifa_addr->sa_family != AF_PACKET || !at->ifa_data)
            continue;
        struct sockaddr_ll link;
        struct rtnl_link_stats counted;
        memcpy(&link, at->ifa_addr, sizeof link);
        memcpy(&counted, at->ifa_data, sizeof counted);
        found = link.sll_ifindex == ifindex;
        if (found) {
            *packets_out = counted.tx_packets;
            memcpy(hardware_out, link.sll_addr, 6);
        }
    }
    freeifaddrs(all);
    return found;
}
