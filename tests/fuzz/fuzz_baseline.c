#include <stdlib.h>

#include "fuzz.h"
#include "scoring/baseline.h"

/* The text is a baseline file; what loads is written and read again, and comes out as it went in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaints complaints;
    struct baseline baseline, again;
    complaints_init(&complaints, "fuzz");
    if (baseline_parse(&baseline, (const char *)data, size, &complaints) == STATUS_OK) {
        char *text = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);
        if (!stream || baseline_write(&baseline, stream) != STATUS_OK || fclose(stream) != 0)
            abort();
        if (baseline_parse(&again, text, length, &complaints) != STATUS_OK ||
            again.figures_count != baseline.figures_count)
            abort();
        baseline_deinit(&again);
        baseline_deinit(&baseline);
        free(text);
    }
    complaints_deinit(&complaints);
    return 0;
}
