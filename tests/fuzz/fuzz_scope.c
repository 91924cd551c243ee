#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "targets/authorization.h"
#include "targets/domain.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Whatever a file says, a permit is for an address that it holds and does not exclude. */
static void check_permits(struct authorization *authorization, const struct scope *scope)
{
    struct ranges addresses;
    require(authorization_addresses(authorization, &addresses) == STATUS_OK);
    for (size_t i = 0; i < addresses.count && i < 64; i++) {
        const struct permit *permit;
        struct address address = addresses.items[i].first;
        int64_t now_s = authorization_next_moment(authorization, INT64_MIN);
        require(address_not_unicast(address) == NULL);
        require(scope_owner(scope, address) != NULL && !ranges_contain(&scope->exclude, address));
        if (authorization_permit(authorization, address, (struct port){22, TRANSPORT_TCP}, now_s, &permit) !=
            REFUSAL_NONE)
            continue;
        require(ranges_contain(&permit_organization(permit)->ranges, address));
        authorization_release(authorization, permit);
    }
    ranges_deinit(&addresses);
}

/* Every domain is its organization's, and so is what lies below it unless that has an owner of its own. */
static void check_domains(const struct scope *scope)
{
    for (size_t i = 0; i < scope->domains_count; i++) {
        const struct owned_domain *domain = &scope->domains[i];
        char below[DOMAIN_TEXT_MAX + 2];
        require(scope_domain_owner(scope, domain->name) == &scope->organizations[domain->organization]);
        snprintf(below, sizeof below, "A.%s", domain->name);
        require(strlen(below) >= DOMAIN_TEXT_MAX ||
                scope_domain_owner(scope, below) == &scope->organizations[domain->organization]);
    }
}

static void check_complaints(const struct complaints *complaints)
{
    require(complaints->count > 0);
    for (size_t i = 0; i < complaints->count; i++)
        require(complaints->items[i].line > 0 && complaints->items[i].column > 0 &&
                complaints->items[i].text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scope scope;
    struct complaints complaints;
    struct authorization *authorization = NULL;
    complaints_init(&complaints, "scope");
    enum status status = scope_parse(&scope, (const char *)data, size, &complaints);
    if (status == STATUS_WRONG_FILE)
        check_complaints(&complaints);
    if (status == STATUS_OK && authorization_new(&scope, &authorization) == STATUS_OK)
        check_permits(authorization, &scope);
    if (status == STATUS_OK)
        check_domains(&scope);
    authorization_free(&authorization);
    char *text = complaints_format(&complaints);
    free(text);
    scope_deinit(&scope);
    complaints_deinit(&complaints);
    return 0;
}
