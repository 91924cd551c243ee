#include "scanner/scan_parts.h"

/* Which hosts of a scan are believed (control.h). */

static void judged(struct scan *scan, struct host *host, const struct organization *organization,
                   enum host_control state)
{
    host->control.state = state;
    host->remembered = true;
    if (scan->listener.judged)
        scan_check(scan, scan->listener.judged(scan->listener.context, organization, host->address, state));
}

/* Fragile hosts are told nothing, so that there is nothing that their ports could have proven. */
static void doubt(struct scan *scan, struct host *host, const struct organization *organization)
{
    if (host->fragile || host->control.state != CONTROL_UNASKED || scan->stopping)
        return;
    bool possible = scan->control_ports.count > 0;
    judged(scan, host, organization, possible ? CONTROL_ASKED : CONTROL_NONE);
    if (possible)
        scan_add_control(scan, host->address,
                         control_port(&scan->control_ports, scan->options.seed, host->address));
}

enum status scan_control_init(struct scan *scan)
{
    scan->control_threshold = control_threshold(scan->plan->ports.count);
    return control_ports(scan->authorization, scan->plan, scan->options.control_port, &scan->control_ports);
}

void scan_control_deinit(struct scan *scan)
{
    ports_deinit(&scan->control_ports);
}

static void count_unproven(struct scan *scan, struct host *host, const struct organization *organization)
{
    if (++host->control.unproven >= scan->control_threshold)
        doubt(scan, host, organization);
}

void scan_unproven(struct scan *scan, struct host *host, const struct organization *organization)
{
    host->control.told++;
    count_unproven(scan, host, organization);
}

void scan_forged(struct scan *scan, struct host *host, const struct organization *organization)
{
    doubt(scan, host, organization);
}

void scan_control_answered(struct scan *scan, struct host *host, const struct organization *organization,
                           bool answered)
{
    if (answered) {
        scan->totals.ends[ENDPOINT_OPEN] -= host->control.told;
        scan->totals.ends[ENDPOINT_SYNTHETIC] += host->control.told;
        host->control.told = 0;
    }
    judged(scan, host, organization, answered ? CONTROL_ANSWERED : CONTROL_REFUSED);
}

/* The host of an address that may be asked; NULL where it may not, and the scan stops. */
static struct host *host_of(struct scan *scan, struct address address,
                            const struct organization **organization_out)
{
    const struct permit *permit = scan_permit(scan, address, scan->plan->ports.items[0]);
    if (!permit)
        return NULL;
    *organization_out = permit_organization(permit);
    struct host *host = schedule_host(&scan->schedule, address, permit_manner(permit) == MANNER_FRAGILE);
    authorization_release(scan->authorization, permit);
    if (!host)
        scan_stop(scan, STATUS_NO_MEMORY);
    return host;
}

enum status scan_resume_unproven(struct scan *scan, struct address address)
{
    const struct organization *organization = NULL;
    struct host *host = host_of(scan, address, &organization);
    if (host) {
        host->remembered = true;
        count_unproven(scan, host, organization);
    }
    return scan->status;
}

enum status scan_resume_control(struct scan *scan, struct address address, enum host_control state)
{
    const struct organization *organization = NULL;
    struct host *host = host_of(scan, address, &organization);
    if (host && state == CONTROL_ASKED)
        doubt(scan, host, organization);
    else if (host)
        host->control.state = state;
    if (host)
        host->remembered = true;
    return scan->status;
}
