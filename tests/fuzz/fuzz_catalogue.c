#include <stdlib.h>

#include "fuzz.h"
#include "scoring/catalogue.h"

/* The text is a catalogue file; what loads is asked for all that a scan asks of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaints complaints;
    struct catalogue catalogue;
    complaints_init(&complaints, "fuzz");
    if (catalogue_parse(&catalogue, (const char *)data, size, &complaints) == STATUS_OK) {
        for (size_t i = 0; i < catalogue.items_count; i++)
            if (catalogue_item(&catalogue, catalogue.items[i].id) != i ||
                catalogue.items[i].dimension >= catalogue.dimensions_count)
                abort();
        struct ports ports;
        if (catalogue_ports(&catalogue, TRANSPORT_TCP, &ports) == STATUS_OK)
            ports_deinit(&ports);
        catalogue_deinit(&catalogue);
    }
    complaints_deinit(&complaints);
    return 0;
}
