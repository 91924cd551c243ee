#include <stdlib.h>
#include <string.h>

#include "scoring/report/answers.h"

static struct service_count *service_named(struct services *services, const char *service)
{
    for (size_t i = 0; i < services->count; i++)
        if (strcmp(services->items[i].service, service) == 0)
            return &services->items[i];
    struct service_count *grown = reallocarray(services->items, services->count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    services->items = grown;
    grown[services->count] = (struct service_count){.service = service};
    return &grown[services->count++];
}

/* A host counts once for a service, on however many ports it speaks it; the answers of a host stand together. */
static bool is_repeated(const struct answers *answers, size_t number)
{
    const struct answer *answer = &answers->items[number];
    for (size_t i = number; i > 0; i--) {
        const struct answer *before = &answers->items[i - 1];
        if (address_compare(before->address, answer->address) != 0)
            return false;
        if (strcmp(before->service, answer->service) == 0)
            return true;
    }
    return false;
}

static bool is_first(const struct answers *answers, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (strcmp(answers->items[i].service, answers->items[number].service) == 0)
            return false;
    return true;
}

static enum status count(struct services *services, const struct answers *answers)
{
    services->known = services->known || answers->count > 0;
    for (size_t i = 0; i < answers->count; i++) {
        struct service_count *service = service_named(services, answers->items[i].service);
        if (!service)
            return STATUS_NO_MEMORY;
        if (is_repeated(answers, i))
            continue;
        service->hosts++;
        service->organizations += is_first(answers, i);
    }
    return STATUS_OK;
}

enum status services_make(const struct report *report, struct services *services_out)
{
    enum status status = STATUS_OK;
    *services_out = (struct services){0};
    for (size_t i = 0; i < report->organizations_count && status == STATUS_OK; i++) {
        struct answers answers;
        status = answers_collect(report, report->organizations[i].organization->id, &answers);
        if (status == STATUS_OK)
            status = count(services_out, &answers);
        answers_deinit(&answers);
    }
    if (status != STATUS_OK)
        services_deinit(services_out);
    return status;
}

void services_deinit(struct services *services)
{
    free(services->items);
    *services = (struct services){0};
}

struct service_count services_of(const struct services *services, const char *service)
{
    for (size_t i = 0; i < services->count; i++)
        if (strcmp(services->items[i].service, service) == 0)
            return services->items[i];
    return (struct service_count){.service = service};
}
