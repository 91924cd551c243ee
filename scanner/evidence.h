#ifndef SCANNER_EVIDENCE_H
#define SCANNER_EVIDENCE_H

#include <stdint.h>

#include "probes/cursor.h"
#include "targets/status.h"

/* The capture file of --pcap: what an engine sent and heard, whole, in nanoseconds. All of it is Ethernet: a packet
   of a device without that header gets an empty one. A file that is there already is added to, so that a resumed
   run keeps what it had. */
struct evidence;

/* STATUS_SYSTEM: why_out[WIRE_WHY_MAX] says what is wrong. */
MUST_USE enum status evidence_new(const char *path, struct evidence **evidence_out, char *why_out);
/* datalink: a DLT_ of libpcap. time_ns: since the epoch. What can't be written is told by evidence_flush. */
void evidence_add(struct evidence *evidence, int64_t time_ns, int datalink, struct span frame);
/* STATUS_SYSTEM: something could not be written (errno). */
MUST_USE enum status evidence_flush(struct evidence *evidence);
void evidence_free(struct evidence **evidence);

#endif
