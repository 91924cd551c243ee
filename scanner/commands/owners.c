#include "scanner/commands/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "probes/cursor.h"
#include "targets/document.h"

void owners_init(struct owners *owners)
{
    owners->count = 0;
}

void owners_deinit(struct owners *owners)
{
    for (size_t i = 0; i < owners->count; i++)
        signing_key_deinit(&owners->keys[i]);
    owners->count = 0;
}

bool owners_add(struct owners *owners, const char *path, char why[OWNERS_WHY_MAX])
{
    if (owners->count == OWNERS_MAX) {
        snprintf(why, OWNERS_WHY_MAX, "more than %d keys", OWNERS_MAX);
        return false;
    }
    const char *wrong = signing_key_read(&owners->keys[owners->count], path, false);
    if (wrong) {
        snprintf(why, OWNERS_WHY_MAX, "the key %s: %s", quoted(path).text, wrong);
        return false;
    }
    owners->count++;
    return true;
}

/* A key is named by where it is whoever reads the list, not by where one happens to be. */
static bool read_line(struct owners *owners, struct span line, char why[OWNERS_WHY_MAX])
{
    char path[4096];
    line = span_trim(line);
    if (line.size == 0 || line.bytes[0] == '#')
        return true;
    if (line.bytes[0] != '/' || line.size >= sizeof path || memchr(line.bytes, 0, line.size)) {
        snprintf(why, OWNERS_WHY_MAX, "want an absolute path of a public key");
        return false;
    }
    memcpy(path, line.bytes, line.size);
    path[line.size] = 0;
    return owners_add(owners, path, why);
}

static bool read_lines(struct owners *owners, const char *path, struct span text, char why[OWNERS_WHY_MAX])
{
    char wrong[OWNERS_WHY_MAX] = "";
    for (unsigned number = 1; text.size; number++) {
        struct span line = span_cut(&text, "\n");
        if (!read_line(owners, line, wrong)) {
            snprintf(why, OWNERS_WHY_MAX, "%.100s:%u: %.300s", path, number, wrong);
            return false;
        }
    }
    if (owners->count == 0)
        snprintf(why, OWNERS_WHY_MAX, "%.100s requires a signature and names no key", path);
    return owners->count > 0;
}

bool owners_read(struct owners *owners, const char *path, bool *required_out, char why[OWNERS_WHY_MAX])
{
    struct stat there;
    struct complaints complaints;
    char *text = NULL;
    size_t size = 0;
    /* A link that leads nowhere is there. */
    *required_out = lstat(path, &there) == 0 || errno != ENOENT;
    if (!*required_out)
        return true;
    complaints_init(&complaints, path);
    enum status status = document_load(path, &text, &size, &complaints);
    complaints_deinit(&complaints);
    bool good = status == STATUS_OK && read_lines(owners, path, (struct span){(uint8_t *)text, size}, why);
    if (status != STATUS_OK)
        snprintf(why, OWNERS_WHY_MAX, "%.100s, which says whose signature is required, can't be read", path);
    free(text);
    return good;
}
