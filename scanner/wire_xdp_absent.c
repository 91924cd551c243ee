#include <stdio.h>

#include "scanner/wire.h"

/* In place of the XDP engine where the build has not what it needs. */
enum status wire_xdp_new(const struct wire_settings *settings, struct wire **wire_out, char *why_out)
{
    (void)settings;
    *wire_out = NULL;
    snprintf(why_out, WIRE_WHY_MAX,
             "this build is without the XDP engine; build it where clang, bpftool and libbpf-dev are");
    errno = ENOTSUP;
    return STATUS_SYSTEM;
}

enum status wire_xdp_try(void)
{
    return STATUS_LIMIT;
}
