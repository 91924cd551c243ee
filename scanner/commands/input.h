#ifndef SCANNER_COMMANDS_INPUT_H
#define SCANNER_COMMANDS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "targets/status.h"

#define INPUT_LINE_MAX (1u << 20)

/* The lines of a file or of standard input, in one buffer however long they are; they can be gone back in, for
   which what comes through a pipe is copied to a file without a name (in TMPDIR, else /tmp). */
struct input {
    int file;
    int copy; /* of what was read of a pipe; -1: none */
    bool piped, own;
    char *buffer;
    size_t filled, at;
    bool is_cut; /* the buffer has a NUL behind the line read last, there, in place of this byte */
    size_t cut;
    char kept;
    bool ended;
    uint64_t start;  /* where in the file the first line begins */
    uint64_t copied; /* bytes that the copy has */
    uint64_t next;   /* of the bytes to be read into the buffer, from the start */
    unsigned number; /* of the line read last, from 1, as long as nobody goes back to the middle */
};

/* One line without its end, good until the next is read. */
struct input_line {
    const char *text; /* ended by a NUL, too */
    size_t size;
    uint64_t offset; /* where it begins, for input_back */
    bool too_long;   /* more than INPUT_LINE_MAX: it was passed over, and there is no text */
};

/* path "-": standard input. `back`: it will be gone back in. STATUS_SYSTEM. */
MUST_USE enum status input_open(struct input *input, const char *path, bool back);
void input_close(struct input *input);
/* *more_out false at the end. STATUS_SYSTEM when it cannot be read. */
MUST_USE enum status input_read(struct input *input, struct input_line *line_out, bool *more_out);
/* The next line is the one that begins at this offset. STATUS_SYSTEM when the copy of a pipe could not be made. */
MUST_USE enum status input_back(struct input *input, uint64_t offset);

#endif
