#include "scanner/commands/replacement.h"

#include <errno.h>
#include <unistd.h>

enum status replacement_begin(struct replacement *replacement, const char *path)
{
    size_t room = sizeof replacement->beside;
    replacement->path = path;
    if (snprintf(replacement->beside, room, "%s.part", path) >= (int)room) {
        errno = ENAMETOOLONG;
        return STATUS_LIMIT;
    }
    replacement->stream = fopen(replacement->beside, "we");
    return replacement->stream ? STATUS_OK : STATUS_SYSTEM;
}

enum status replacement_end(struct replacement *replacement, enum status status, bool synced)
{
    FILE *stream = replacement->stream;
    if (status == STATUS_OK && synced && (fflush(stream) != 0 || fsync(fileno(stream)) != 0))
        status = STATUS_SYSTEM;
    int error = errno;
    if (fclose(stream) != 0 && status == STATUS_OK) {
        status = STATUS_SYSTEM;
        error = errno;
    }
    if (status == STATUS_OK && rename(replacement->beside, replacement->path) == 0)
        return STATUS_OK;
    if (status == STATUS_OK) {
        status = STATUS_SYSTEM;
        error = errno;
    }
    unlink(replacement->beside);
    errno = error;
    return status;
}
