#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scoring/feeds/stix_pattern.h"

/* A pattern: what is read has terms that are whole, what is refused says where. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stix_pattern pattern;
    const char *why = NULL;
    size_t at = 0;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    enum status status = stix_pattern_read(text, &pattern, &why, &at);
    if (status == STATUS_MISMATCH && (!why || at > strlen(text)))
        abort();
    for (size_t i = 0; status == STATUS_OK && i < pattern.count; i++) {
        const struct indicator_term *term = &pattern.terms[i];
        if (term->kind == INDICATOR_ADDRESS ? address_compare(term->range.first, term->range.last) > 0
                                            : !term->text || !term->text[0])
            abort();
    }
    if (status == STATUS_OK && pattern.count == 0 && !pattern.why)
        abort();
    if (status == STATUS_OK)
        stix_pattern_deinit(&pattern);
    free(text);
    return 0;
}
