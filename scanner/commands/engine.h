#ifndef SCANNER_COMMANDS_ENGINE_H
#define SCANNER_COMMANDS_ENGINE_H

#include "scanner/scan.h"

/* Which engine finds open ports (contract.md, --engine), and the one that was opened. */

enum engine_kind { ENGINE_AUTO, ENGINE_CONNECT, ENGINE_PACKET, ENGINE_XDP };
bool engine_kind_parse(const char *text, enum engine_kind *kind_out);
const char *engine_kind_name(enum engine_kind kind);

#define ENGINE_SWEEP_MIN 65536 /* targets from which it is worth more than the connect engine */

/* A sweeping engine and the scan that hears it. All zero: the connect engine alone. */
struct engine {
    struct wire *wire;
    struct scan *scan; /* set before the scan runs */
};

/* Opens the engine of that kind, or for ENGINE_AUTO the best that can be had. When it fails why_out[WIRE_WHY_MAX]
   says why. The plan must have a swept part. */
MUST_USE enum status engine_open(struct engine *engine, enum engine_kind kind, const struct plan *plan,
                                 struct authorization *authorization, const struct scan_options *options,
                                 char *why_out);
void engine_close(struct engine *engine);
const char *engine_name(const struct engine *engine);
/* May a run of this engine, by its name, be resumed when the user asks for that kind? */
bool engine_may_resume(enum engine_kind kind, const char *name);

#endif
