#include <stdbool.h>
#include <stddef.h>

#include "scanner/xdp/transmit.h"

#include "scanner/xdp/receive.h"

char licence[] SEC("license") = "Apache-2.0";

#define LOOPBACK 1 /* the device that BPF_PROG_RUN gives its frames; nobody attaches the program there */

/* Both directions in one program: as it is attached to the device, the kernel's dispatcher knows it already, and a
   run of more than one frame does not wait tens of milliseconds for a change of the dispatcher
   (bpf_dispatcher_change_prog). */
SEC("xdp")
int wire(struct xdp_md *context)
{
    return context->ingress_ifindex == LOOPBACK ? transmit(context) : receive(context);
}
