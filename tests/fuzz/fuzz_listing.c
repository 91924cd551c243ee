#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scanner/commands/listing.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* The first byte says how the rest is read. Whatever a list says: a scope or complaints, and each complaint of the list has
   a place in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct draft_authorization authorization = {
        .values = {{"r"}, {"b"}, {"c"}, {"2026-01-01"}, {"2026-12-31"}}, .counts = {1, 1, 1, 1, 1}};
    struct listing listing;
    struct draft draft = {.failed = false};
    struct complaints complaints;
    if (size == 0)
        return 0;
    struct listing_options options = {.delimiter = data[0] & 1 ? ';' : 0, .fill_down = data[0] & 2};
    options.columns[LISTING_RANGES] = data[0] & 4 ? "r" : NULL;
    complaints_init(&complaints, "fuzz");
    enum status status = listing_read(&listing, (const char *)data + 1, size - 1, &options, &complaints);
    require(status == STATUS_OK || complaints.count > 0);
    if (listing.count || status == STATUS_OK) {
        require(draft_write(&draft, &authorization, listing.organizations, listing.count) == STATUS_OK);
        enum status checked = draft_check(&draft, &complaints);
        require(checked == STATUS_OK || complaints.count > 0);
        require(checked != STATUS_OK || listing.count > 0);
    }
    for (size_t i = 0; i < complaints.count; i++)
        require(complaints.items[i].text &&
                (complaints.items[i].line == 0) == (complaints.items[i].column == 0));
    draft_deinit(&draft);
    listing_deinit(&listing);
    complaints_deinit(&complaints);
    return 0;
}
