#include "feeding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/data.h"
#include "scoring/feeds/stix_bundle.h"

static const char scope_text[] =
    "{ \"auscult\": 1, \"authorization\": { \"reference\": \"T-1\", \"authorized_by\": \"tests\", "
    "\"contact\": "
    "\"tests@h001.example\", \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" }, "
    "\"organizations\": [ { \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\", "
    "\"2001:db8:1::/120\"], \"domains\": [\"h001.example\"] }, { \"id\": \"h002\", \"name\": \"Second\", "
    "\"ranges\": [\"198.51.100.0/25\"], \"domains\": [\"h002.example\"] } ] }";

struct bytes {
    const char *text;
    size_t size, at;
};

/* By odd pieces, so that ends of pieces fall everywhere. */
static enum status read_bytes(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    struct bytes *from = context;
    size_t size = from->size - from->at;
    size = size < 1021 ? size : 1021;
    *size_out = size < capacity ? size : capacity;
    memcpy(bytes, from->text + from->at, *size_out);
    from->at += *size_out;
    return STATUS_OK;
}

static void read_map(const struct feed *feed, const char *text, struct document *map,
                     struct complaints *complaints)
{
    const struct data_file *built_in = text ? NULL : data_find(feed->map);
    size_t size = text ? strlen(text) : built_in->size;
    assert_int_equal(document_parse(map, text ? text : built_in->text, size, complaints), STATUS_OK);
}

static char *both(const struct complaints *complaints, const struct complaints *map_complaints)
{
    char *text = NULL;
    char *first = complaints_format(complaints), *second = complaints_format(map_complaints);
    assert_true(asprintf(&text, "%s%s", first, second) >= 0);
    free(first);
    free(second);
    return text;
}

