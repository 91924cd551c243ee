#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/csv_map.h"

/* Any table, by a map that says what its columns and values mean (csv_map.h): one finding a line. */

#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct csv {
    const struct feed_call *call;
    struct csv_map map;
    struct csv_reader reader;
    size_t columns[CSV_PARTS]; /* SIZE_MAX: the file has none */
    bool timed;                /* a line had a time */
    int64_t from_ms, until_ms;
};

/* The text of a part in the record at hand; "" where there is none. */
static const char *text_of(const struct csv *csv, enum csv_part part)
{
    return csv->columns[part] == SIZE_MAX ? "" : csv->reader.texts[csv->columns[part]];
}

static enum status read_header(struct csv *csv)
{
    static const char *const names[CSV_PARTS] = {"org", "ip",         "port", "domain", "item",
                                                 "key", "confidence", "time", "count",  "why"};
    bool got = false;
    enum status status = csv_reader_next(&csv->reader, &got);
    if (status == STATUS_OK && !got)
        return feed_source_complain(csv->call->source, 0,
                                    "the file is empty; its first line names the columns");
    for (int i = 0; i < CSV_PARTS && status == STATUS_OK; i++) {
        csv->columns[i] = csv_column(&csv->reader, csv->map.columns[i]);
        if (csv->map.columns[i] && csv->columns[i] == SIZE_MAX)
            status = csv_reader_complain(&csv->reader, 0,
                                         "no column has the name that the map gives for \"%s\"", names[i]);
    }
    return status;
}

static enum status refuse(struct csv *csv, enum csv_part part, const char *should)
{
    return csv_reader_complain(&csv->reader, csv->columns[part], "\"%s\" %s", quoted(text_of(csv, part)).text,
                               should);
}

/* NULL: the line finds nothing. */
static enum status read_item(struct csv *csv, const struct item **item_out)
{
    const struct catalogue *catalogue = csv->call->catalogue;
    const char *text = text_of(csv, CSV_ITEM);
    const cJSON *listed = csv->map.items ? cJSON_GetObjectItemCaseSensitive(csv->map.items, text) : NULL;
    *item_out = csv->map.item;
    if (csv->map.item || (listed && cJSON_IsNull(listed)))
        return STATUS_OK;
    const char *id = listed ? listed->valuestring : csv->map.items ? NULL : text;
    size_t number = id ? catalogue_item(catalogue, id) : SIZE_MAX;
    if (number != SIZE_MAX) {
        *item_out = &catalogue->items[number];
        return STATUS_OK;
    }
    if (!csv->map.skips_unlisted)
        return refuse(csv, CSV_ITEM,
                      csv->map.items ? "is not among the \"items\" of the map"
                                     : "is no item of the catalogue");
    csv->call->sink->skipped(csv->call->sink->context, "lines of a kind that the map does not list");
    return STATUS_OK;
}

static enum status read_place(struct csv *csv, struct finding *finding)
{
    const char *address = text_of(csv, CSV_ADDRESS), *port = text_of(csv, CSV_PORT);
    if (address[0] && !address_parse(address, strlen(address), &finding->address))
        return refuse(csv, CSV_ADDRESS, "is no address");
    finding->has_address = address[0] != 0;
    if (!port[0])
        return STATUS_OK;
    struct span rest = {(const uint8_t *)port, strlen(port)};
    struct span number = span_cut(&rest, "/");
    uint64_t value = 0;
    bool udp = span_equals_nocase(rest, "udp");
    if (!span_number(number, 65535, &value) || value == 0 ||
        (rest.size && !udp && !span_equals_nocase(rest, "tcp")))
        return refuse(csv, CSV_PORT, "is no port; write 443 or 161/udp");
    if (!finding->has_address)
        return refuse(csv, CSV_PORT, "is a port without an address");
    finding->port = (struct port){(uint16_t)value, (uint8_t)(udp ? TRANSPORT_UDP : TRANSPORT_TCP)};
    return STATUS_OK;
}

static enum status read_numbers(struct csv *csv, struct finding *finding)
{
    const char *confidence = text_of(csv, CSV_CONFIDENCE), *count = text_of(csv, CSV_COUNT);
    const char *time = text_of(csv, CSV_TIME);
    const cJSON *word =
        csv->map.confidences ? cJSON_GetObjectItemCaseSensitive(csv->map.confidences, confidence) : NULL;
    uint64_t number = 0;
    finding->count = 1;
    if (word)
        finding->confidence = word->valueint;
    else if (confidence[0] &&
             (!span_number((struct span){(const uint8_t *)confidence, strlen(confidence)}, 5, &number) ||
              number == 0))
        return refuse(csv, CSV_CONFIDENCE, "is no confidence from 1 to 5");
    else
        finding->confidence = (int)number;
    if (count[0] &&
        (!span_number((struct span){(const uint8_t *)count, strlen(count)}, 1000000000000, &finding->count) ||
         finding->count == 0))
        return refuse(csv, CSV_COUNT, "is no count; write a whole number from 1 on");
    if (time[0] && !csv_moment(time, csv->map.offset_minutes, &finding->time_ms))
        return refuse(csv, CSV_TIME, "is no moment; write 2026-01-31 12:00:00");
    return STATUS_OK;
}

