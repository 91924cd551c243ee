#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/audit.h"
#include "scanner/commands/command.h"
#include "scanner/commands/folder.h"
#include "scanner/commands/replacement.h"

/* The state folder: whose turn it is, and the reports of the runs that are kept. */

#define PART         ".part"
#define LOCK_GRACE_S 10 /* a scan whose audit was killed needs some time to end */

char *audit_file(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* The folder and those above it. */
static bool make_folders(const char *path)
{
    char *copy = strdup(path);
    bool made = copy != NULL;
    for (char *slash = copy; made && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = 0;
        made = mkdir(copy, 0750) == 0 || errno == EEXIST;
        if (slash)
            *slash = '/';
    }
    int error = errno;
    free(copy);
    errno = error;
    return made;
}

/* Waits for the lock as long as the settings say; EXIT_DONE when another has it. */
static int take_lock(struct audit *audit)
{
    const bool waits = audit->settings.overlap_waits != 0;
    int64_t grace_ns = clock_monotonic_ns() + (int64_t)LOCK_GRACE_S * 1000000000;
    bool said = false;
    while (flock(audit->lock, LOCK_EX | LOCK_NB) != 0) {
        int64_t now_ns = clock_monotonic_ns();
        if (errno != EWOULDBLOCK && errno != EINTR)
            return audit_failed(audit, "the lock could not be taken", audit->settings.state);
        if (!waits && now_ns >= grace_ns) {
            audit_say(audit, "another audit of it is at work: this one is skipped");
            return EXIT_DONE;
        }
        if (waits && !said)
            audit_say(audit, "another audit of it is at work: waiting for its end");
        said = true;
        if (!program_pause(500, &audit->stopped) || (audit->deadline_ns && now_ns >= audit->deadline_ns))
            return EXIT_INTERRUPTED;
    }
    return -1;
}

/* Names that begin with a dot are halves that a kill left. */
static int clear_parts(const struct audit *audit)
{
    DIR *folder = opendir(audit->runs_path);
    if (!folder)
        return audit_failed(audit, "the folder can't be read", audit->runs_path);
    int code = -1;
    for (const struct dirent *entry; code < 0 && (entry = readdir(folder));) {
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] != '.' || size < sizeof PART || strcmp(entry->d_name + size - 5, PART) != 0)
            continue;
        char *path = audit_file(audit->runs_path, entry->d_name);
        if (!path || !folder_remove(path))
            code = audit_failed(audit, "what was left half could not be removed", audit->runs_path);
        free(path);
    }
    closedir(folder);
    return code;
}

/* Absolute, for what others are told. */
static bool make_state(struct audit *audit)
{
    char *absolute = make_folders(audit->settings.state) ? realpath(audit->settings.state, NULL) : NULL;
    if (!absolute)
        return false;
    free(audit->settings.state);
    audit->settings.state = absolute;
    return true;
}

int audit_folder_open(struct audit *audit)
{
    if (!make_state(audit))
        return audit_failed(audit, "the state folder could not be made", audit->settings.state);
    audit->store_path = audit_file(audit->settings.state, "auscult.db");
    audit->runs_path = audit_file(audit->settings.state, "runs");
    char *lock = audit_file(audit->settings.state, "lock");
    int code = -1;
    if (!audit->store_path || !audit->runs_path || !lock || !make_folders(audit->runs_path))
        code = audit_failed(audit, "the state folder could not be made", audit->settings.state);
    if (code < 0 && (audit->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0640)) < 0)
        code = audit_failed(audit, "the lock could not be made", lock);
    free(lock);
    if (code < 0)
        code = take_lock(audit);
    return code < 0 ? clear_parts(audit) : code;
}

void audit_folder_close(struct audit *audit)
{
    if (audit->lock >= 0)
        close(audit->lock);
    free(audit->store_path);
    free(audit->runs_path);
}

/* "2026-11-26T05-45-12.345Z-1a2b3c4d": names in the order of time. */
static char *folder_named(const struct audit *audit, const struct audit_run *run, const char *before,
                          const char *behind)
{
    time_t at = (time_t)(run->started_ms / 1000);
    struct tm moment;
    char day[32], *path = NULL;
    gmtime_r(&at, &moment);
    strftime(day, sizeof day, "%Y-%m-%dT%H-%M-%S", &moment);
    return asprintf(&path, "%s/%s%s.%03dZ-%.8s%s", audit->runs_path, before, day,
                    (int)(run->started_ms % 1000), run->id, behind) < 0
               ? NULL
               : path;
}

