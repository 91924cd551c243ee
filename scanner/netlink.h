#ifndef SCANNER_NETLINK_H
#define SCANNER_NETLINK_H

#include <libmnl/libmnl.h>

#include "targets/address.h"

/* Questions to the kernel about its links, routes and neighbours (rtnetlink(7)); none needs a privilege. */

struct netlink {
    struct mnl_socket *socket;
    unsigned sequence;
};

#define NETLINK_REQUEST_MAX 256

MUST_USE enum status netlink_init(struct netlink *netlink);
void netlink_deinit(struct netlink *netlink);
/* Sends the request and calls `told` for each message of the answer. STATUS_SYSTEM with the kernel's errno when it
   refuses, as it does where there is no route. */
MUST_USE enum status netlink_ask(struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t told,
                                 void *context);
/* An address attribute of the family; false when its size is another. */
bool netlink_address(const struct nlattr *attribute, int family, struct address *address_out);

#endif
