#include "scanner/diagnosis.h"

#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "scanner/local_ports.h"
#include "scanner/route.h"
#include "scanner/wire.h"

/* Of the generic netlink family "netdev" (Linux 6.3), which older headers do not name. */
#define NETDEV_GET       1
#define NETDEV_IFINDEX   1
#define NETDEV_FEATURES  3
#define FEATURE_BASIC    1
#define FEATURE_TRANSMIT 4

static unsigned bit(enum want want)
{
    return 1U << want;
}

static bool is_capable(const struct __user_cap_data_struct own[2], unsigned capability)
{
    return own[capability / 32].effective >> capability % 32 & 1;
}

static unsigned missing_capabilities(void)
{
    static const struct {
        unsigned capability;
        enum want want;
    } needed[] = {{CAP_NET_RAW, WANT_RAW},
                  {CAP_NET_ADMIN, WANT_ADMIN},
                  {CAP_BPF, WANT_BPF},
                  {CAP_PERFMON, WANT_PERFMON}};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct own[2] = {{0}};
    unsigned wants = 0;
    (void)syscall(SYS_capget, &header, own);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        /* CAP_SYS_ADMIN has the two younger ones in it. */
        if (!is_capable(own, needed[i].capability) &&
            !(needed[i].capability >= CAP_PERFMON && is_capable(own, CAP_SYS_ADMIN)))
            wants |= bit(needed[i].want);
    return wants;
}

static void look_at_engines(struct diagnosis *diagnosis)
{
    struct utsname system;
    char why[WIRE_WHY_MAX];
    unsigned missing = missing_capabilities();
    snprintf(diagnosis->kernel, sizeof diagnosis->kernel, "%s", uname(&system) == 0 ? system.release : "?");
    unsigned ports = local_ports_check(why) == STATUS_OK ? 0 : bit(WANT_PORTS);
    diagnosis->packet_wants = (missing & bit(WANT_RAW)) | ports;
    diagnosis->xdp_wants = missing | ports;
    enum status status = wire_xdp_try();
    if (status == STATUS_LIMIT)
        diagnosis->xdp_wants |= bit(WANT_BUILD);
    else if (status != STATUS_OK && !missing)
        diagnosis->xdp_wants |= errno == EPERM || errno == EACCES ? bit(WANT_PERMISSION) : bit(WANT_KERNEL);
}

static bool ask_ethtool(const char *name, void *question)
{
    struct ifreq request = {.ifr_data = question};
    int handle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    bool told = handle >= 0 && ioctl(handle, SIOCETHTOOL, &request) == 0;
    if (handle >= 0)
        close(handle);
    return told;
}

static void look_at_driver(struct diagnosis_device *device)
{
    struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
    struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
    if (ask_ethtool(device->facts.name, &driver))
        snprintf(device->driver, sizeof device->driver, "%.31s", driver.driver);
    if (ask_ethtool(device->facts.name, &channels))
        device->queues = channels.combined_count ? channels.combined_count : channels.tx_count;
}

