#include "scanner/evidence.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/wire.h"

#define LINK_SIZE 14
#define FRAME_MAX 65535

struct evidence {
    pcap_t *format;
    pcap_dumper_t *file;
    int error;                            /* the first that writing met */
    uint8_t frame[LINK_SIZE + FRAME_MAX]; /* of a packet without its own Ethernet header */
};

static bool is_begun(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0;
}

enum status evidence_new(const char *path, struct evidence **evidence_out, char *why_out)
{
    struct evidence *evidence = calloc(1, sizeof *evidence);
    *evidence_out = evidence;
    if (!evidence)
        return STATUS_NO_MEMORY;
    evidence->format =
        pcap_open_dead_with_tstamp_precision(DLT_EN10MB, LINK_SIZE + FRAME_MAX, PCAP_TSTAMP_PRECISION_NANO);
    if (evidence->format)
        evidence->file = is_begun(path) ? pcap_dump_open_append(evidence->format, path)
                                        : pcap_dump_open(evidence->format, path);
    if (evidence->file)
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX, "--pcap: %.200s",
             evidence->format ? pcap_geterr(evidence->format) : "out of memory");
    evidence_free(evidence_out);
    return STATUS_SYSTEM;
}

/* The size of a link's header in front of the IP packet. */
static size_t link_size(int datalink)
{
    return datalink == DLT_LINUX_SLL ? 16 : datalink == DLT_LINUX_SLL2 ? 20 : 0;
}

/* The packet behind an empty Ethernet header. */
static struct span put_on_ethernet(struct evidence *evidence, int datalink, struct span frame)
{
    struct span packet = span_from(frame, link_size(datalink));
    if (packet.size == 0 || packet.size > FRAME_MAX)
        return (struct span){NULL, 0};
    bool ipv6 = packet.bytes[0] >> 4 == 6;
    evidence->frame[12] = ipv6 ? 0x86 : 0x08;
    evidence->frame[13] = ipv6 ? 0xdd : 0x00;
    memcpy(evidence->frame + LINK_SIZE, packet.bytes, packet.size);
    return (struct span){evidence->frame, LINK_SIZE + packet.size};
}

void evidence_add(struct evidence *evidence, int64_t time_ns, int datalink, struct span frame)
{
    if (datalink != DLT_EN10MB)
        frame = put_on_ethernet(evidence, datalink, frame);
    struct pcap_pkthdr header = {.ts = {time_ns / 1000000000, time_ns % 1000000000},
                                 .caplen = (bpf_u_int32)frame.size,
                                 .len = (bpf_u_int32)frame.size};
    if (frame.size == 0 || evidence->error)
        return;
    pcap_dump((u_char *)evidence->file, &header, frame.bytes);
    if (ferror(pcap_dump_file(evidence->file))) /* which pcap_dump does not say */
        evidence->error = errno;
}

enum status evidence_flush(struct evidence *evidence)
{
    if (!evidence->error && pcap_dump_flush(evidence->file) != 0)
        evidence->error = errno;
    errno = evidence->error;
    return evidence->error ? STATUS_SYSTEM : STATUS_OK;
}

void evidence_free(struct evidence **evidence)
{
    if (!*evidence)
        return;
    if ((*evidence)->file)
        pcap_dump_close((*evidence)->file);
    if ((*evidence)->format)
        pcap_close((*evidence)->format);
    free(*evidence);
    *evidence = NULL;
}