static void keep_time(struct csv *csv, int64_t time_ms)
{
    if (time_ms == 0)
        return;
    if (!csv->timed || time_ms < csv->from_ms)
        csv->from_ms = time_ms;
    if (!csv->timed || time_ms > csv->until_ms)
        csv->until_ms = time_ms;
    csv->timed = true;
}

/* Whose the line is; NULL: of nobody in the scope. */
static const char *owner_of(const struct csv *csv, const struct finding *finding)
{
    const struct feed_sink *sink = csv->call->sink;
    const char *name = text_of(csv, CSV_ORGANIZATION), *domain = text_of(csv, CSV_DOMAIN);
    if (name[0])
        return sink->organization(sink->context, name);
    return sink->owner(sink->context, finding->has_address ? &finding->address : NULL,
                       domain[0] ? domain : NULL);
}

static enum status cover_named(struct csv *csv, const char *owner, int64_t time_ms)
{
    const struct feed_sink *sink = csv->call->sink;
    int64_t until_ms = time_ms ? time_ms : csv->call->now_ms;
    if (csv->map.covers_all || csv->map.covers_count == 0 || !owner)
        return STATUS_OK;
    return sink->covers(sink->context, owner, csv->map.covers, csv->map.covers_count,
                        until_ms - csv->map.covers_days * DAY_MS, until_ms);
}

static enum status hand_over(struct csv *csv, struct finding *finding, const struct item *item,
                             const char *owner)
{
    const struct feed_sink *sink = csv->call->sink;
    char id[64], key[CSV_TEXT_MAX], why[CSV_TEXT_MAX];
    snprintf(id, sizeof id, "%s", owner ? owner : text_of(csv, CSV_ORGANIZATION));
    snprintf(key, sizeof key, "%s", text_of(csv, CSV_KEY));
    snprintf(why, sizeof why, "%s", text_of(csv, CSV_WHY));
    finding->organization = id[0] ? id : NULL;
    finding->item = item->id;
    finding->key = key[0] ? key : NULL;
    finding->why = why[0] ? why : NULL;
    /* Only what a scan determines has to do with reach. */
    finding->exposure = item->source == SOURCE_SCAN ? (double)NAN : 1;
    const char *domain = text_of(csv, CSV_DOMAIN);
    return sink->finding(sink->context, finding, domain[0] ? domain : NULL);
}

static enum status read_record(struct csv *csv)
{
    const struct item *item = NULL;
    struct finding finding = {0};
    enum status status = read_item(csv, &item);
    if (status == STATUS_OK)
        status = read_place(csv, &finding);
    if (status == STATUS_OK)
        status = read_numbers(csv, &finding);
    if (status != STATUS_OK)
        return status;
    keep_time(csv, finding.time_ms);
    const char *owner = owner_of(csv, &finding);
    status = cover_named(csv, owner, finding.time_ms);
    return status == STATUS_OK && item ? hand_over(csv, &finding, item, owner) : status;
}

static enum status finish(struct csv *csv)
{
    const struct feed_sink *sink = csv->call->sink;
    if (!csv->timed)
        csv->from_ms = csv->until_ms = csv->call->now_ms;
    int64_t since_ms = csv->until_ms - csv->map.covers_days * DAY_MS;
    if (since_ms < csv->from_ms)
        csv->from_ms = since_ms;
    sink->period(sink->context, csv->from_ms, csv->until_ms);
    if (!csv->map.covers_all || csv->map.covers_count == 0)
        return STATUS_OK;
    return sink->covers(sink->context, NULL, csv->map.covers, csv->map.covers_count, csv->from_ms,
                        csv->until_ms);
}

static enum status parse(const struct feed_call *call)
{
    struct csv *csv = calloc(1, sizeof *csv);
    if (!csv)
        return STATUS_NO_MEMORY;
    csv->call = call;
    enum status status = csv_map_read(&csv->map, call);
    if (status == STATUS_OK)
        status = csv_reader_init(&csv->reader, call->source, csv->map.delimiter);
    if (status == STATUS_OK)
        status = read_header(csv);
    for (bool got = true; got && status == STATUS_OK;) {
        status = csv_reader_next(&csv->reader, &got);
        if (status == STATUS_OK && got)
            status = read_record(csv);
    }
    if (status == STATUS_OK)
        status = finish(csv);
    csv_reader_deinit(&csv->reader);
    free(csv);
    return status;
}

const struct feed feed_csv = {
    .name = "csv",
    .en = "any table as CSV, with a map of its columns and values (--map)",
    .zh = "任意 CSV 表，须以 --map 说明列与取值",
    .needs_map = true,
    .parse = parse,
};
