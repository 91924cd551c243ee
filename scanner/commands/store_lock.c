#include "scanner/commands/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"

#define ENDING     ".lock"
#define ATTEMPTS   100 /* a file that is taken away between opening and locking it is made anew */
#define OWNER_ONLY 0600

/* Beside the file that a link leads to, so that a store has one lock under all its names. */
static char *path_of(const char *store)
{
    char *real = realpath(store, NULL);
    const char *name = real ? real : store;
    size_t size = strlen(name) + sizeof ENDING;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s" ENDING, name);
    free(real);
    return path;
}

static struct flock whole_file(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

static pid_t holder_of(const struct flock *lock)
{
    return lock->l_pid > 0 ? lock->l_pid : STORE_LOCK_ELSEWHERE;
}

/* False, with errno, when the kernel can't tell. */
static bool ask(int file, bool *held_out, pid_t *holder_out)
{
    struct flock lock = whole_file(F_WRLCK);
    if (fcntl(file, F_GETLK, &lock) != 0)
        return false;
    *held_out = lock.l_type != F_UNLCK;
    *holder_out = *held_out ? holder_of(&lock) : STORE_LOCK_ELSEWHERE;
    return true;
}

/* Whether the path still leads to it: its last holder takes the file away. */
static bool is_there(int file, const char *path)
{
    struct stat ours, there;
    return fstat(file, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

static enum status attempt(const char *path, int *file_out, pid_t *holder_out)
{
    struct flock lock = whole_file(F_WRLCK);
    bool held = false;
    int file = *file_out = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, OWNER_ONLY);
    if (file < 0)
        return STATUS_SYSTEM;
    if (fcntl(file, F_SETLK, &lock) == 0)
        return STATUS_OK;
    if ((errno == EACCES || errno == EAGAIN) && ask(file, &held, holder_out))
        return held ? STATUS_MISMATCH : STATUS_LIMIT; /* not held: it was let go of at this moment */
    return STATUS_SYSTEM;
}

static enum status take(struct store_lock *lock, char *path, pid_t *holder_out)
{
    int file = -1;
    enum status status = STATUS_LIMIT;
    for (int i = 0; i < ATTEMPTS && status == STATUS_LIMIT; i++) {
        status = attempt(path, &file, holder_out);
        if (status == STATUS_OK && is_there(file, path)) {
            *lock = (struct store_lock){path, file};
            return STATUS_OK;
        }
        int kept = errno;
        if (file >= 0)
            close(file);
        errno = kept;
        status = status == STATUS_OK ? STATUS_LIMIT : status;
    }
    return status;
}

static int say(enum status status, const char *store, const char *path, pid_t holder)
{
    if (status == STATUS_SYSTEM)
        fprintf(stderr, "auscult: %s: %s\n", path, strerror(errno));
    else if (status != STATUS_MISMATCH)
        return present_status(status, "the lock of the store", NULL);
    else if (holder == STORE_LOCK_ELSEWHERE)
        fprintf(stderr,
                "auscult: a scan runs on %s already, in another PID namespace or on another machine; use "
                "another --store, or stop it there\n",
                store);
    else
        fprintf(stderr,
                "auscult: process %d runs a scan on %s already; use another --store, or stop it with "
                "`auscult stop "
                "%s`\n",
                (int)holder, store, store);
    return status == STATUS_MISMATCH ? EXIT_USAGE : EXIT_FAILED;
}

int store_lock_take(struct store_lock *lock, const char *store)
{
    char *path = path_of(store);
    pid_t holder = STORE_LOCK_ELSEWHERE;
    *lock = (struct store_lock){NULL, -1};
    enum status status = path ? take(lock, path, &holder) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        return -1;
    int code = say(status, store, path, holder);
    free(path);
    return code;
}

void store_lock_release(struct store_lock *lock)
{
    if (!lock->path)
        return;
    unlink(lock->path); /* while it is held: whoever opened it meanwhile sees that it is gone */
    close(lock->file);
    free(lock->path);
    lock->path = NULL;
}

enum status store_lock_holder(const char *store, bool *held_out, pid_t *holder_out)
{
    char *path = path_of(store);
    int file = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) : -1;
    enum status status = path ? STATUS_OK : STATUS_NO_MEMORY;
    *held_out = false;
    *holder_out = STORE_LOCK_ELSEWHERE;
    if (path && file < 0 && errno != ENOENT)
        status = STATUS_SYSTEM;
    if (file >= 0 && !ask(file, held_out, holder_out))
        status = STATUS_SYSTEM;
    int kept = errno;
    if (file >= 0)
        close(file);
    free(path);
    errno = kept;
    return status;
}