char *feed_text(const struct place *place, const struct feeding *feeding, const char *text, size_t size)
{
    struct complaints complaints, map_complaints;
    struct scope scope;
    struct catalogue catalogue;
    struct document map;
    struct import_tally tally;
    struct bytes bytes = {text, size, 0};
    complaints_init(&complaints, "");
    assert_int_equal(scope_parse(&scope, scope_text, sizeof scope_text - 1, &complaints), STATUS_OK);
    assert_int_equal(catalogue_load(&catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_init(&complaints, "file");
    complaints_init(&map_complaints, "map");
    const struct feed *feed = feed_named(feeding->feed);
    assert_non_null(feed);
    read_map(feed, feeding->map, &map, &map_complaints);
    const struct import_options options = {.feed = feed,
                                           .file = "file",
                                           .read = read_bytes,
                                           .context = &bytes,
                                           .map = &map,
                                           .indicators = feeding->indicators,
                                           .scope = &scope,
                                           .catalogue = &catalogue,
                                           .only = feeding->only ? scope_organization(&scope, feeding->only)
                                                                 : NULL,
                                           .vantage = VANTAGE_INTERNET,
                                           .now_ms = INT64_C(1775000000000)};
    struct store *store = place_open(place, true);
    enum status status = import_make(store, &options, &complaints, &map_complaints, &tally);
    if (status != STATUS_WRONG_FILE)
        assert_good(store, status);
    store_close(&store);
    char *said = both(&complaints, &map_complaints);
    assert_int_equal(status == STATUS_WRONG_FILE, said[0] != 0);
    document_deinit(&map);
    catalogue_deinit(&catalogue);
    scope_deinit(&scope);
    complaints_deinit(&complaints);
    complaints_deinit(&map_complaints);
    return said;
}

char *feeds_read(const char *name, size_t *size_out)
{
    char path[512];
    snprintf(path, sizeof path, "%s/feeds/%s", TEST_FOLDER, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is not there", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc(1, (size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    fclose(file);
    *size_out = (size_t)size;
    return text;
}

char *feed_file(const struct place *place, const struct feeding *feeding, const char *name)
{
    size_t size = 0;
    char *text = feeds_read(name, &size);
    char *said = feed_text(place, feeding, text, size);
    free(text);
    return said;
}

void feeds_indicators(const char *name, struct indicators *indicators_out)
{
    struct complaints complaints;
    struct feed_source source;
    struct stix_bundle bundle;
    struct bytes bytes = {NULL, 0, 0};
    char *text = feeds_read(name, &bytes.size);
    bytes.text = text;
    complaints_init(&complaints, name);
    indicators_init(indicators_out);
    assert_int_equal(feed_source_init(&source, read_bytes, &bytes, &complaints), STATUS_OK);
    const struct stix_reader reader = {.source = &source};
    assert_int_equal(stix_bundle_read(&bundle, &reader, indicators_out), STATUS_OK);
    assert_int_equal(indicators_settle(indicators_out), STATUS_OK);
    stix_bundle_deinit(&bundle);
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
    free(text);
}

void feed_good(const struct place *place, const struct feeding *feeding, const char *name)
{
    char *said = feed_file(place, feeding, name);
    assert_string_equal(said, "");
    free(said);
}

static int count_run(void *context, int columns, char **values, char **names)
{
    (void)columns;
    (void)names;
    *(int *)context = atoi(values[0]);
    return 0;
}

int fed_runs(const struct place *place)
{
    sqlite3 *database = NULL;
    int count = -1;
    assert_int_equal(sqlite3_open(place->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "SELECT count(*) FROM runs", count_run, &count, NULL), SQLITE_OK);
    sqlite3_close(database);
    return count;
}

struct gathered {
    char *lines[256];
    size_t count;
};

static int line_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *join_lines(struct gathered *gathered)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    if (gathered->count)
        qsort(gathered->lines, gathered->count, sizeof *gathered->lines, line_order);
    for (size_t i = 0; i < gathered->count; i++) {
        fprintf(out, "%s\n", gathered->lines[i]);
        free(gathered->lines[i]);
    }
    fclose(out);
    return text;
}

static void gather_finding(void *context, const struct finding *finding)
{
    struct gathered *gathered = context;
    char place[ADDRESS_TEXT_MAX] = "-", port[8] = "";
    if (finding->has_address)
        address_format(finding->address, place);
    if (finding->port.number)
        snprintf(port, sizeof port, ":%u", finding->port.number);
    assert_true(gathered->count < 256);
    const char *why = finding->why ? finding->why : "";
    assert_true(asprintf(&gathered->lines[gathered->count++], "%s %s %s%s %d %s", finding->organization,
                         finding->item, finding->key && finding->key[0] ? finding->key : place, port,
                         finding->confidence, why) > 0);
}

static void newest_number(void *context, const struct store_run *run)
{
    struct store_run *newest = context;
    if (newest->number == 0) {
        newest->number = run->number;
        memcpy(newest->id, run->id, sizeof run->id);
    }
}

static struct store_run newest_import(struct store *store)
{
    struct store_run newest = {0};
    assert_good(store, store_each_import(store, newest_number, &newest));
    assert_true(newest.number > 0);
    return newest;
}

char *fed_findings(const struct place *place)
{
    struct gathered gathered = {.count = 0};
    struct store *store = place_open(place, false);
    struct store_run run = newest_import(store);
    assert_good(store, store_each_finding(store, &run, NULL, gather_finding, &gathered));
    store_close(&store);
    return join_lines(&gathered);
}

struct covering {
    struct gathered gathered;
    const char *organization;
    int64_t run;
};

static void gather_covered(void *context, const struct store_covered *covered)
{
    struct covering *covering = context;
    if (covered->run != covering->run || !covered->whole)
        return;
    assert_true(covering->gathered.count < 256);
    assert_true(asprintf(&covering->gathered.lines[covering->gathered.count++], "%s %s",
                         covering->organization, covered->item) > 0);
}

char *fed_covered(const struct place *place)
{
    static const char *const organizations[] = {"h001", "h002"};
    struct covering covering = {.organization = NULL};
    struct store *store = place_open(place, false);
    covering.run = newest_import(store).number;
    for (size_t i = 0; i < 2; i++) {
        covering.organization = organizations[i];
        assert_good(store, store_each_covered(store, organizations[i], gather_covered, &covering));
    }
    store_close(&store);
    return join_lines(&covering.gathered);
}
