#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "targets/signature.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* What is taken for a signature is written as the very bytes that it was read from, and no key of ours made it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct signing_key key;
    struct signature signature;
    char again[SIGNATURE_TEXT_SIZE];
    if (!key.pair)
        require(signing_key_make(&key) == STATUS_OK);
    const char *why = signature_parse(&signature, (const char *)data, size);
    if (why) {
        require(why[0] != 0);
        return 0;
    }
    signature_format(&signature, again);
    require(size == sizeof again && memcmp(again, data, size) == 0);
    require(signature_refusal(&signature, &key, "{}", 2) != NULL);
    return 0;
}
