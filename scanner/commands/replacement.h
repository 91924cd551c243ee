#ifndef SCANNER_COMMANDS_REPLACEMENT_H
#define SCANNER_COMMANDS_REPLACEMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "targets/status.h"

/* A file that is written beside its place, as PATH.part, and then moved there, so that it is never half. */
struct replacement {
    FILE *stream;
    const char *path; /* borrowed */
    char beside[4096];
};

/* STATUS_SYSTEM, STATUS_LIMIT for a path that is too long; then there is nothing to end. */
MUST_USE enum status replacement_begin(struct replacement *replacement, const char *path);
/* Closes it and moves it to its place when all went well so far, `synced` to the disk before; removes it otherwise, and then
   errno says why. */
MUST_USE enum status replacement_end(struct replacement *replacement, enum status status, bool synced);

#endif
