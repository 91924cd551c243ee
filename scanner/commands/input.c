#include "scanner/commands/input.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)INPUT_LINE_MAX + 16) /* with its end */

static bool is_regular(int file)
{
    struct stat state;
    return fstat(file, &state) == 0 && S_ISREG(state.st_mode);
}

/* Gone once it is closed, however the program ends. */
static int open_nameless(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    if (snprintf(path, sizeof path, "%s/auscult-XXXXXX", folder && *folder ? folder : "/tmp") >=
        (int)sizeof path)
        return -1;
    int file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    return file;
}

enum status input_open(struct input *input, const char *path, bool back)
{
    bool standard = strcmp(path, "-") == 0;
    *input = (struct input){.copy = -1, .own = !standard};
    input->file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (input->file < 0)
        return STATUS_SYSTEM;
    input->piped = !is_regular(input->file);
    off_t start = input->piped ? 0 : lseek(input->file, 0, SEEK_CUR);
    input->start = start > 0 ? (uint64_t)start : 0;
    if (input->piped && back)
        input->copy = open_nameless();
    input->buffer = calloc(1, BUFFER_SIZE);
    if (input->buffer)
        return STATUS_OK;
    input_close(input);
    return STATUS_NO_MEMORY;
}

void input_close(struct input *input)
{
    free(input->buffer);
    if (input->own && input->file >= 0)
        close(input->file);
    if (input->copy >= 0)
        close(input->copy);
    *input = (struct input){.file = -1, .copy = -1};
}

/* A copy with a gap is of no use. */
static void append_copy(struct input *input, const char *bytes, size_t size)
{
    while (size && input->copy >= 0) {
        ssize_t written = pwrite(input->copy, bytes, size, (off_t)input->copied);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            close(input->copy);
            input->copy = -1;
            return;
        }
        bytes += written;
        size -= (size_t)written;
        input->copied += (uint64_t)written;
    }
}

static ssize_t read_some(struct input *input, char *bytes, size_t room)
{
    if (!input->piped)
        return pread(input->file, bytes, room, (off_t)(input->start + input->next));
    if (input->copy >= 0 && input->next < input->copied) {
        uint64_t left = input->copied - input->next;
        return pread(input->copy, bytes, room < left ? room : (size_t)left, (off_t)input->next);
    }
    ssize_t size = read(input->file, bytes, room);
    if (size > 0)
        append_copy(input, bytes, (size_t)size);
    return size;
}

/* More bytes behind those that are left. */
static enum status fill(struct input *input)
{
    memmove(input->buffer, input->buffer + input->at, input->filled - input->at);
    input->filled -= input->at;
    input->at = 0;
    ssize_t size;
    do
        size = read_some(input, input->buffer + input->filled, BUFFER_SIZE - 1 - input->filled);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return STATUS_SYSTEM;
    input->ended = size == 0;
    input->filled += (size_t)size;
    input->next += (uint64_t)size;
    return STATUS_OK;
}

/* Where the next line ends in the buffer; NULL when that is not there yet. */
static char *find_end(const struct input *input, size_t from)
{
    return memchr(input->buffer + input->at + from, '\n', input->filled - input->at - from);
}

/* Ends the line in the buffer, which has `size` bytes with what may stand before its end. */
static void cut(struct input *input, struct input_line *line, size_t size)
{
    size_t start = (size_t)(line->text - input->buffer);
    while (size > 0 && line->text[size - 1] == '\r')
        size--;
    input->cut = start + size;
    input->kept = input->buffer[input->cut];
    input->buffer[input->cut] = 0;
    input->is_cut = true;
    line->size = size;
}

/* As it was read. */
static void mend(struct input *input)
{
    if (input->is_cut)
        input->buffer[input->cut] = input->kept;
    input->is_cut = false;
}

enum status input_read(struct input *input, struct input_line *line_out, bool *more_out)
{
    mend(input);
    *line_out = (struct input_line){.offset = input->next - (input->filled - input->at)};
    char *end = find_end(input, 0);
    while (!end && !input->ended) {
        size_t known = input->filled - input->at;
        if (known >= BUFFER_SIZE - 1) {
            line_out->too_long = true;
            input->at = input->filled;
            known = 0;
        }
        enum status status = fill(input);
        if (status != STATUS_OK)
            return status;
        end = find_end(input, known);
    }
    *more_out = end || input->at < input->filled || line_out->too_long;
    input->number += *more_out;
    line_out->text = input->buffer + input->at;
    size_t size = end ? (size_t)(end - line_out->text) : input->filled - input->at;
    input->at += size + (end != NULL);
    cut(input, line_out, size);
    line_out->too_long = line_out->too_long || line_out->size > INPUT_LINE_MAX;
    return STATUS_OK;
}

enum status input_back(struct input *input, uint64_t offset)
{
    if (input->piped && (input->copy < 0 || input->copied < offset)) {
        errno = ENOSPC;
        return STATUS_SYSTEM;
    }
    mend(input);
    input->number = 0;
    if (offset <= input->next && input->next - offset <= input->filled) {
        input->at = input->filled - (size_t)(input->next - offset);
        return STATUS_OK;
    }
    input->next = offset;
    input->filled = input->at = 0;
    input->ended = false;
    return STATUS_OK;
}
