#include <pcap/dlt.h>

#include "fuzz.h"
#include "scanner/packet.h"

/* A frame as any link might hand it over; the first byte says which. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int datalinks[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2};
    static const struct siphash_key key = {{1, 2}};
    struct packet packet;
    struct wire_reply reply;
    if (size == 0)
        return 0;
    packet_read(datalinks[data[0] % 4], (struct span){data + 1, size - 1}, &packet);
    (void)packet_answer(&packet, &key, &reply);
    return 0;
}
