#include "scanner/local_ports.h"

#include <stdio.h>
#include <string.h>

#include "scanner/cookie.h"
#include "scanner/wire.h"
#include "targets/ports.h"

#define SETTINGS "/proc/sys/net/ipv4/"
#define LIST_MAX 65536

static bool read_setting(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t count = fread(text, 1, size - 1, file);
    text[count] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return fclose(file) == 0;
}

/* Are all ports from `first` to `last` among those that the kernel never gives out? */
static bool are_reserved(unsigned first, unsigned last)
{
    char list[LIST_MAX];
    const char *why;
    size_t at;
    struct ports reserved;
    ports_init(&reserved);
    bool all = read_setting(SETTINGS "ip_local_reserved_ports", list, sizeof list) && list[0] &&
               ports_parse(&reserved, list, &why, &at) == STATUS_OK;
    for (unsigned port = first; port <= last && all; port++)
        all = ports_contain(&reserved, (uint16_t)port, TRANSPORT_TCP);
    ports_deinit(&reserved);
    return all;
}

enum status local_ports_check(char *why_out)
{
    const unsigned first = COOKIE_PORT_FIRST, last = COOKIE_PORT_FIRST + COOKIE_PORTS - 1;
    char text[64];
    unsigned from, to;
    if (!read_setting(SETTINGS "ip_local_port_range", text, sizeof text) ||
        sscanf(text, "%u %u", &from, &to) != 2) {
        snprintf(why_out, WIRE_WHY_MAX, "%s can't be read; is /proc mounted?",
                 SETTINGS "ip_local_port_range");
        return STATUS_SYSTEM;
    }
    if (from < first)
        from = first;
    if (to > last)
        to = last;
    if (from > to || are_reserved(from, to))
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX,
             "the kernel may give the ports %u-%u, at which answers are expected, to connections of its own; "
             "sysctl -w net.ipv4.ip_local_reserved_ports=%u-%u",
             first, last, first, last);
    return STATUS_SYSTEM;
}
