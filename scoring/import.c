#include "scoring/import.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/asking.h"
#include "scoring/assessment.h"

/* One import while its file is read. */
struct importing {
    struct store *store;
    const struct import_options *options;
    struct store_run run;
    struct import_tally *tally;
    struct asking asking;
    EVP_MD_CTX *digest;
    bool timed; /* the run's time is known */
};

/* --- bytes --- */

static enum status read_digested(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    struct importing *importing = context;
    enum status status = importing->options->read(importing->options->context, bytes, capacity, size_out);
    if (status == STATUS_OK && EVP_DigestUpdate(importing->digest, bytes, *size_out) != 1)
        return STATUS_NO_MEMORY;
    return status;
}

/* Of the whole file, should the feed have seen enough before its end. */
static enum status finish_digest(struct importing *importing, struct feed_source *source)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct span chunk;
    do {
        enum status status = feed_source_chunk(source, &chunk);
        if (status != STATUS_OK)
            return status;
    } while (chunk.size);
    if (EVP_DigestFinal_ex(importing->digest, digest, &length) != 1 || length != 32)
        return STATUS_NO_MEMORY;
    for (unsigned i = 0; i < length; i++)
        snprintf(importing->run.file_hash + 2 * i, 3, "%02x", digest[i]);
    return STATUS_OK;
}

/* --- what the feed hands over --- */

static void stretch(struct importing *importing, int64_t from_ms, int64_t until_ms)
{
    struct store_run *run = &importing->run;
    if (!importing->timed || from_ms < run->from_ms)
        run->from_ms = from_ms;
    if (!importing->timed || until_ms > run->until_ms)
        run->until_ms = until_ms;
    importing->timed = true;
}

/* RFC 1918, RFC 6598 (shared), RFC 4193, and what never leaves a link or a host. */
static bool is_private(struct address address)
{
    if (!address_is_ipv4(address))
        return address.high >> 57 == 0x7e || address.high >> 54 == 0x3fa ||
               (address.high == 0 && address.low == 1);
    uint32_t host = (uint32_t)address.low;
    return host >> 24 == 10 || host >> 20 == 0xac1 || host >> 16 == 0xc0a8 || host >> 22 == 0x191 ||
           host >> 16 == 0xa9fe || host >> 24 == 127;
}

static const struct organization *owner_of(const struct importing *importing, const struct address *address,
                                           const char *domain)
{
    const struct import_options *options = importing->options;
    const struct organization *owner = NULL;
    if (address)
        owner = scope_owner(options->scope, *address);
    if (!owner && address && options->only && is_private(*address))
        owner = options->only;
    if (!owner && domain)
        owner = scope_domain_owner(options->scope, domain);
    return owner;
}

static const char *owner(void *context, const struct address *address, const char *domain)
{
    const struct organization *organization = owner_of(context, address, domain);
    return organization ? organization->id : NULL;
}

static const char *organization(void *context, const char *name)
{
    const struct scope *scope = ((const struct importing *)context)->options->scope;
    const struct organization *found = scope_organization(scope, name);
    if (found)
        return found->id;
    for (size_t i = 0; i < scope->organizations_count; i++) {
        const struct organization *named = &scope->organizations[i];
        if (strcmp(named->name, name) == 0 && found)
            return NULL;
        if (strcmp(named->name, name) == 0)
            found = named;
    }
    return found ? found->id : NULL;
}

/* Counts what is left out; NULL then. */
static const struct organization *admit(struct importing *importing, const struct organization *owner)
{
    const struct organization *only = importing->options->only;
    importing->tally->outside += !owner;
    importing->tally->others += owner && only && owner != only;
    return !owner || (only && owner != only) ? NULL : owner;
}

static enum status take_observation(void *context, const struct observation *observation)
{
    struct importing *importing = context;
    const struct organization *owner = admit(importing, owner_of(importing, &observation->address, NULL));
    if (!owner)
        return STATUS_OK;
    importing->tally->observations++;
    enum status status = store_host(importing->store, &importing->run, owner->id, observation->address, true);
    if (status != STATUS_OK)
        return status;
    /* A source may tell of an endpoint more than once; what it recognised there stays. */
    bool known = strcmp(observation->service, "unknown") != 0;
    return known ? store_observation(importing->store, &importing->run, owner->id, observation)
                 : store_add_observation(importing->store, &importing->run, owner->id, observation);
}

static enum status take_asked(void *context, struct address address, const struct ports *ports,
                              enum endpoint_state state)
{
    struct importing *importing = context;
    const struct organization *owner = owner_of(importing, &address, NULL);
    if (!owner || (importing->options->only && owner != importing->options->only))
        return STATUS_OK;
    bool open = state == ENDPOINT_OPEN || state == ENDPOINT_SYNTHETIC;
    enum status status = STATUS_OK;
    if (ports->count && (open || state == ENDPOINT_CLOSED))
        status = store_host(importing->store, &importing->run, owner->id, address, open);
    return status == STATUS_OK ? asking_add(&importing->asking, owner->id, ports, state) : status;
}

static enum status take_finding(void *context, const struct finding *finding, const char *domain)
{
    struct importing *importing = context;
    const struct import_options *options = importing->options;
    const struct organization *owner =
        finding->organization ? scope_organization(options->scope, finding->organization)
                              : owner_of(importing, finding->has_address ? &finding->address : NULL, domain);
    if (!owner && !finding->organization && !finding->has_address && !domain)
        owner = options->only;
    owner = admit(importing, owner);
    if (!owner)
        return STATUS_OK;
    struct finding owned = *finding;
    owned.organization = owner->id;
    owned.judged = false;
    if (owned.time_ms)
        stretch(importing, owned.time_ms, owned.time_ms);
    importing->tally->findings++;
    return store_finding(importing->store, &importing->run, &owned);
}

