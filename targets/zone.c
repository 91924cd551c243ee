#include "targets/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME_MAX_LENGTH 64
/* No zone has ever changed its offset and back within so short a time. */
#define STEP_S (6 * 3600)

const char *zone_folder(void)
{
    const char *folder = getenv("TZDIR");
    return folder && *folder ? folder : "/usr/share/zoneinfo";
}

/* Names of the IANA database begin with a capital, and their parts hold no dots; so nothing that passes can
   climb out of the folder or name one of its other files. */
static bool is_well_formed(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t length = strlen(name);
    return length > 0 && length <= NAME_MAX_LENGTH && name[0] >= 'A' && name[0] <= 'Z' &&
           strspn(name, letters) == length && name[length - 1] != '/' && !strstr(name, "//");
}

/* RFC 8536 §3.1 */
static bool is_zone_file(const char *path)
{
    char magic[4] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return false;
    bool whole = read(file, magic, sizeof magic) == sizeof magic;
    close(file);
    return whole && memcmp(magic, "TZif", sizeof magic) == 0;
}

bool zone_is_known(const char *name)
{
    char *path = NULL;
    if (strcmp(name, "UTC") == 0)
        return true;
    if (!is_well_formed(name) || asprintf(&path, "%s/%s", zone_folder(), name) < 0)
        return false;
    bool known = is_zone_file(path);
    free(path);
    return known;
}

static int32_t offset_now(int64_t now_s)
{
    time_t now = (time_t)now_s;
    struct tm local;
    return localtime_r(&now, &local) ? (int32_t)local.tm_gmtoff : 0;
}

/* The first moment in (from_s, until_s] that has another offset than from_s, for an until_s that has. */
static int64_t find_change(int64_t from_s, int64_t until_s)
{
    int32_t offset = offset_now(from_s);
    while (until_s - from_s > 1) {
        int64_t middle = from_s + (until_s - from_s) / 2;
        if (offset_now(middle) == offset)
            from_s = middle;
        else
            until_s = middle;
    }
    return until_s;
}

static enum status add_span(struct zone *zone, size_t *capacity, int64_t from_s)
{
    if (zone->count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 8;
        struct zone_span *spans = reallocarray(zone->spans, *capacity, sizeof *spans);
        if (!spans)
            return STATUS_NO_MEMORY;
        zone->spans = spans;
    }
    zone->spans[zone->count++] = (struct zone_span){from_s, offset_now(from_s)};
    return STATUS_OK;
}

/* Samples the C library's zone as it is set now. */
static enum status sample(struct zone *zone, int64_t from_s, int64_t until_s)
{
    size_t capacity = 0;
    enum status status = add_span(zone, &capacity, from_s);
    for (int64_t at = from_s; at < until_s && status == STATUS_OK;) {
        int64_t next = until_s - at > STEP_S ? at + STEP_S : until_s;
        if (offset_now(next) != zone->spans[zone->count - 1].offset_s) {
            next = find_change(at, next);
            status = add_span(zone, &capacity, next);
        }
        at = next;
    }
    return status;
}

static enum status set_zone(const char *name)
{
    char value[NAME_MAX_LENGTH + 2];
    snprintf(value, sizeof value, ":%s", name);
    if (setenv("TZ", value, 1) != 0)
        return STATUS_NO_MEMORY;
    tzset();
    return STATUS_OK;
}

/* NULL: there was none. Should memory be short for a name that the environment held a moment ago, the
   machine's zone is the nearest. */
static void restore_zone(const char *saved)
{
    if (!saved || setenv("TZ", saved, 1) != 0)
        unsetenv("TZ");
    tzset();
}

static enum status sample_named(struct zone *zone, const char *name, int64_t from_s, int64_t until_s)
{
    const char *before = getenv("TZ");
    char *saved = before ? strdup(before) : NULL;
    if (before && !saved)
        return STATUS_NO_MEMORY;
    enum status status = set_zone(name);
    if (status == STATUS_OK)
        status = sample(zone, from_s, until_s);
    restore_zone(saved);
    free(saved);
    return status;
}

enum status zone_init(struct zone *zone, const char *name, int64_t from_s, int64_t until_s)
{
    *zone = (struct zone){NULL, 0};
    tzset();
    enum status status = name ? sample_named(zone, name, from_s, until_s) : sample(zone, from_s, until_s);
    if (status != STATUS_OK)
        zone_deinit(zone);
    return status;
}

void zone_deinit(struct zone *zone)
{
    free(zone->spans);
    *zone = (struct zone){NULL, 0};
}

/* The number of spans that begin at or before the moment. */
static size_t spans_begun(const struct zone *zone, int64_t now_s)
{
    size_t low = 0;
    size_t high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->spans[middle].from_s <= now_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t zone_offset(const struct zone *zone, int64_t now_s)
{
    size_t begun = spans_begun(zone, now_s);
    return zone->spans[begun ? begun - 1 : 0].offset_s;
}

int64_t zone_next_change(const struct zone *zone, int64_t now_s)
{
    size_t begun = spans_begun(zone, now_s);
    begun += begun == 0;
    return begun < zone->count ? zone->spans[begun].from_s : INT64_MAX;
}
