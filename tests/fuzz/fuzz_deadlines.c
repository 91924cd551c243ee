#include <stdlib.h>

#include "fuzz.h"
#include "scoring/deadline.h"

/* The text is a file of deadlines; whatever loads has a deadline for every item of a catalogue. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaints complaints;
    struct deadlines deadlines;
    char id[] = "H03-1";
    struct item item = {.id = id, .severity = 5};
    const struct catalogue catalogue = {.items = &item, .items_count = 1};
    complaints_init(&complaints, "fuzz");
    if (deadlines_parse(&deadlines, (const char *)data, size, &complaints) == STATUS_OK) {
        struct deadline deadline =
            deadline_of(&deadlines, &catalogue, 0, NULL, 1, INT64_C(1767225600000), 20260601);
        if (deadline.days < 0 || (deadline.days > 0 && deadline.due_day < 20260102))
            abort();
        deadlines_deinit(&deadlines);
    }
    complaints_deinit(&complaints);
    return 0;
}