static enum status cover(struct importing *importing, const char *organization, const char *const *items,
                         size_t count, int64_t from_ms, int64_t until_ms)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct store_covered covered = {
            .item = items[i], .from_ms = from_ms, .until_ms = until_ms, .whole = true};
        status = store_covers(importing->store, &importing->run, organization, &covered);
    }
    return status;
}

static enum status take_covers(void *context, const char *organization, const char *const *items,
                               size_t count, int64_t from_ms, int64_t until_ms)
{
    struct importing *importing = context;
    const struct scope *scope = importing->options->scope;
    const struct organization *only = importing->options->only;
    const struct organization *one = organization ? scope_organization(scope, organization) : only;
    enum status status = STATUS_OK;
    stretch(importing, from_ms, until_ms);
    if (one && (!only || one == only))
        return cover(importing, one->id, items, count, from_ms, until_ms);
    for (size_t i = 0; !organization && i < scope->organizations_count && status == STATUS_OK; i++)
        status = cover(importing, scope->organizations[i].id, items, count, from_ms, until_ms);
    return status;
}

static void take_period(void *context, int64_t from_ms, int64_t until_ms)
{
    stretch(context, from_ms, until_ms);
}

static void take_skipped(void *context, const char *why)
{
    struct import_tally *tally = ((struct importing *)context)->tally;
    size_t i = 0;
    while (i < tally->skipped_count && strcmp(tally->skipped[i].why, why) != 0)
        i++;
    if (i == IMPORT_REASONS_MAX)
        return;
    tally->skipped[i].why = why;
    tally->skipped[i].count++;
    tally->skipped_count += i == tally->skipped_count;
}

/* --- the run --- */

static char *safe_copy(const char *text)
{
    size_t capacity = strlen(text) * TEXT_PIECE_MAX + 1;
    char *safe = malloc(capacity);
    if (safe)
        text_safe((struct span){(const uint8_t *)text, strlen(text)}, safe, capacity);
    return safe;
}

static enum status begin(struct importing *importing)
{
    const struct import_options *options = importing->options;
    struct store_run *run = &importing->run;
    run->kind = RUN_IMPORT;
    run->format = strdup(options->feed->name);
    run->file = safe_copy(options->file);
    run->authorization = strdup(options->scope->reference);
    run->vantage = strdup(vantage_name(options->vantage));
    run->engine = strdup(options->feed->name);
    run->catalogue = strdup(options->catalogue->name);
    run->scope_text = strdup(options->scope->text);
    memcpy(run->scope, options->scope->hash, sizeof run->scope);
    run->started_ms = run->ended_ms = options->now_ms;
    importing->digest = EVP_MD_CTX_new();
    if (!run->format || !run->file || !run->authorization || !run->vantage || !run->engine ||
        !run->catalogue || !run->scope_text || !importing->digest ||
        EVP_DigestInit_ex(importing->digest, EVP_sha256(), NULL) != 1)
        return STATUS_NO_MEMORY;
    enum status status = store_begin(importing->store, run);
    for (size_t i = 0; i < options->scope->organizations_count && status == STATUS_OK; i++)
        status = store_organization(importing->store, run, &options->scope->organizations[i]);
    return status;
}

static enum status parse(struct importing *importing, struct complaints *complaints,
                         struct complaints *map_complaints)
{
    const struct import_options *options = importing->options;
    const struct feed_sink sink = {importing,   owner,       take_observation, take_asked,  take_finding,
                                   take_covers, take_period, take_skipped,     organization};
    struct feed_source source;
    enum status status = feed_source_init(&source, read_digested, importing, complaints);
    const struct feed_call call = {.source = &source,
                                   .sink = &sink,
                                   .map = options->map,
                                   .catalogue = options->catalogue,
                                   .map_complaints = map_complaints,
                                   .indicators = options->indicators,
                                   .now_ms = options->now_ms};
    if (status == STATUS_OK)
        status = options->feed->parse(&call);
    if (status == STATUS_OK && complaints->count + map_complaints->count > 0)
        status = STATUS_WRONG_FILE;
    if (status == STATUS_OK)
        status = finish_digest(importing, &source);
    feed_source_deinit(&source);
    return status;
}

/* Judges, and writes what became of the run; ends the transaction. */
static enum status finish(struct importing *importing)
{
    struct store_run *run = &importing->run;
    const struct import_options *options = importing->options;
    enum status status = asking_flush(&importing->asking);
    if (!importing->timed)
        stretch(importing, options->now_ms, options->now_ms);
    importing->tally->from_ms = run->from_ms;
    importing->tally->until_ms = run->until_ms;
    run->complete = true;
    if (status == STATUS_OK)
        status = store_update_run(importing->store, run);
    return status == STATUS_OK ? assessment_make(importing->store, run, options->scope, options->catalogue)
                               : status;
}

enum status import_make(struct store *store, const struct import_options *options,
                        struct complaints *complaints, struct complaints *map_complaints,
                        struct import_tally *tally_out)
{
    struct importing importing = {.store = store, .options = options, .tally = tally_out};
    *tally_out = (struct import_tally){0};
    enum status status = begin(&importing);
    asking_init(&importing.asking, store, &importing.run);
    if (status == STATUS_OK)
        status = parse(&importing, complaints, map_complaints);
    if (status == STATUS_OK)
        status = finish(&importing);
    if (status != STATUS_OK) {
        enum status back = store_rollback(store);
        status = back == STATUS_OK ? status : back;
    }
    asking_deinit(&importing.asking);
    EVP_MD_CTX_free(importing.digest);
    store_run_deinit(&importing.run);
    return status;
}
