#include "scoring/report/doors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/report/filled.h"
#include "scoring/report/left_out.h"

static int text_compare(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

int door_place_compare(enum item_unit unit, const struct finding *a, const struct finding *b)
{
    bool keyed = unit != UNIT_HOST && unit != UNIT_ENDPOINT && (a->key || b->key);
    if (unit == UNIT_ORGANIZATION)
        return 0;
    if (keyed)
        return text_compare(a->key, b->key);
    if (a->has_address != b->has_address)
        return a->has_address ? -1 : 1;
    if (!a->has_address)
        return text_compare(a->key, b->key);
    int order = address_compare(a->address, b->address);
    if (order || unit == UNIT_HOST)
        return order;
    order = a->port.transport - b->port.transport;
    return order ? order : a->port.number - b->port.number;
}

void door_place(enum item_unit unit, const struct finding *finding, char text[DOOR_PLACE_MAX])
{
    char address[ADDRESS_PORT_TEXT_MAX];
    bool ported = finding->has_address && finding->port.number && unit != UNIT_HOST;
    if (!finding->has_address) {
        snprintf(text, DOOR_PLACE_MAX, "%s", finding->key ? finding->key : "");
        return;
    }
    address_format_port(finding->address, ported ? finding->port.number : 0, address);
    snprintf(text, DOOR_PLACE_MAX, "%s%s%s%s", address,
             ported && finding->port.transport == TRANSPORT_UDP ? "/udp" : "", finding->key ? " " : "",
             finding->key ? finding->key : "");
}

static void keep(struct doors *doors, enum status status)
{
    if (doors->status == STATUS_OK)
        doors->status = status;
}

/* --- what became of it --- */

static int change_compare(const void *a, const void *b, void *context)
{
    const struct change *left = *(const struct change *const *)a, *right = *(const struct change *const *)b;
    const struct catalogue *catalogue = context;
    if (left->item != right->item)
        return left->item < right->item ? -1 : 1;
    return door_place_compare(catalogue->items[left->item].unit, left->finding, right->finding);
}

static void take_changes(struct doors *doors)
{
    const struct changes *changes = doors->report->changes;
    const char *id = doors->row->organization->id;
    union {
        const struct catalogue *in;
        void *out;
    } catalogue = {.in = doors->report->catalogue};
    if (!changes)
        return;
    doors->places = calloc(changes->count + 1, sizeof *doors->places);
    if (!doors->places) {
        keep(doors, STATUS_NO_MEMORY);
        return;
    }
    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].finding && strcmp(changes->items[i].organization, id) == 0)
            doors->places[doors->places_count++] = &changes->items[i];
    qsort_r(doors->places, doors->places_count, sizeof *doors->places, change_compare, catalogue.out);
}

