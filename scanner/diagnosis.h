#ifndef SCANNER_DIAGNOSIS_H
#define SCANNER_DIAGNOSIS_H

#include "scanner/device.h"
#include "targets/ranges.h"

/* Which engines could be had here and what they lack, as far as it can be known without sending anything. */

enum want {
    WANT_BUILD,      /* the engine is not in this build */
    WANT_RAW,        /* CAP_NET_RAW */
    WANT_ADMIN,      /* CAP_NET_ADMIN */
    WANT_BPF,        /* CAP_BPF */
    WANT_PERFMON,    /* CAP_PERFMON */
    WANT_PERMISSION, /* the capabilities are there, and bpf() is refused all the same */
    WANT_KERNEL,     /* the program does not load, or makes no live frames: Linux 5.18 */
    WANT_PORTS,      /* the kernel may give the cookie's ports to others */
    WANT_ROUTE,      /* no device leads to the scope */
    WANT_UP,         /* of a device, from here on: it is down */
    WANT_ETHERNET,   /* frames without an Ethernet header, or ourselves: the packet engine does those */
    WANT_TRANSMIT,   /* its driver takes no XDP frames */
    WANT_PEER,       /* a veth whose other end has neither XDP nor GRO */
    WANT_FREE,       /* another XDP program is attached */
    WANTS
};

/* Does a device take XDP frames? */
enum transmission {
    TRANSMISSION_UNTRIED, /* the kernel does not tell before Linux 6.3, some drivers not before a program is attached */
    TRANSMISSION_YES,
    TRANSMISSION_NO,
};

struct diagnosis_device {
    struct device_facts facts;
    char driver[32];
    unsigned queues;  /* pairs, 0: not known */
    unsigned program; /* the XDP program that is attached; 0: none */
    enum transmission transmission;
    unsigned wants; /* a bit for each */
};

#define DIAGNOSIS_DEVICES_MAX 32

struct diagnosis {
    char kernel[65];
    /* What the devices want is among them where it keeps the engine from a scope, or from all devices. */
    unsigned packet_wants, xdp_wants;
    bool to_be_tried; /* xdp_wants is empty as far as is known */
    struct diagnosis_device devices[DIAGNOSIS_DEVICES_MAX];
    size_t devices_count;
};

/* addresses: those of a scope, whose devices are looked at; NULL: all devices but the loopback. */
MUST_USE enum status diagnosis_make(struct diagnosis *diagnosis, const struct ranges *addresses);

#endif