static int note_program(const struct nlattr *attribute, void *context)
{
    if (mnl_attr_get_type(attribute) == IFLA_XDP_PROG_ID)
        *(unsigned *)context = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int note_link(const struct nlattr *attribute, void *context)
{
    return mnl_attr_get_type(attribute) == IFLA_XDP ? mnl_attr_parse_nested(attribute, note_program, context)
                                                    : MNL_CB_OK;
}

static int told_program(const struct nlmsghdr *message, void *context)
{
    return mnl_attr_parse(message, sizeof(struct ifinfomsg), note_link, context);
}

static enum status look_at_program(struct netlink *netlink, struct diagnosis_device *device)
{
    _Alignas(struct nlmsghdr) char room[NETLINK_REQUEST_MAX];
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    request->nlmsg_type = RTM_GETLINK;
    struct ifinfomsg *link = mnl_nlmsg_put_extra_header(request, sizeof *link);
    link->ifi_index = (int)device->facts.index;
    return netlink_ask(netlink, request, told_program, &device->program);
}

static int note_family(const struct nlattr *attribute, void *context)
{
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
        *(uint16_t *)context = mnl_attr_get_u16(attribute);
    return MNL_CB_OK;
}

static int told_family(const struct nlmsghdr *message, void *context)
{
    return mnl_attr_parse(message, sizeof(struct genlmsghdr), note_family, context);
}

static int note_features(const struct nlattr *attribute, void *context)
{
    struct diagnosis_device *device = context;
    if (mnl_attr_get_type(attribute) != NETDEV_FEATURES)
        return MNL_CB_OK;
    uint64_t features = mnl_attr_get_u64(attribute);
    bool sure = !(features & FEATURE_BASIC) || strcmp(device->driver, "veth") == 0;
    device->transmission = features & FEATURE_TRANSMIT ? TRANSMISSION_YES
                           : sure                      ? TRANSMISSION_NO
                                                       : TRANSMISSION_UNTRIED;
    return MNL_CB_OK;
}

static int told_features(const struct nlmsghdr *message, void *context)
{
    return mnl_attr_parse(message, sizeof(struct genlmsghdr), note_features, context);
}

static struct nlmsghdr *generic_request(char *room, uint16_t family, uint8_t command)
{
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    request->nlmsg_type = family;
    struct genlmsghdr *generic = mnl_nlmsg_put_extra_header(request, sizeof *generic);
    generic->cmd = command;
    generic->version = 1;
    return request;
}

/* Where the kernel does not tell, they stay unknown. */
static void look_at_features(struct diagnosis_device *device)
{
    _Alignas(struct nlmsghdr) char room[NETLINK_REQUEST_MAX];
    struct netlink netlink = {.socket = mnl_socket_open(NETLINK_GENERIC)};
    uint16_t family = 0;
    if (netlink.socket && mnl_socket_bind(netlink.socket, 0, MNL_SOCKET_AUTOPID) == 0) {
        struct nlmsghdr *request = generic_request(room, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
        mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, "netdev");
        enum status status = netlink_ask(&netlink, request, told_family, &family);
        request = generic_request(room, family, NETDEV_GET);
        mnl_attr_put_u32(request, NETDEV_IFINDEX, device->facts.index);
        if (status == STATUS_OK && family)
            status = netlink_ask(&netlink, request, told_features, device);
    }
    netlink_deinit(&netlink);
}

static unsigned wants_of(const struct diagnosis_device *device)
{
    unsigned wants = device->facts.is_up ? 0 : bit(WANT_UP);
    if (device->facts.kind != DEVICE_ETHERNET)
        return wants | bit(WANT_ETHERNET);
    if (device->program)
        wants |= bit(WANT_FREE);
    if (device->transmission == TRANSMISSION_NO)
        wants |= strcmp(device->driver, "veth") == 0 ? bit(WANT_PEER) : bit(WANT_TRANSMIT);
    return wants;
}

static enum status add_device(struct diagnosis *diagnosis, struct netlink *netlink, unsigned index)
{
    for (size_t i = 0; i < diagnosis->devices_count; i++)
        if (diagnosis->devices[i].facts.index == index)
            return STATUS_OK;
    if (diagnosis->devices_count == DIAGNOSIS_DEVICES_MAX)
        return STATUS_OK;
    struct diagnosis_device *device = &diagnosis->devices[diagnosis->devices_count];
    enum status status = device_facts_read(netlink, index, &device->facts);
    if (status == STATUS_OK)
        status = look_at_program(netlink, device);
    if (status != STATUS_OK)
        return status;
    look_at_driver(device);
    look_at_features(device);
    device->wants = wants_of(device);
    diagnosis->devices_count++;
    return STATUS_OK;
}

static enum status add_devices_to(struct diagnosis *diagnosis, struct netlink *netlink,
                                  const struct ranges *addresses)
{
    struct routes routes;
    enum status status = routes_init(&routes, netlink, addresses);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < routes.count && status == STATUS_OK; i++)
        if (routes.items[i].kind != ROUTE_NONE)
            status = add_device(diagnosis, netlink, routes.items[i].device);
    routes_deinit(&routes);
    return status;
}

static enum status add_all_devices(struct diagnosis *diagnosis, struct netlink *netlink)
{
    struct if_nameindex *all = if_nameindex();
    enum status status = all ? STATUS_OK : STATUS_SYSTEM;
    for (size_t i = 0; all && all[i].if_index && status == STATUS_OK; i++)
        status = add_device(diagnosis, netlink, all[i].if_index);
    if_freenameindex(all);
    return status;
}

/* For a scope all Ethernet devices on its ways must do; otherwise one is enough to say that the engine can be had. */
static void sum_up(struct diagnosis *diagnosis, bool all)
{
    unsigned ethernet = 0, wants = 0, packet_wants = bit(WANT_UP);
    bool one_does = false;
    for (size_t i = 0; i < diagnosis->devices_count; i++) {
        const struct diagnosis_device *device = &diagnosis->devices[i];
        packet_wants &= device->wants;
        if (device->wants & bit(WANT_ETHERNET))
            continue;
        ethernet++;
        wants |= device->wants;
        one_does |= device->wants == 0;
        diagnosis->to_be_tried |= device->transmission == TRANSMISSION_UNTRIED;
    }
    if (all || !one_does)
        diagnosis->xdp_wants |= wants;
    if (diagnosis->devices_count == 0)
        packet_wants = bit(WANT_ROUTE);
    if (ethernet == 0)
        diagnosis->xdp_wants |= diagnosis->devices_count ? bit(WANT_ETHERNET) : bit(WANT_ROUTE);
    diagnosis->packet_wants |= packet_wants;
}

enum status diagnosis_make(struct diagnosis *diagnosis, const struct ranges *addresses)
{
    struct netlink netlink;
    memset(diagnosis, 0, sizeof *diagnosis);
    look_at_engines(diagnosis);
    enum status status = netlink_init(&netlink);
    if (status != STATUS_OK)
        return status;
    status =
        addresses ? add_devices_to(diagnosis, &netlink, addresses) : add_all_devices(diagnosis, &netlink);
    netlink_deinit(&netlink);
    if (status == STATUS_OK)
        sum_up(diagnosis, addresses != NULL);
    return status;
}
