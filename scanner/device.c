#include "scanner/device.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/cookie.h"
#include "scanner/syn.h"

#define RING_SIZE     (16 << 20) /* some 80 000 answers; its pages count as the program's own memory */
#define RETIRE_MS     5          /* until a block that is not full is handed over */
#define SEND_BUFFER   (4 << 20)
#define CAPTURE_WORDS 1024

struct device {
    struct device_facts facts;
    int socket, socket6; /* the second of DEVICE_LOOPBACK only, else -1 */
    pcap_t *capture;
    uint64_t refused; /* frames for which the device had no room, which it counts as dropped */
    uint64_t stopped; /* frames to our own addresses that the kernel let nowhere: a firewall's doing */
};

static int read_link(const struct nlattr *attribute, void *context)
{
    struct device_facts *facts = context;
    struct rtnl_link_stats64 counted;
    size_t size = mnl_attr_get_payload_len(attribute);
    switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
        snprintf(facts->name, sizeof facts->name, "%.*s", (int)size, mnl_attr_get_str(attribute));
        break;
    case IFLA_ADDRESS:
        if (size == sizeof facts->hardware)
            memcpy(facts->hardware, mnl_attr_get_payload(attribute), size);
        break;
    case IFLA_MTU:
        facts->mtu = size == 4 ? mnl_attr_get_u32(attribute) : 0;
        break;
    case IFLA_STATS64:
        memset(&counted, 0, sizeof counted);
        memcpy(&counted, mnl_attr_get_payload(attribute), size < sizeof counted ? size : sizeof counted);
        facts->tx_dropped = counted.tx_dropped + counted.tx_errors;
        facts->rx_dropped = counted.rx_missed_errors + counted.rx_over_errors + counted.rx_fifo_errors;
        break;
    }
    return MNL_CB_OK;
}

static int read_device(const struct nlmsghdr *message, void *context)
{
    struct device_facts *facts = context;
    const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
    facts->kind = header->ifi_type == ARPHRD_ETHER      ? DEVICE_ETHERNET
                  : header->ifi_type == ARPHRD_LOOPBACK ? DEVICE_LOOPBACK
                                                        : DEVICE_BARE;
    facts->is_up = header->ifi_flags & IFF_UP;
    facts->resolves = facts->kind == DEVICE_ETHERNET && !(header->ifi_flags & IFF_NOARP);
    return mnl_attr_parse(message, sizeof *header, read_link, facts);
}

enum status device_facts_read(struct netlink *netlink, unsigned index, struct device_facts *facts_out)
{
    _Alignas(struct nlmsghdr) char request[NETLINK_REQUEST_MAX] = {0};
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    header->nlmsg_type = RTM_GETLINK;
    struct ifinfomsg *asked = mnl_nlmsg_put_extra_header(header, sizeof *asked);
    asked->ifi_index = (int)index;
    *facts_out = (struct device_facts){.index = index};
    return netlink_ask(netlink, header, read_device, facts_out);
}

static enum status refuse(char *why_out, const struct device *device, const char *what)
{
    int error = errno;
    if (error == EPERM || error == EACCES)
        snprintf(why_out, WIRE_WHY_MAX,
                 "%s on %s needs a privilege (CAP_NET_RAW); run as root, in the group of auscult's file, or "
                 "once: setcap cap_net_raw+ep auscult",
                 what, device->facts.name);
    else
        snprintf(why_out, WIRE_WHY_MAX, "%s on %s: %s", what, device->facts.name, strerror(error));
    errno = error;
    return STATUS_SYSTEM;
}

