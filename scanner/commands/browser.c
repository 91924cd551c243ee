#include "scanner/commands/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/text.h"
#include "scanner/commands/browser_process.h"
#include "scanner/commands/folder.h"
#include "scanner/commands/program.h"

#define COPY_BYTES     65536
#define SAID_MAX       300
#define SECONDS_LEAST  60
#define BYTES_A_SECOND 40000 /* a slow machine lays out more */

/* The folder of one printing, and what is in it. */
struct printing {
    char folder[PATH_MAX];
    char page[PATH_MAX + 16], pdf[PATH_MAX + 16], log[PATH_MAX + 16];
    unsigned seconds_most;
    int stopped; /* by this signal; 0: by none */
};

/* --- which browser --- */

static bool find_in(const char *folders, const char *name, char path[PATH_MAX])
{
    while (*folders) {
        size_t size = strcspn(folders, ":");
        if (size && snprintf(path, PATH_MAX, "%.*s/%s", (int)size, folders, name) < PATH_MAX &&
            access(path, X_OK) == 0)
            return true;
        folders += size + (folders[size] == ':');
    }
    return false;
}

bool browser_find(char path[PATH_MAX])
{
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome",
                                        "google-chrome-stable"};
    const char *named = getenv("AUSCULT_CHROMIUM"), *folders = getenv("PATH");
    if (named && named[0]) {
        if (snprintf(path, PATH_MAX, "%s", named) < PATH_MAX && access(path, X_OK) == 0)
            return true;
        fprintf(stderr, "auscult: AUSCULT_CHROMIUM names no program that can be run\n");
        return false;
    }
    for (size_t i = 0; folders && i < sizeof names / sizeof names[0]; i++)
        if (find_in(folders, names[i], path))
            return true;
    fputs(
        "auscult: pdf is printed by Chromium, and there is none in PATH; install it (on Debian: apt install "
        "chromium), name\nit in AUSCULT_CHROMIUM, or take -o html and print that\n",
        stderr);
    return false;
}

/* --- its folder --- */

static void remove_folder(const struct printing *printing)
{
    int kept = errno;
    /* A browser that is being killed may still write. */
    for (int i = 0; i < 5 && !folder_remove(printing->folder); i++)
        usleep(50000);
    errno = kept;
}

static enum status make_folder(struct printing *printing)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(printing->folder, sizeof printing->folder, "%s/auscult-pdf-XXXXXX",
                          parent && parent[0] ? parent : "/tmp");
    if (length >= (int)sizeof printing->folder) {
        errno = ENAMETOOLONG;
        return STATUS_SYSTEM;
    }
    if (!mkdtemp(printing->folder))
        return STATUS_SYSTEM;
    snprintf(printing->page, sizeof printing->page, "%s/report.html", printing->folder);
    snprintf(printing->pdf, sizeof printing->pdf, "%s/report.pdf", printing->folder);
    snprintf(printing->log, sizeof printing->log, "%s/log", printing->folder);
    return STATUS_OK;
}

static enum status write_page(struct printing *printing, const struct report_form *form,
                              const struct report *report)
{
    FILE *page = fopen(printing->page, "we");
    if (!page)
        return STATUS_SYSTEM;
    enum status status = form->write(report, page);
    long size = ftell(page);
    if (fclose(page) != 0 && status == STATUS_OK)
        status = STATUS_SYSTEM;
    printing->seconds_most = SECONDS_LEAST + (unsigned)(size / BYTES_A_SECOND);
    return status;
}

/* --- what came of it --- */

static bool is_pdf(FILE *pdf)
{
    char start[5];
    bool good =
        fread(start, 1, sizeof start, pdf) == sizeof start && memcmp(start, "%PDF-", sizeof start) == 0;
    rewind(pdf);
    return good;
}

static enum status copy(const struct printing *printing, FILE *stream)
{
    char bytes[COPY_BYTES];
    enum status status = STATUS_OK;
    FILE *pdf = fopen(printing->pdf, "re");
    if (!pdf)
        return STATUS_SYSTEM;
    if (!is_pdf(pdf)) {
        errno = EIO;
        status = STATUS_SYSTEM;
    }
    for (size_t size; status == STATUS_OK && (size = fread(bytes, 1, sizeof bytes, pdf)) > 0;)
        if (fwrite(bytes, 1, size, stream) != size)
            status = STATUS_SYSTEM;
    if (ferror(pdf))
        status = STATUS_SYSTEM;
    fclose(pdf);
    return status;
}

/* The end of what it said, in one line. */
static void tell_log(const struct printing *printing)
{
    char said[SAID_MAX], safe[2 * SAID_MAX];
    int kept = errno;
    FILE *log = fopen(printing->log, "re");
    if (!log)
        return;
    if (fseek(log, -(long)sizeof said, SEEK_END) != 0)
        rewind(log);
    size_t size = fread(said, 1, sizeof said, log);
    fclose(log);
    while (size && said[size - 1] == '\n')
        size--;
    const char *line = memrchr(said, '\n', size);
    size_t skipped = line ? (size_t)(line + 1 - said) : 0;
    (void)text_safe((struct span){(const uint8_t *)said + skipped, size - skipped}, safe, sizeof safe);
    fprintf(stderr, "auscult: the browser printed nothing%s%s\n", safe[0] ? "; it said: " : "", safe);
    errno = kept;
}

static enum status run(struct printing *printing, bool sandbox)
{
    char browser[PATH_MAX];
    if (!browser_find(browser)) {
        errno = ENOENT;
        return STATUS_SYSTEM;
    }
    const struct browser_job job = {.browser = browser,
                                    .folder = printing->folder,
                                    .page = printing->page,
                                    .pdf = printing->pdf,
                                    .log = printing->log,
                                    .sandbox = sandbox,
                                    .seconds_most = printing->seconds_most};
    enum status status = browser_run(&job, &printing->stopped);
    if (status == STATUS_OK && access(printing->pdf, R_OK) != 0)
        status = STATUS_SYSTEM;
    return status;
}

/* Where root's containers forbid it namespaces, Chromium has no sandbox. The page has no script and asks for nothing. */
static enum status run_either_way(struct printing *printing)
{
    enum status status = run(printing, true);
    if (status == STATUS_OK || geteuid() != 0 || errno == ETIMEDOUT || errno == EINTR)
        return status;
    fputs("auscult: the browser can't have its sandbox here, and prints without it, as nobody\n", stderr);
    return run(printing, false);
}

enum status browser_print(const struct report_form *form, const struct report *report, FILE *stream)
{
    struct printing printing = {.seconds_most = SECONDS_LEAST};
    sigset_t before;
    enum status status = make_folder(&printing);
    if (status != STATUS_OK)
        return status;
    /* One that ends us waits until the folder is gone. */
    program_take_signals(&before);
    status = write_page(&printing, form, report);
    if (status == STATUS_OK) {
        status = run_either_way(&printing);
        if (status != STATUS_OK)
            tell_log(&printing);
    }
    if (status == STATUS_OK)
        status = copy(&printing, stream);
    remove_folder(&printing);
    int kept = errno;
    program_give_signals_back(&before, printing.stopped);
    errno = kept;
    return status;
}