char *audit_folder_of(const struct audit *audit, const struct audit_run *run)
{
    return folder_named(audit, run, "", "");
}

char *audit_folder_part(const struct audit *audit, const struct audit_run *run)
{
    return folder_named(audit, run, ".", PART);
}

static char *mark_path(const struct audit *audit, const struct audit_run *run, const char *mark)
{
    char *folder = audit_folder_of(audit, run);
    char *path = folder ? audit_file(folder, mark) : NULL;
    free(folder);
    return path;
}

int audit_folder_mark(const struct audit *audit, const struct audit_run *run, const char *mark)
{
    char *path = mark_path(audit, run, mark);
    int code = path && audit_file_write(path, "", 0, 0640)
                   ? -1
                   : audit_failed(audit, "no mark could be made:", mark);
    free(path);
    return code;
}

bool audit_folder_marked(const struct audit *audit, const struct audit_run *run, const char *mark)
{
    char *path = mark_path(audit, run, mark);
    bool marked = path && access(path, F_OK) == 0;
    free(path);
    return marked;
}

static bool keep_on_disk(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool kept = file >= 0 && fsync(file) == 0;
    int error = errno;
    if (file >= 0)
        close(file);
    errno = error;
    return kept;
}

bool audit_file_write(const char *path, const char *text, size_t size, unsigned mode)
{
    struct replacement replacement;
    if (replacement_begin(&replacement, path) != STATUS_OK)
        return false;
    bool written =
        fchmod(fileno(replacement.stream), mode) == 0 && fwrite(text, 1, size, replacement.stream) == size;
    return replacement_end(&replacement, written ? STATUS_OK : STATUS_SYSTEM, true) == STATUS_OK;
}

/* Every file of a folder, and the folder itself. */
static bool keep_folder_on_disk(const char *path)
{
    DIR *folder = opendir(path);
    bool kept = folder != NULL;
    for (const struct dirent *entry; kept && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char *file = audit_file(path, entry->d_name);
        kept = file && keep_on_disk(file);
        free(file);
    }
    int error = errno;
    if (folder)
        closedir(folder);
    errno = error;
    return kept && keep_on_disk(path);
}

/* A link is made beside and moved there, so that at every moment it leads to reports that are whole. */
static bool link_latest(const struct audit *audit, const char *folder)
{
    char *latest = audit_file(audit->settings.state, "latest");
    char *beside = audit_file(audit->settings.state, ".latest" PART);
    char *target = NULL;
    bool linked = latest && beside && asprintf(&target, "runs/%s", strrchr(folder, '/') + 1) >= 0;
    if (linked && unlink(beside) != 0 && errno != ENOENT)
        linked = false;
    linked = linked && symlink(target, beside) == 0 && rename(beside, latest) == 0;
    int error = errno;
    free(target);
    free(beside);
    free(latest);
    errno = error;
    return linked;
}

int audit_folder_publish(const struct audit *audit, const struct audit_run *run)
{
    char *part = audit_folder_part(audit, run), *folder = audit_folder_of(audit, run);
    bool there = folder && access(folder, F_OK) == 0; /* a kill may have come before the link */
    bool published = part && folder &&
                     (there || (keep_folder_on_disk(part) && rename(part, folder) == 0 &&
                                keep_on_disk(audit->runs_path))) &&
                     link_latest(audit, folder);
    int code =
        published ? -1 : audit_failed(audit, "the reports could not be moved to", folder ? folder : "");
    free(part);
    free(folder);
    return code;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Under another name first, so that what a kill leaves is known for a half. */
static bool remove_reports(const struct audit *audit, const char *name)
{
    char *path = audit_file(audit->runs_path, name), *part = NULL;
    bool removed = path && asprintf(&part, "%s/.%s" PART, audit->runs_path, name) >= 0 &&
                   rename(path, part) == 0 && folder_remove(part);
    int error = errno;
    free(part);
    free(path);
    errno = error;
    return removed;
}

int audit_folder_prune(const struct audit *audit)
{
    struct dirent **entries = NULL;
    int count = scandir(audit->runs_path, &entries, is_shown, alphasort), code = -1;
    if (count < 0)
        return audit_failed(audit, "the folder can't be read", audit->runs_path);
    for (int i = 0; i < count; i++) {
        if (i < count - audit->settings.keep && code < 0 && !remove_reports(audit, entries[i]->d_name))
            code = audit_failed(audit, "reports of an old run could not be removed", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return code;
}
