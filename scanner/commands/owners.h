#ifndef SCANNER_COMMANDS_OWNERS_H
#define SCANNER_COMMANDS_OWNERS_H

#include <stddef.h>

#include "targets/signing_key.h"

#define OWNERS_MAX     64
#define OWNERS_WHY_MAX 512

/* Public keys of which one must have signed. */
struct owners {
    struct signing_key keys[OWNERS_MAX];
    size_t count;
};

void owners_init(struct owners *owners);
void owners_deinit(struct owners *owners);
/* One more, from a PEM file; false: why says what is wrong, a sentence without its end. */
bool owners_add(struct owners *owners, const char *path, char why[OWNERS_WHY_MAX]);
/* All of a file that lists their absolute paths, one a line. *required_out false: there is no such file. False: it is
   there, and no list of one key or more that can be read. */
bool owners_read(struct owners *owners, const char *path, bool *required_out, char why[OWNERS_WHY_MAX]);

#endif
