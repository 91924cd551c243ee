#include <stdio.h>

#include "scanner/wire.h"

/* The engines that this build does not have. */

static enum status absent(struct wire **wire_out, char *why_out)
{
    *wire_out = NULL;
    snprintf(why_out, WIRE_WHY_MAX, "this build does not have it; use --engine connect");
    return STATUS_LIMIT;
}

enum status wire_xdp_new(const struct wire_settings *settings, struct wire **wire_out, char *why_out)
{
    (void)settings;
    return absent(wire_out, why_out);
}
