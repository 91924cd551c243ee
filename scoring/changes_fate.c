#include "scoring/changes_parts.h"

/* What became of an occurrence that is no longer found: whether it was mended, or only not seen. */

static bool is_mended(enum change_reason reason)
{
    return reason == REASON_CLOSED || reason == REASON_OTHER_SERVICE || reason == REASON_ANSWERED;
}

static enum status fate_of_endpoint(struct changes_parts *parts, size_t organization, size_t item,
                                    struct address address, struct port port, enum change_reason *reason_out)
{
    struct side *after = &parts->after;
    if (side_endpoint(after, organization, address, port)) {
        enum status status = side_verdict(after, organization, item, address, port, reason_out);
        /* Found by the facts and still not among the findings: nobody says why. */
        if (*reason_out == REASON_NONE)
            *reason_out = REASON_UNDETERMINED;
        return status;
    }
    *reason_out = side_asked(after, &parts->before, organization, address, port);
    if (*reason_out != REASON_NONE)
        return STATUS_OK;
    const struct side_host *host = side_host(after, organization, address);
    *reason_out = !host ? REASON_SILENT_HOST : host->everywhere ? REASON_ANSWERS_EVERYWHERE : REASON_CLOSED;
    return STATUS_OK;
}

/* What is told of a host as a whole may have been at any of the ports where it is looked for: of one that nobody
   knows of any more, nobody knows of the whole. */
static enum status fate_of_host(struct changes_parts *parts, size_t organization, size_t item,
                                const struct finding *finding, enum change_reason *reason_out)
{
    const struct ports *ports = &parts->after.catalogue->items[item].ports;
    size_t count = 0;
    const struct side_endpoint *endpoints =
        side_endpoints(&parts->before, organization, finding->address, &count);
    enum status status =
        fate_of_endpoint(parts, organization, item, finding->address, finding->port, reason_out);
    for (size_t i = 0; i < count && status == STATUS_OK && is_mended(*reason_out); i++) {
        enum change_reason reason = *reason_out;
        if (!ports_contain(ports, endpoints[i].port.number, endpoints[i].port.transport))
            continue;
        status = fate_of_endpoint(parts, organization, item, finding->address, endpoints[i].port, &reason);
        if (!is_mended(reason))
            *reason_out = reason;
    }
    return status;
}

enum status drafts_fate(struct changes_parts *parts, size_t organization,
                        const struct index_occurrence *occurrence, enum change_reason *reason_out)
{
    const struct side_organization *after = &parts->after.organizations[organization];
    const struct item *item = &parts->after.catalogue->items[occurrence->item];
    const struct finding *finding = occurrence->finding;
    bool covered = after->covered[occurrence->item];
    enum status status = STATUS_OK;
    *reason_out = REASON_UNCOVERED;
    if (item->when && finding->has_address)
        status = item->unit == UNIT_HOST
                     ? fate_of_host(parts, organization, occurrence->item, finding, reason_out)
                     : fate_of_endpoint(parts, organization, occurrence->item, finding->address,
                                        finding->port, reason_out);
    bool told = is_mended(*reason_out) || *reason_out == REASON_SILENT_HOST;
    if (!told && covered)
        *reason_out = REASON_REPORTED;
    return status;
}
