#include "scoring/asking.h"

#include <stdlib.h>
#include <string.h>

#define PORTS 65536

void asking_init(struct asking *asking, struct store *store, const struct store_run *run)
{
    *asking = (struct asking){.store = store, .run = run};
}

void asking_deinit(struct asking *asking)
{
    free(asking->organization);
    free(asking->ends);
    free(asking->touched);
    *asking = (struct asking){0};
}

enum status asking_flush(struct asking *asking)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < asking->touched_count; i++) {
        uint32_t place = asking->touched[i];
        struct store_count count = {.organization = asking->organization,
                                    .port = {(uint16_t)(place % PORTS), (uint8_t)(place / PORTS)}};
        memcpy(count.ends, asking->ends[place], sizeof count.ends);
        memset(asking->ends[place], 0, sizeof count.ends);
        if (status == STATUS_OK)
            status = store_add_count(asking->store, asking->run, &count);
    }
    asking->touched_count = 0;
    return status;
}

static enum status begin_organization(struct asking *asking, const char *organization)
{
    if (asking->organization && strcmp(asking->organization, organization) == 0)
        return STATUS_OK;
    if (!asking->ends) {
        asking->ends = calloc((size_t)PORTS * 2, sizeof *asking->ends);
        asking->touched = calloc((size_t)PORTS * 2, sizeof *asking->touched);
    }
    if (!asking->ends || !asking->touched)
        return STATUS_NO_MEMORY;
    enum status status = asking_flush(asking);
    free(asking->organization);
    asking->organization = strdup(organization);
    return asking->organization ? status : STATUS_NO_MEMORY;
}

enum status asking_add(struct asking *asking, const char *organization, const struct ports *ports,
                       enum endpoint_state state)
{
    enum status status = begin_organization(asking, organization);
    for (size_t i = 0; i < ports->count && status == STATUS_OK; i++) {
        uint32_t place =
            ports->items[i].number + (uint32_t)(ports->items[i].transport == TRANSPORT_UDP) * PORTS;
        uint64_t *ends = asking->ends[place];
        if (ends[0] + ends[1] + ends[2] + ends[3] + ends[4] == 0)
            asking->touched[asking->touched_count++] = place;
        ends[state]++;
    }
    return status;
}