static const struct change *change_at(const struct doors *doors, const struct door *door)
{
    const struct change wanted = {.item = door->item, .finding = &door->finding};
    const struct change *key = &wanted;
    size_t low = 0, high = doors->places_count;
    union {
        const struct catalogue *in;
        void *out;
    } catalogue = {.in = doors->report->catalogue};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = change_compare(&doors->places[middle], &key, catalogue.out);
        if (order == 0)
            return doors->places[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* --- one door --- */

/* Without changes nothing earlier is known than this run. */
static int64_t first_of(const struct report *report, const struct door *door)
{
    if (door->change && door->change->first_ms)
        return door->change->first_ms;
    int64_t run_ms = report->run ? report->run->started_ms : 0;
    return door->finding.time_ms ? door->finding.time_ms : run_ms;
}

static void complete(const struct doors *doors, struct door *door)
{
    const struct report *report = doors->report;
    const struct finding *finding = &door->finding;
    if (finding->has_address && finding->port.number)
        door->answer = answers_at(&doors->answers, finding->address, finding->port);
    if (finding->has_address)
        door->asset = organization_asset(doors->row->organization, finding->address);
    door->change = change_at(doors, door);
    door->first_ms = first_of(report, door);
    door->has_deadline = report->deadlines != NULL;
    if (report->deadlines)
        door->deadline = deadline_of(report->deadlines, report->catalogue, door->item, finding,
                                     finding->exposure, door->first_ms, report->today);
}

static struct door *append(struct doors *doors)
{
    if (doors->count == doors->capacity) {
        size_t capacity = doors->capacity ? doors->capacity * 2 : 32;
        struct door *grown = reallocarray(doors->items, capacity, sizeof *grown);
        if (!grown) {
            keep(doors, STATUS_NO_MEMORY);
            return NULL;
        }
        doors->items = grown;
        doors->capacity = capacity;
    }
    return &doors->items[doors->count++];
}

static void add_occurrence(struct doors *doors, const struct score_occurrence *occurrence)
{
    struct door *door = append(doors);
    if (!door)
        return;
    *door = (struct door){.item = occurrence->item,
                          .finding = finding_filled(occurrence->finding, doors->report, doors->row),
                          .gain = occurrence->gain};
}

/* --- what does not count --- */

static char *copy_text(struct doors *doors, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    char *copy = text ? arena_take(&doors->arena, size) : NULL;
    if (text && !copy)
        keep(doors, STATUS_NO_MEMORY);
    return copy ? memcpy(copy, text, size) : NULL;
}

static void add_left_out(void *context, const struct finding *finding, const struct accepted_risk *risk,
                         bool marked)
{
    struct doors *doors = context;
    size_t item = catalogue_item(doors->report->catalogue, finding->item);
    struct door *door = item != SIZE_MAX ? append(doors) : NULL;
    if (!door)
        return;
    *door = (struct door){.item = item,
                          .finding = finding_filled(finding, doors->report, doors->row),
                          .gain = (double)NAN,
                          .risk = risk,
                          .marked = marked};
    door->finding.organization = doors->row->organization->id;
    door->finding.item = doors->report->catalogue->items[item].id;
    door->finding.key = copy_text(doors, finding->key);
    door->finding.why = copy_text(doors, finding->why);
    door->finding.facts = copy_text(doors, finding->facts);
}

static int door_compare(const void *a, const void *b, void *context)
{
    const struct door *left = a, *right = b;
    const struct catalogue *catalogue = context;
    if (left->item != right->item)
        return left->item < right->item ? -1 : 1;
    return door_place_compare(catalogue->items[left->item].unit, &left->finding, &right->finding);
}

/* Those from `first` on, each once. */
static void settle(struct doors *doors, size_t first)
{
    size_t kept = first;
    union {
        const struct catalogue *in;
        void *out;
    } catalogue = {.in = doors->report->catalogue};
    if (doors->count == first)
        return;
    qsort_r(doors->items + first, doors->count - first, sizeof *doors->items, door_compare, catalogue.out);
    for (size_t i = first; i < doors->count; i++)
        if (kept == first || door_compare(&doors->items[kept - 1], &doors->items[i], catalogue.out) != 0)
            doors->items[kept++] = doors->items[i];
    doors->count = kept;
}

enum status doors_collect(const struct report *report, const struct report_organization *row,
                          struct doors *doors)
{
    *doors = (struct doors){.report = report, .row = row};
    const char *id = row->organization->id;
    doors->status = answers_collect(report, id, &doors->answers);
    take_changes(doors);
    for (size_t i = 0; i < row->scorecard->occurrences_count && doors->status == STATUS_OK; i++)
        add_occurrence(doors, &row->scorecard->occurrences[i]);
    size_t counted = doors->count;
    if (doors->status == STATUS_OK)
        keep(doors, left_out_each(report, row, add_left_out, doors));
    if (doors->status == STATUS_OK)
        settle(doors, counted);
    for (size_t i = 0; i < doors->count && doors->status == STATUS_OK; i++)
        complete(doors, &doors->items[i]);
    return doors->status;
}

void doors_deinit(struct doors *doors)
{
    answers_deinit(&doors->answers);
    arena_deinit(&doors->arena);
    free(doors->items);
    free(doors->places);
    *doors = (struct doors){0};
}