static enum status open_packet(struct device *device, char *why_out)
{
    int one = 1, buffer = SEND_BUFFER;
    bool bare = device->facts.kind == DEVICE_BARE;
    device->socket = socket(AF_PACKET, (bare ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (device->socket < 0)
        return refuse(why_out, device, "sending frames");
    struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_ifindex = (int)device->facts.index};
    if (bind(device->socket, (struct sockaddr *)&own, sizeof own) < 0)
        return refuse(why_out, device, "sending frames");
    if (setsockopt(device->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) < 0)
        return refuse(why_out, device, "passing the queueing discipline by");
    /* The first may ask for more than the second; without either it goes slower and no worse. */
    if (setsockopt(device->socket, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer) < 0)
        (void)setsockopt(device->socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    return STATUS_OK;
}

static enum status open_raw_ip(struct device *device, char *why_out)
{
    device->socket = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
    if (device->socket < 0)
        return refuse(why_out, device, "sending packets");
    device->socket6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
    if (device->socket6 < 0 && errno != EAFNOSUPPORT)
        return refuse(why_out, device, "sending packets");
    return STATUS_OK;
}

/* The answers, and nothing else of what comes: to our ports a SYN-ACK, a reset, or an ICMP error that quotes a SYN
   from one of them; on an Ethernet also who has which address, told to us alone. Offsets: 13 the flags of TCP; 53 those after an
   IPv6 header; 28 and 88 the source port of what ICMP and ICMPv6 quote. */
static void write_filter(const struct device *device, char words[CAPTURE_WORDS])
{
    const int first = COOKIE_PORT_FIRST, last = COOKIE_PORT_FIRST + COOKIE_PORTS - 1;
    const uint8_t *own = device->facts.hardware;
    char neighbours[200] = "";
    if (device->facts.resolves)
        snprintf(
            neighbours, sizeof neighbours,
            " or (arp and arp[6:2] = 2 and arp[18:4] = 0x%02x%02x%02x%02x and arp[22:2] = 0x%02x%02x) or "
            "(ip6 and "
            "ip6[6] = 58 and ip6[7] = 255 and ip6[40] = 136 and ether dst %02x:%02x:%02x:%02x:%02x:%02x)",
            own[0], own[1], own[2], own[3], own[4], own[5], own[0], own[1], own[2], own[3], own[4], own[5]);
    snprintf(
        words, CAPTURE_WORDS,
        "(ip and tcp dst portrange %d-%d and (tcp[13] & 0x12 = 0x12 or tcp[13] & 4 != 0)) or "
        "(icmp and (icmp[0] = 3 or icmp[0] = 11) and icmp[17] = 6 and icmp[28:2] >= %d and icmp[28:2] <= %d)"
        " or (ip6 and ip6[6] = 6 and ip6[42:2] >= %d and ip6[42:2] <= %d and "
        "(ip6[53] & 0x12 = 0x12 or ip6[53] & 4 != 0)) or "
        "(ip6 and ip6[6] = 58 and (ip6[40] = 1 or ip6[40] = 3) and ip6[54] = 6 and ip6[88:2] >= %d and "
        "ip6[88:2] <= %d)%s",
        first, last, first, last, first, last, first, last, neighbours);
}

static enum status refuse_capture(char *why_out, const struct device *device, const char *words)
{
    if (errno == EPERM || errno == EACCES)
        return refuse(why_out, device, "capturing");
    snprintf(why_out, WIRE_WHY_MAX, "capturing on %s: %.180s", device->facts.name, words);
    return STATUS_SYSTEM;
}

static enum status filter(struct device *device, char *why_out)
{
    char words[CAPTURE_WORDS];
    struct bpf_program program;
    write_filter(device, words);
    if (pcap_compile(device->capture, &program, words, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return refuse_capture(why_out, device, pcap_geterr(device->capture));
    bool done = pcap_setfilter(device->capture, &program) == 0;
    pcap_freecode(&program);
    return done ? STATUS_OK : refuse_capture(why_out, device, pcap_geterr(device->capture));
}

static enum status open_capture(struct device *device, int capture_size, char *why_out)
{
    char words[PCAP_ERRBUF_SIZE];
    device->capture = pcap_create(device->facts.name, words);
    if (!device->capture)
        return refuse_capture(why_out, device, words);
    /* Not immediate mode: its ring has a whole frame of room for each packet and so holds few. */
    pcap_set_snaplen(device->capture, capture_size);
    pcap_set_promisc(device->capture, 0);
    pcap_set_timeout(device->capture, RETIRE_MS);
    pcap_set_buffer_size(device->capture, RING_SIZE);
    pcap_set_tstamp_precision(device->capture, PCAP_TSTAMP_PRECISION_NANO);
    int code = pcap_activate(device->capture);
    if (code == PCAP_ERROR_PERM_DENIED)
        errno = EPERM;
    if (code < 0)
        return refuse_capture(why_out, device, pcap_geterr(device->capture));
    if (pcap_setdirection(device->capture, PCAP_D_IN) != 0 ||
        pcap_setnonblock(device->capture, 1, words) != 0)
        return refuse_capture(why_out, device, pcap_geterr(device->capture));
    return filter(device, why_out);
}

enum status device_new(const struct device_facts *facts, int capture_size, struct device **device_out,
                       char *why_out)
{
    struct device *device = calloc(1, sizeof *device);
    *device_out = device;
    if (!device)
        return STATUS_NO_MEMORY;
    *device = (struct device){.facts = *facts, .socket = -1, .socket6 = -1};
    if (!facts->is_up) {
        snprintf(why_out, WIRE_WHY_MAX, "the interface %s is down; ip link set %s up", facts->name,
                 facts->name);
        device_free(device_out);
        return STATUS_SYSTEM;
    }
    enum status status =
        facts->kind == DEVICE_LOOPBACK ? open_raw_ip(device, why_out) : open_packet(device, why_out);
    if (status == STATUS_OK)
        status = open_capture(device, capture_size, why_out);
    if (status != STATUS_OK)
        device_free(device_out);
    return status;
}

void device_free(struct device **device)
{
    int error = errno;
    if (!*device)
        return;
    if ((*device)->capture)
        pcap_close((*device)->capture);
    if ((*device)->socket >= 0)
        close((*device)->socket);
    if ((*device)->socket6 >= 0)
        close((*device)->socket6);
    free(*device);
    *device = NULL;
    errno = error;
}

const struct device_facts *device_facts(const struct device *device)
{
    return &device->facts;
}

/* Frames made ready for sendmmsg. */
struct batch {
    struct mmsghdr messages[DEVICE_BATCH_MAX];
    struct iovec parts[DEVICE_BATCH_MAX];
    struct sockaddr_storage to[DEVICE_BATCH_MAX];
};

/* Where the socket does not know it by itself. */
static socklen_t write_destination(const struct device *device, const struct device_frame *frame,
                                   struct sockaddr_storage *to)
{
    if (device->facts.kind == DEVICE_BARE) {
        struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_ifindex = (int)device->facts.index};
        own.sll_protocol = htons(frame->ipv6 ? 0x86dd : 0x0800);
        memcpy(to, &own, sizeof own);
        return sizeof own;
    }
    const uint8_t *ip = frame->bytes + SYN_LINK_SIZE;
    if (frame->ipv6) {
        struct sockaddr_in6 target = {.sin6_family = AF_INET6};
        memcpy(&target.sin6_addr, ip + 24, 16);
        memcpy(to, &target, sizeof target);
        return sizeof target;
    }
    struct sockaddr_in target = {.sin_family = AF_INET};
    memcpy(&target.sin_addr, ip + 16, 4);
    memcpy(to, &target, sizeof target);
    return sizeof target;
}

static void prepare(const struct device *device, const struct device_frame *frames, size_t count,
                    struct batch *batch)
{
    bool whole = device->facts.kind == DEVICE_ETHERNET;
    size_t link = whole ? 0 : SYN_LINK_SIZE;
    for (size_t i = 0; i < count; i++) {
        /* sendmsg does not write through it. */
        batch->parts[i].iov_base = (void *)(uintptr_t)(frames[i].bytes + link);
        batch->parts[i].iov_len = frames[i].size - link;
        struct msghdr *head = &batch->messages[i].msg_hdr;
        *head = (struct msghdr){.msg_iov = &batch->parts[i], .msg_iovlen = 1};
        if (whole)
            continue;
        head->msg_namelen = write_destination(device, &frames[i], &batch->to[i]);
        head->msg_name = &batch->to[i];
    }
}

static bool has_no_room(int error)
{
    return error == ENOBUFS || error == EAGAIN || error == ENOMEM;
}

static bool is_stopped(const struct device *device, int error)
{
    return device->facts.kind == DEVICE_LOOPBACK && (error == EPERM || error == EACCES || error == EINVAL ||
                                                     error == EHOSTUNREACH || error == ENETUNREACH);
}

/* How many of the first frames can go to the same socket. */
static size_t run_length(const struct device *device, const struct device_frame *frames, size_t count)
{
    size_t length = 1;
    if (device->facts.kind != DEVICE_LOOPBACK)
        return count;
    while (length < count && frames[length].ipv6 == frames[0].ipv6)
        length++;
    return length;
}

/* Why a call ended before the last of its frames, the system says at the next call only, which begins with the same
   frame. One that the device refuses (ENOBUFS) it counts as dropped, each time; the socket's own limit (EAGAIN) it
   does not come to know. */
enum status device_send(struct device *device, const struct device_frame *frames, size_t count,
                        size_t *taken_out)
{
    struct batch batch;
    bool was_cut = false;
    *taken_out = 0;
    prepare(device, frames, count, &batch);
    while (*taken_out < count) {
        size_t at = *taken_out, run = run_length(device, frames + at, count - at);
        int socket = frames[at].ipv6 && device->socket6 >= 0 ? device->socket6 : device->socket;
        int taken = sendmmsg(socket, batch.messages + at, (unsigned)run, 0);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0 && is_stopped(device, errno)) {
            device->stopped++;
            run = 1;
            taken = 1;
        }
        if (taken < 0 && !has_no_room(errno))
            return STATUS_SYSTEM;
        if (taken < 0) {
            device->refused += errno == ENOBUFS ? 1 + was_cut : 0;
            return STATUS_OK;
        }
        device->refused += was_cut;
        was_cut = (size_t)taken < run;
        *taken_out += (size_t)taken;
    }
    return STATUS_OK;
}

/* What pcap_dispatch hands on. */
struct hearing {
    struct device *device;
    void (*heard)(void *context, struct device *device, int64_t time_ns, struct span frame);
    void *context;
};

static void hand_over(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct hearing *hearing = (struct hearing *)(void *)user;
    int64_t time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
    hearing->heard(hearing->context, hearing->device, time_ns, (struct span){bytes, header->caplen});
}

enum status device_hear(struct device *device, size_t most,
                        void (*heard)(void *context, struct device *device, int64_t time_ns,
                                      struct span frame),
                        void *context, size_t *heard_out)
{
    struct hearing hearing = {device, heard, context};
    int count = pcap_dispatch(device->capture, (int)most, hand_over, (u_char *)&hearing);
    *heard_out = count > 0 ? (size_t)count : 0;
    if (count >= 0)
        return STATUS_OK;
    errno = ENETDOWN; /* libpcap says it in words only: the interface disappeared */
    return STATUS_SYSTEM;
}

int device_datalink(const struct device *device)
{
    return pcap_datalink(device->capture);
}

int device_descriptor(const struct device *device)
{
    return pcap_get_selectable_fd(device->capture);
}

void device_losses(struct device *device, struct netlink *netlink, uint64_t *lost_out_out,
                   uint64_t *lost_in_out)
{
    struct device_facts now;
    struct pcap_stat captured;
    *lost_out_out = *lost_in_out = 0;
    if (device_facts_read(netlink, device->facts.index, &now) != STATUS_OK)
        return;
    uint64_t dropped = now.tx_dropped - device->facts.tx_dropped;
    *lost_out_out = device->stopped + (dropped > device->refused ? dropped - device->refused : 0);
    *lost_in_out = now.rx_dropped - device->facts.rx_dropped;
    if (pcap_stats(device->capture, &captured) == 0)
        *lost_in_out += captured.ps_drop;
}
