#include "scoring/feeds/indicators.h"

#include <stdlib.h>
#include <string.h>

void indicators_init(struct indicators *indicators)
{
    *indicators = (struct indicators){0};
}

void indicators_deinit(struct indicators *indicators)
{
    free(indicators->items);
    free(indicators->addresses);
    free(indicators->names);
    free(indicators->texts);
    indicators_init(indicators);
}

/* Room for `more` behind what is there. */
static enum status grow(void **array, size_t count, size_t more, size_t *capacity, size_t size)
{
    if (count + more <= *capacity)
        return STATUS_OK;
    size_t wanted = *capacity ? *capacity : 256;
    while (wanted < count + more)
        wanted *= 2;
    void *grown = reallocarray(*array, wanted, size);
    if (!grown)
        return STATUS_NO_MEMORY;
    *array = grown;
    *capacity = wanted;
    return STATUS_OK;
}

enum status indicators_add(struct indicators *indicators, const struct indicator *indicator)
{
    void *items = indicators->items;
    if (indicators->count == INDICATORS_MAX)
        return STATUS_LIMIT;
    enum status status = grow(&items, indicators->count, 1, &indicators->capacity, sizeof *indicators->items);
    indicators->items = items;
    if (status == STATUS_OK)
        indicators->items[indicators->count++] = *indicator;
    return status;
}

static enum status add_address(struct indicators *indicators, const struct indicator_term *term)
{
    void *addresses = indicators->addresses;
    enum status status = grow(&addresses, indicators->addresses_count, 1, &indicators->addresses_capacity,
                              sizeof *indicators->addresses);
    indicators->addresses = addresses;
    if (status == STATUS_OK)
        indicators->addresses[indicators->addresses_count++] =
            (struct indicator_address){.range = term->range,
                                       .indicator = (uint32_t)(indicators->count - 1),
                                       .port = term->port,
                                       .transport = (int8_t)term->transport};
    return status;
}

static enum status add_text(struct indicators *indicators, const struct indicator_term *term)
{
    void *names = indicators->names, *texts = indicators->texts;
    size_t size = strlen(term->text) + 1;
    if (size > INDICATORS_TEXT_MAX - indicators->texts_size)
        return STATUS_LIMIT;
    enum status status =
        grow(&names, indicators->names_count, 1, &indicators->names_capacity, sizeof *indicators->names);
    indicators->names = names;
    if (status == STATUS_OK)
        status = grow(&texts, indicators->texts_size, size, &indicators->texts_capacity, 1);
    indicators->texts = texts;
    if (status != STATUS_OK)
        return status;
    memcpy(indicators->texts + indicators->texts_size, term->text, size);
    indicators->names[indicators->names_count++] = (struct indicator_text){
        indicators->texts_size, (uint32_t)(indicators->count - 1), (uint8_t)term->kind};
    indicators->texts_size += size;
    return STATUS_OK;
}

enum status indicators_add_term(struct indicators *indicators, const struct indicator_term *term)
{
    if (indicators->addresses_count + indicators->names_count >= INDICATORS_MAX)
        return STATUS_LIMIT;
    return term->kind == INDICATOR_ADDRESS ? add_address(indicators, term) : add_text(indicators, term);
}

static int address_order(const void *a, const void *b)
{
    const struct indicator_address *left = a, *right = b;
    int order = address_compare(left->range.first, right->range.first);
    return order ? order : left->indicator < right->indicator ? -1 : left->indicator > right->indicator;
}

static int text_order(const void *a, const void *b, void *context)
{
    const struct indicator_text *left = a, *right = b;
    const char *texts = context;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    int order = strcmp(texts + left->at, texts + right->at);
    return order ? order : left->indicator < right->indicator ? -1 : left->indicator > right->indicator;
}

/* By id, the newest version last. */
static int version_order(const void *a, const void *b, void *context)
{
    const struct indicator *items = context;
    const struct indicator *left = &items[*(const uint32_t *)a], *right = &items[*(const uint32_t *)b];
    int order = stix_id_compare(&left->id, &right->id);
    if (order)
        return order;
    return left->modified_ms < right->modified_ms ? -1 : left->modified_ms > right->modified_ms;
}

