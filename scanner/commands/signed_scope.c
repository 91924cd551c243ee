#include "scanner/commands/signed_scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/owners.h"
#include "scanner/commands/present.h"
#include "targets/document.h"

/* The bytes of the signature file; false when there is none that could be one. */
static bool load_signature(const char *path, char text[SIGNATURE_TEXT_SIZE + 1], size_t *size_out)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    errno = 0;
    *size_out = fread(text, 1, SIGNATURE_TEXT_SIZE + 1, file);
    bool good = !ferror(file);
    int error = errno;
    fclose(file);
    errno = error;
    return good;
}

static const char *refusal_of(const struct signature *signature, const char *text, size_t size,
                              const struct signing_key *keys, size_t keys_count)
{
    for (size_t i = 0; i < keys_count; i++)
        if (strcmp(keys[i].id, signature->key_id) == 0)
            return signature_refusal(signature, &keys[i], text, size);
    return "is of a key that is not among those required";
}

bool signed_scope_check(const char *path, const char *text, size_t size, const struct signing_key *keys,
                        size_t keys_count, struct signature *signature_out, char why[SIGNED_WHY_MAX])
{
    char beside[4096], bytes[SIGNATURE_TEXT_SIZE + 1];
    size_t bytes_size = 0;
    const char *wrong = NULL;
    why[0] = 0;
    if (snprintf(beside, sizeof beside, "%s" SIGNED_SUFFIX, path) >= (int)sizeof beside) {
        snprintf(why, SIGNED_WHY_MAX, "the path is too long");
        return false;
    }
    if (!load_signature(beside, bytes, &bytes_size)) {
        snprintf(why, SIGNED_WHY_MAX, "the signature %s is missing or can't be read: %s", quoted(beside).text,
                 strerror(errno));
        return false;
    }
    wrong = signature_parse(signature_out, bytes, bytes_size);
    if (!wrong)
        wrong = refusal_of(signature_out, text, size, keys, keys_count);
    if (wrong)
        snprintf(why, SIGNED_WHY_MAX, "the signature %s %s", quoted(beside).text, wrong);
    return !wrong;
}

static int refuse(const struct signed_scope *result)
{
    fprintf(stderr, "auscult: nothing was sent: %s\n", result->why);
    return EXIT_REFUSED;
}

static int check_by(const struct owners *owners, const char *path, const char *text, size_t size,
                    struct signed_scope *result)
{
    struct signature signature;
    if (!signed_scope_check(path, text, size, owners->keys, owners->count, &signature, result->why))
        return refuse(result);
    memcpy(result->key_id, signature.key_id, sizeof result->key_id);
    return -1;
}

static int check_machine(const char *required, const char *path, const char *text, size_t size,
                         struct signed_scope *result)
{
    struct owners owners;
    bool is_required = false;
    int code = -1;
    owners_init(&owners);
    if (!owners_read(&owners, required, &is_required, result->why))
        code = refuse(result);
    else if (is_required)
        code = check_by(&owners, path, text, size, result);
    owners_deinit(&owners);
    return code;
}

static int check_options(const char *const *keys, size_t keys_count, const char *path, const char *text,
                         size_t size, struct signed_scope *result)
{
    struct owners owners;
    char why[OWNERS_WHY_MAX];
    int code = -1;
    owners_init(&owners);
    for (size_t i = 0; i < keys_count && code < 0; i++)
        if (!owners_add(&owners, keys[i], why)) {
            fprintf(stderr, "auscult: --require-signature: %s\n", why);
            code = EXIT_USAGE;
        }
    if (code < 0 && keys_count)
        code = check_by(&owners, path, text, size, result);
    owners_deinit(&owners);
    return code;
}

int signed_scope_read(struct scope *scope, const char *path, const char *required, const char *const *keys,
                      size_t keys_count, struct signed_scope *result)
{
    struct complaints complaints;
    char *text = NULL;
    size_t size = 0;
    *result = (struct signed_scope){.why = ""};
    complaints_init(&complaints, path);
    enum status status = document_load(path, &text, &size, &complaints);
    if (status == STATUS_OK)
        status = hash_text(text, size, result->hash);
    int code = -1;
    if (status == STATUS_OK)
        code = check_machine(required, path, text, size, result);
    if (status == STATUS_OK && code < 0)
        code = check_options(keys, keys_count, path, text, size, result);
    if (status == STATUS_OK && code < 0)
        status = scope_parse(scope, text, size, &complaints);
    free(text);
    if (code >= 0)
        complaints_deinit(&complaints);
    else if (!present_complaints(status, path, &complaints))
        code = EXIT_USAGE;
    return code;
}
