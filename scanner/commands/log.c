#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "probes/text.h"
#include "scanner/commands/command.h"
#include "scanner/commands/journal_check.h"
#include "scanner/commands/options.h"
#include "scanner/commands/present.h"
#include "targets/document.h"

static const char help[] = "Usage: auscult log verify FILE [--head HASH]\n"
                           "       auscult log show FILE\n"
                           "Checks, or lists, the log that `scan --log FILE` writes: who was authorized, "
                           "what was sent, what was found. Each record\n"
                           "holds the hash of the one before, and FILE.head that of the newest. `verify` "
                           "names the first record that was altered,\n"
                           "removed, inserted, reordered or torn. A line that a crash left half written is "
                           "said, and is no fault.\n\n"
                           "      --head HASH        a record with this hash must be there: one that was "
                           "written down elsewhere, as `scan -v` says it\n"
                           "  -h, --help\n\n"
                           "Exit: 0 the chain is whole, 1 it is not, 2 wrong usage or file.\n";

static bool take_head(const char *option, char *value, void *place)
{
    if (strlen(value) == HASH_TEXT_MAX - 1 && strspn(value, "0123456789abcdef") == HASH_TEXT_MAX - 1)
        return option_text(option, value, place);
    fprintf(stderr, "auscult: %s: want the 64 hexadecimal digits of a record's hash\n", option);
    return false;
}

/* A line of the list, safe to show. */
static void print_text(const cJSON *record, const char *before, const char *name, const char *after)
{
    char text[512];
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(record, name);
    if (cJSON_IsNumber(value)) {
        printf("%s%.10g%s", before, value->valuedouble, after);
    } else if (cJSON_IsString(value)) {
        text_safe((struct span){(const uint8_t *)value->valuestring, strlen(value->valuestring)}, text,
                  sizeof text);
        printf("%s%s%s", before, text, after);
    }
}

static void print_authorized(const cJSON *record)
{
    print_text(record, " run ", "run", "");
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "resumed")))
        fputs(", resumed", stdout);
    print_text(record, ", by ", "user", "");
    print_text(record, "@", "host", "");
    print_text(record, ", ", "reference", "");
    print_text(record, " of ", "authorized_by", "");
    print_text(record, ", ", "addresses", " addresses");
    print_text(record, ", ports ", "ports", "");
    print_text(record, ", ", "rate", " a second");
    print_text(record, ", ", "engine", "");
    print_text(record, ", signed by ", "signed_by", "");
}

static void print_ended(const cJSON *record)
{
    print_text(record, " run ", "run", "");
    print_text(record, ", ", "how", "");
    print_text(record, ", sent ", "sent", "");
    print_text(record, ", open ", "open", "");
    print_text(record, ", findings ", "findings", "");
    print_text(record, ", ", "seconds", " s");
    print_text(record, ", in ", "store", "");
}

static void print_refused(const cJSON *record)
{
    print_text(record, " ", "why", "");
    print_text(record, ", ", "file", "");
    print_text(record, ", by ", "user", "");
    print_text(record, "@", "host", "");
}

static void print_record(void *context, const char *line, size_t size)
{
    struct document document;
    struct complaints complaints;
    (void)context;
    complaints_init(&complaints, "log");
    if (document_parse(&document, line, size, &complaints) == STATUS_OK) {
        const cJSON *event = cJSON_GetObjectItemCaseSensitive(document.root, "event");
        const char *name = cJSON_IsString(event) ? event->valuestring : "";
        print_text(document.root, "", "seq", "");
        print_text(document.root, "  ", "time", "");
        print_text(document.root, "  ", "event", "");
        if (strcmp(name, "authorized") == 0)
            print_authorized(document.root);
        else if (strcmp(name, "ended") == 0)
            print_ended(document.root);
        else if (strcmp(name, "refused") == 0)
            print_refused(document.root);
        fputc('\n', stdout);
    }
    document_deinit(&document);
    complaints_deinit(&complaints);
}

static void print_fault(const char *path, const struct journal_verdict *verdict)
{
    printf("%s: line %" PRIu64 ": record %" PRIu64 " was %s", path, verdict->line, verdict->seq,
           journal_fault_name(verdict->fault));
    if (verdict->other_line)
        printf("; it stands in line %" PRIu64, verdict->other_line);
    printf("\n%s: whole up to record %" PRIu64 ", %s\n", path, verdict->last.seq, verdict->last.hash);
}

static void print_whole(const char *path, const struct journal_verdict *verdict)
{
    printf("%s: whole; the newest record is %" PRIu64 ", %s\n", path, verdict->last.seq, verdict->last.hash);
    if (verdict->torn)
        printf("%s: %" PRIu64 " times a crash left half a record, which the next one marks\n", path,
               verdict->torn);
    if (verdict->torn_end)
        printf("%s: the last line is half a record: a crash while it was written\n", path);
    if (verdict->ahead_of_head)
        printf("%s: the head is of the record before: a crash between the two\n", path);
    if (verdict->without_head)
        printf("%s: without its .head, what was taken from the end can't be told; --head HASH can\n", path);
}

/* Writers wait meanwhile, so that no record is seen half. */
static enum status load_locked(const char *path, char **text_out, size_t *size_out,
                               struct complaints *complaints)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0)
        (void)flock(file, LOCK_SH);
    enum status status = document_load(path, text_out, size_out, complaints);
    if (file >= 0)
        close(file);
    return status;
}

static int look(const char *path, const char *hash, bool shows)
{
    struct complaints complaints;
    struct journal_head head;
    bool there = false;
    char *text = NULL;
    size_t size = 0;
    complaints_init(&complaints, path);
    if (!present_complaints(load_locked(path, &text, &size, &complaints), path, &complaints))
        return EXIT_USAGE;
    if (!journal_head_read(path, &head, &there)) {
        printf("%s.head: was altered; it is no head of a log\n", path);
        free(text);
        return EXIT_FAILED;
    }
    const struct journal_expectation expectation = {there ? &head : NULL, hash};
    struct journal_verdict verdict =
        journal_check(text, size, &expectation, shows ? print_record : NULL, NULL);
    if (verdict.fault != JOURNAL_WHOLE)
        print_fault(path, &verdict);
    else if (!shows)
        print_whole(path, &verdict);
    free(text);
    return verdict.fault == JOURNAL_WHOLE ? EXIT_DONE : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
    static const struct option_row own[] = {{"--head", 0, take_head, 0}, {0}};
    static const struct options options = {.command = "log", .help = help, .own = own};
    const char *head = NULL;
    int code = options_read(&options, &head, argc, argv);
    if (code >= 0)
        return code;
    bool right = argc - optind == 2;
    bool shows = right && strcmp(argv[optind], "show") == 0;
    if (!right || (!shows && strcmp(argv[optind], "verify") != 0)) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    return look(argv[optind + 1], head, shows);
}

const struct command command_log = {"log", "verify|show FILE", "check or list the chained log of scans",
                                    "验证或列出扫描的链式日志", run};