static enum status retire_old_versions(struct indicators *indicators)
{
    uint32_t *order = calloc(indicators->count + 1, sizeof *order);
    if (!order)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < indicators->count; i++)
        order[i] = (uint32_t)i;
    if (indicators->count)
        qsort_r(order, indicators->count, sizeof *order, version_order, indicators->items);
    for (size_t i = 1; i < indicators->count; i++) {
        struct indicator *before = &indicators->items[order[i - 1]];
        if (stix_id_compare(&before->id, &indicators->items[order[i]].id) == 0)
            before->until_ms = before->from_ms;
    }
    free(order);
    return STATUS_OK;
}

enum status indicators_settle(struct indicators *indicators)
{
    struct indicator_address *addresses = indicators->addresses;
    if (indicators->addresses_count)
        qsort(addresses, indicators->addresses_count, sizeof *addresses, address_order);
    for (size_t i = 0; i < indicators->addresses_count; i++) {
        addresses[i].reach = addresses[i].range.last;
        if (i && address_compare(addresses[i - 1].reach, addresses[i].reach) > 0)
            addresses[i].reach = addresses[i - 1].reach;
    }
    if (indicators->names_count)
        qsort_r(indicators->names, indicators->names_count, sizeof *indicators->names, text_order,
                indicators->texts);
    indicators->words = 0;
    for (size_t i = 0; i < indicators->count; i++)
        indicators->words |= indicators->items[i].words;
    return retire_old_versions(indicators);
}

static bool meets(const struct indicator *indicator, int64_t time_ms,
                  const struct indicator_condition *condition)
{
    return time_ms >= indicator->from_ms && time_ms < indicator->until_ms &&
           (condition->with == 0 || (indicator->words & condition->with)) &&
           !(indicator->words & condition->without);
}

static const struct indicator *find_address(const struct indicators *indicators,
                                            const struct indicator_question *question,
                                            const struct indicator_condition *condition)
{
    size_t low = 0, high = indicators->addresses_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(indicators->addresses[middle].range.first, question->address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low > 0 && address_compare(indicators->addresses[low - 1].reach, question->address) >= 0; low--) {
        const struct indicator_address *term = &indicators->addresses[low - 1];
        bool is = address_compare(term->range.last, question->address) >= 0 &&
                  (term->port == 0 || term->port == question->port) &&
                  (term->transport < 0 || term->transport == question->transport);
        if (is && meets(&indicators->items[term->indicator], question->time_ms, condition))
            return &indicators->items[term->indicator];
    }
    return NULL;
}

static const struct indicator *find_text(const struct indicators *indicators, enum indicator_kind kind,
                                         const char *text, int64_t time_ms,
                                         const struct indicator_condition *condition)
{
    size_t low = 0, high = indicators->names_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct indicator_text *term = &indicators->names[middle];
        int order = term->kind < kind   ? -1
                    : term->kind > kind ? 1
                                        : strcmp(indicators->texts + term->at, text);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < indicators->names_count && indicators->names[low].kind == kind &&
           strcmp(indicators->texts + indicators->names[low].at, text) == 0;
         low++) {
        const struct indicator *indicator = &indicators->items[indicators->names[low].indicator];
        if (meets(indicator, time_ms, condition))
            return indicator;
    }
    return NULL;
}

/* The name itself, or one that it is below. */
static const struct indicator *find_name(const struct indicators *indicators,
                                         const struct indicator_question *question,
                                         const struct indicator_condition *condition)
{
    const struct indicator *found =
        find_text(indicators, INDICATOR_NAME, question->name, question->time_ms, condition);
    for (const char *above = domain_parent(question->name); above && !found; above = domain_parent(above))
        found = find_text(indicators, INDICATOR_NAME_BELOW, above, question->time_ms, condition);
    return found;
}

const struct indicator *indicators_find(const struct indicators *indicators,
                                        const struct indicator_question *question,
                                        const struct indicator_condition *condition)
{
    const struct indicator *found = NULL;
    if (question->has_address && (condition->kinds & INDICATOR_ADDRESS))
        found = find_address(indicators, question, condition);
    if (!found && question->name[0] && (condition->kinds & (INDICATOR_NAME | INDICATOR_NAME_BELOW)))
        found = find_name(indicators, question, condition);
    if (!found && question->url[0] && (condition->kinds & INDICATOR_URL))
        found = find_text(indicators, INDICATOR_URL, question->url, question->time_ms, condition);
    return found;
}
