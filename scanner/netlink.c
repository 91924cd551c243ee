#include "scanner/netlink.h"

#include <endian.h>
#include <string.h>

#define ANSWER_MAX 32768 /* the kernel sends no larger message of a dump */

enum status netlink_init(struct netlink *netlink)
{
    *netlink = (struct netlink){.socket = mnl_socket_open(NETLINK_ROUTE)};
    if (!netlink->socket)
        return STATUS_SYSTEM;
    if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) == 0)
        return STATUS_OK;
    netlink_deinit(netlink);
    return STATUS_SYSTEM;
}

void netlink_deinit(struct netlink *netlink)
{
    if (netlink->socket)
        mnl_socket_close(netlink->socket);
    netlink->socket = NULL;
}

enum status netlink_ask(struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t told, void *context)
{
    _Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
    unsigned own = mnl_socket_get_portid(netlink->socket);
    request->nlmsg_seq = ++netlink->sequence;
    /* Without a dump the acknowledgement is the end of the answer. */
    request->nlmsg_flags |= NLM_F_REQUEST | ((request->nlmsg_flags & NLM_F_DUMP) ? 0 : NLM_F_ACK);
    if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
        return STATUS_SYSTEM;
    int more = MNL_CB_OK;
    while (more > MNL_CB_STOP) {
        ssize_t size = mnl_socket_recvfrom(netlink->socket, answer, sizeof answer);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return STATUS_SYSTEM;
        more = mnl_cb_run(answer, (size_t)size, request->nlmsg_seq, own, told, context);
    }
    return more < 0 ? STATUS_SYSTEM : STATUS_OK;
}

bool netlink_address(const struct nlattr *attribute, int family, struct address *address_out)
{
    const void *bytes = mnl_attr_get_payload(attribute);
    uint16_t size = mnl_attr_get_payload_len(attribute);
    if (family == AF_INET && size == 4) {
        uint32_t host;
        memcpy(&host, bytes, 4);
        *address_out = address_from_ipv4(be32toh(host));
        return true;
    }
    if (family != AF_INET6 || size != 16)
        return false;
    uint64_t words[2];
    memcpy(words, bytes, 16);
    *address_out = (struct address){be64toh(words[0]), be64toh(words[1])};
    return true;
}
