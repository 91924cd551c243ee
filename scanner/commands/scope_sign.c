#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/owners.h"
#include "scanner/commands/present.h"
#include "scanner/commands/replacement.h"
#include "scanner/commands/scope_verbs.h"
#include "scanner/commands/signed_scope.h"
#include "scoring/timestamp.h"
#include "targets/authorization.h"
#include "targets/document.h"

#define PATH_SIZE 4096

static const char keygen_help[] = "Usage: auscult scope keygen NAME\n"
                                  "Makes the pair of keys (Ed25519) with which the owner of a scope signs "
                                  "it: NAME.key, which is private and only its\n"
                                  "owner may read, and NAME.pub for whoever scans. Neither file may be there "
                                  "yet. Keep NAME.key where the scanner is\n"
                                  "not; `openssl pkey -aes256 -in NAME.key` puts it under a passphrase, "
                                  "which `scope sign` then asks for.\n";

static const char sign_help[] =
    "Usage: auscult scope sign SCOPE --key PRIVATE\n"
    "Checks the scope file and signs every byte of it; the signature is written to SCOPE.sig. An earlier one "
    "is replaced.\n\n"
    "      --key PRIVATE      the private key, NAME.key of `auscult scope keygen NAME`\n"
    "  -h, --help\n\n"
    "Exit: 0 signed, 1 failed, 2 wrong usage or file.\n";

static const char verify_help[] =
    "Usage: auscult scope verify SCOPE --key PUBLIC…\n"
    "Says whether SCOPE.sig is a signature of every byte of the scope file by one of the keys, and whether "
    "its dates allow\n"
    "a scan today. `scan --require-signature PUBLIC` asks the same before it sends anything.\n\n"
    "      --key PUBLIC       a public key, NAME.pub of `auscult scope keygen NAME`; repeatable\n"
    "  -h, --help\n\n"
    "Exit: 0 it is, 2 wrong usage or file, 3 missing, foreign, of other bytes, or not valid today.\n";

/* -1: go on, with the path of the scope; otherwise the exit code. */
static int read_arguments(int argc, char **argv, const char *help, const char *command, struct sources *keys,
                          const char **path_out)
{
    static const struct option_row own[] = {{"--key", 0, option_source, 0}, {0}};
    const struct options options = {.command = command, .help = help, .own = own};
    int code = options_read(&options, keys, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind != 1 || keys->count == 0) {
        fprintf(stderr, "auscult %s: want one scope file and --key FILE; `auscult %s --help` tells more\n",
                command, command);
        return EXIT_USAGE;
    }
    *path_out = argv[optind];
    return -1;
}

static int keep_pair(const struct signing_key *key, const char *private_path, const char *public_path)
{
    const char *path = private_path;
    enum status status = signing_key_write(key, private_path, true);
    if (status == STATUS_OK) {
        path = public_path;
        status = signing_key_write(key, public_path, false);
        int error = errno;
        if (status != STATUS_OK)
            unlink(private_path);
        errno = error;
    }
    return present_status(status, path, NULL);
}

int scope_keygen(int argc, char **argv)
{
    char private_path[PATH_SIZE], public_path[PATH_SIZE];
    struct signing_key key;
    if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(keygen_help, stdout);
        return EXIT_DONE;
    }
    if (argc != 2 || argv[1][0] == '-' || !argv[1][0] ||
        snprintf(private_path, sizeof private_path, "%s.key", argv[1]) >= (int)sizeof private_path) {
        fputs(keygen_help, stderr);
        return EXIT_USAGE;
    }
    snprintf(public_path, sizeof public_path, "%.4000s.pub", argv[1]);
    enum status status = signing_key_make(&key);
    if (status != STATUS_OK)
        return present_status(status, "a new key", NULL);
    int code = keep_pair(&key, private_path, public_path);
    if (code == EXIT_DONE)
        printf("private, to sign with   %s\npublic, to check with   %s\nkey                     %s\n",
               private_path, public_path, key.id);
    signing_key_deinit(&key);
    return code;
}

static enum status keep_signature(const struct signature *signature, const char *path)
{
    struct replacement replacement;
    char text[SIGNATURE_TEXT_SIZE];
    signature_format(signature, text);
    enum status status = replacement_begin(&replacement, path);
    if (status != STATUS_OK)
        return status;
    bool written = fwrite(text, 1, sizeof text, replacement.stream) == sizeof text;
    return replacement_end(&replacement, written ? STATUS_OK : STATUS_SYSTEM, true);
}

/* The bytes of a scope file that is right; false: said, exit 2. */
static bool load_scope(const char *path, struct scope *scope, char **text_out, size_t *size_out)
{
    struct complaints complaints;
    complaints_init(&complaints, path);
    enum status status = document_load(path, text_out, size_out, &complaints);
    if (status == STATUS_OK)
        status = scope_parse(scope, *text_out, *size_out, &complaints);
    bool good = present_complaints(status, path, &complaints);
    if (!good)
        free(*text_out);
    return good;
}

static int sign(const char *path, const char *text, size_t size, const struct signing_key *key)
{
    struct signature signature;
    char beside[PATH_SIZE];
    if (snprintf(beside, sizeof beside, "%s" SIGNED_SUFFIX, path) >= (int)sizeof beside)
        return present_status(STATUS_LIMIT, path, NULL);
    enum status status = signature_make(&signature, key, text, size, clock_epoch_ms() / 1000);
    if (status == STATUS_OK)
        status = keep_signature(&signature, beside);
    if (status == STATUS_OK)
        printf("%s: signed by the key %s in %s\n", path, key->id, beside);
    return present_status(status, beside, NULL);
}

int scope_sign(int argc, char **argv)
{
    struct sources keys = {.count = 0};
    struct signing_key key;
    struct scope scope;
    const char *path = NULL;
    char *text = NULL;
    size_t size = 0;
    int code = read_arguments(argc, argv, sign_help, "scope sign", &keys, &path);
    if (code >= 0)
        return code;
    const char *why = keys.count == 1 ? signing_key_read(&key, keys.items[0], true) : "sign with one key";
    if (why) {
        fprintf(stderr, "auscult: --key: %s: %s\n", quoted(keys.items[0]).text, why);
        return EXIT_USAGE;
    }
    code = EXIT_USAGE;
    if (load_scope(path, &scope, &text, &size)) {
        code = sign(path, text, size, &key);
        scope_deinit(&scope);
        free(text);
    }
    signing_key_deinit(&key);
    return code;
}

/* Dates only: hours pass by themselves. */
static int check_dates(const struct scope *scope, const char *path)
{
    struct authorization *authorization;
    enum status status = authorization_new(scope, &authorization);
    if (status != STATUS_OK)
        return present_status(status, "the authorization", NULL);
    enum refusal refusal = authorization_moment(authorization, clock_epoch_ms() / 1000);
    authorization_free(&authorization);
    if (refusal != REFUSAL_EXPIRED && refusal != REFUSAL_NOT_YET)
        return EXIT_DONE;
    fprintf(stderr, "auscult: %s is signed, and no scan is allowed: %s\n", path, refusal_text(refusal));
    return EXIT_REFUSED;
}

static void print_signature(const char *path, const struct signature *signature)
{
    char moment[TIMESTAMP_TEXT_MAX];
    timestamp_format(signature->signed_s, moment);
    printf("%s: signed by the key %s at %s\n", path, signature->key_id, moment);
}

static int verify(const char *path, const struct owners *owners)
{
    struct complaints complaints;
    struct signature signature;
    struct scope scope;
    char *text = NULL, why[SIGNED_WHY_MAX];
    size_t size = 0;
    int code = EXIT_USAGE;
    complaints_init(&complaints, path);
    enum status status = document_load(path, &text, &size, &complaints);
    if (status == STATUS_OK &&
        !signed_scope_check(path, text, size, owners->keys, owners->count, &signature, why)) {
        fprintf(stderr, "auscult: %s\n", why);
        free(text);
        return EXIT_REFUSED;
    }
    if (status == STATUS_OK)
        status = scope_parse(&scope, text, size, &complaints);
    if (present_complaints(status, path, &complaints)) {
        code = check_dates(&scope, path);
        scope_deinit(&scope);
    }
    if (code == EXIT_DONE)
        print_signature(path, &signature);
    free(text);
    return code;
}

int scope_verify(int argc, char **argv)
{
    struct sources keys = {.count = 0};
    struct owners owners;
    const char *path = NULL;
    char why[OWNERS_WHY_MAX];
    int code = read_arguments(argc, argv, verify_help, "scope verify", &keys, &path);
    owners_init(&owners);
    for (size_t i = 0; i < keys.count && code < 0; i++)
        if (!owners_add(&owners, keys.items[i], why)) {
            fprintf(stderr, "auscult: --key: %s\n", why);
            code = EXIT_USAGE;
        }
    if (code < 0)
        code = verify(path, &owners);
    owners_deinit(&owners);
    return code;
}
