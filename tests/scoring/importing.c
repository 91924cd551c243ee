#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"
#include "scoring/data.h"
#include "scoring/evidence.h"
#include "scoring/facts.h"

#define NOW INT64_C(1795700000000) /* after the files were made */

static const char scope_text[] =
    "{ \"auscult\": 1, \"authorization\": { \"reference\": \"T-1\", \"authorized_by\": \"a\", \"contact\": "
    "\"c\", \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" },\n"
    "\"organizations\": [ { \"id\": \"h001\", \"name\": \"One\", \"ranges\": [\"192.0.2.8-192.0.2.63\"], "
    "\"domains\": [\"first.example\"] },\n"
    "{ \"id\": \"h002\", \"name\": \"Two\", \"ranges\": [\"198.51.100.8-198.51.100.63\"] },\n"
    "{ \"id\": \"h003\", \"name\": \"Three\", \"ranges\": [\"203.0.113.17\"] } ] }";

void importing_init(struct importing *importing)
{
    struct complaints complaints;
    memset(importing, 0, sizeof *importing);
    complaints_init(&complaints, "importing");
    assert_int_equal(scope_parse(&importing->scope, scope_text, strlen(scope_text), &complaints), STATUS_OK);
    assert_int_equal(catalogue_load(&importing->catalogue, NULL, 0, &complaints), STATUS_OK);
    assert_int_equal(store_open(NULL, true, &importing->store), STATUS_OK);
    importing->complaints = strdup("");
    complaints_deinit(&complaints);
}

void importing_deinit(struct importing *importing)
{
    free(importing->complaints);
    store_close(&importing->store);
    catalogue_deinit(&importing->catalogue);
    scope_deinit(&importing->scope);
}

enum status importing_read(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    struct importing_bytes *rest = context;
    size_t size = rest->step && rest->step < rest->size ? rest->step : rest->size;
    if (size > capacity)
        size = capacity;
    if (size)
        memcpy(bytes, rest->bytes, size);
    rest->bytes += size;
    rest->size -= size;
    *size_out = size;
    return STATUS_OK;
}

static char *joined(struct complaints *first, struct complaints *second)
{
    char *one = complaints_format(first), *other = complaints_format(second), *both = NULL;
    assert_true(asprintf(&both, "%s%s", one, other) >= 0);
    free(one);
    free(other);
    complaints_deinit(first);
    complaints_deinit(second);
    return both;
}

enum status importing_text(struct importing *importing, const char *format, const char *text, size_t size)
{
    struct complaints complaints, map_complaints;
    struct document map = {0};
    const struct feed *feed = feed_named(format);
    assert_non_null(feed);
    struct importing_bytes rest = {text, size, importing->step};
    const struct data_file *built_in = feed->map ? data_find(feed->map) : NULL;
    const char *map_text = importing->map ? importing->map : built_in ? built_in->text : NULL;
    complaints_init(&complaints, "file");
    complaints_init(&map_complaints, "map");
    if (map_text)
        assert_int_equal(document_parse(&map, map_text, strlen(map_text), &map_complaints), STATUS_OK);
    const struct import_options options = {
        .feed = feed,
        .file = "file",
        .read = importing_read,
        .context = &rest,
        .map = map_text ? &map : NULL,
        .scope = &importing->scope,
        .catalogue = &importing->catalogue,
        .only = importing->only ? scope_organization(&importing->scope, importing->only) : NULL,
        .vantage = VANTAGE_INTERNET,
        .now_ms = NOW,
    };
    enum status status =
        import_make(importing->store, &options, &complaints, &map_complaints, &importing->tally);
    free(importing->complaints);
    importing->complaints = joined(&complaints, &map_complaints);
    document_deinit(&map);
    return status;
}

char *importing_bytes(const char *name, size_t *size_out)
{
    char path[512];
    snprintf(path, sizeof path, "%s/feeds/%s", TEST_FOLDER, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size_out = (size_t)ftell(file);
    rewind(file);
    char *bytes = calloc(*size_out + 1, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size_out, file), *size_out);
    fclose(file);
    return bytes;
}

enum status importing_file(struct importing *importing, const char *format, const char *name)
{
    size_t size = 0;
    char *bytes = importing_bytes(name, &size);
    enum status status = importing_text(importing, format, bytes, size);
    free(bytes);
    return status;
}

int importing_setup(void **state)
{
    struct importing *importing = *state = malloc(sizeof *importing);
    assert_non_null(importing);
    importing_init(importing);
    return 0;
}

int importing_teardown(void **state)
{
    importing_deinit(*state);
    free(*state);
    return 0;
}

char *importing_good(struct importing *importing, const char *format, const char *text)
{
    enum status status = importing_text(importing, format, text, strlen(text));
    assert_string_equal(importing->complaints, "");
    assert_int_equal(status, STATUS_OK);
    return importing_dump(importing);
}

/* --- what came of it --- */

static void write_observation(void *context, const char *organization, const struct observation *observation)
{
    char address[ADDRESS_TEXT_MAX];
    address_format(observation->address, address);
    cJSON *facts = facts_known(observation);
    char *text = cJSON_PrintUnformatted(facts);
    fprintf(context, "%s %s:%u %s%s %s/%s %s\n", organization, address, observation->port.number,
            observation->service, observation->tls ? "+tls" : "", observation->product, observation->version,
            text);
    cJSON_free(text);
    cJSON_Delete(facts);
}

static void write_finding(void *context, const struct finding *finding)
{
    char address[ADDRESS_TEXT_MAX] = "-";
    if (finding->has_address)
        address_format(finding->address, address);
    fprintf(context, "finding %s %s %s:%u%s%s", finding->organization, finding->item, address,
            finding->port.number, finding->key ? " key=" : "", finding->key ? finding->key : "");
    if (finding->count != 1)
        fprintf(context, " count=%d", (int)finding->count);
    if (finding->confidence)
        fprintf(context, " confidence=%d", finding->confidence);
    fprintf(context, " %s %lld\n", finding->judged ? "judged" : "told", (long long)finding->time_ms);
}

static void write_count(void *context, const struct store_count *count)
{
    fprintf(context, "count %s %u open=%d closed=%d silent=%d unreachable=%d\n", count->organization,
            count->port.number, (int)count->ends[ENDPOINT_OPEN], (int)count->ends[ENDPOINT_CLOSED],
            (int)count->ends[ENDPOINT_SILENT], (int)count->ends[ENDPOINT_UNREACHABLE]);
}

struct covered_dump {
    FILE *stream;
    const char *organization;
    int64_t run;
};

static void write_covered(void *context, const struct store_covered *covered)
{
    const struct covered_dump *dump = context;
    if (covered->run == dump->run)
        fprintf(dump->stream, "covered %s %s %s\n", dump->organization, covered->item,
                covered->whole ? "whole" : "in part");
}

char *importing_dump(struct importing *importing)
{
    struct evidence evidence;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(evidence_init(&evidence, importing->store, NULL, &importing->catalogue, NOW), STATUS_OK);
    if (evidence.imports_count) {
        const struct store_run *run = &evidence.imports[0].run;
        assert_int_equal(store_each_observation(importing->store, run, NULL, write_observation, stream),
                         STATUS_OK);
        assert_int_equal(store_each_finding(importing->store, run, NULL, write_finding, stream), STATUS_OK);
        assert_int_equal(store_each_count(importing->store, run, NULL, write_count, stream), STATUS_OK);
        for (size_t i = 0; i < importing->scope.organizations_count; i++) {
            const char *id = importing->scope.organizations[i].id;
            uint64_t answered = 0, open = 0;
            struct covered_dump dump = {stream, id, run->number};
            assert_int_equal(store_each_covered(importing->store, id, write_covered, &dump), STATUS_OK);
            assert_int_equal(store_count_hosts(importing->store, run, id, &answered, &open), STATUS_OK);
            fprintf(stream, "hosts %s answered=%d open=%d\n", id, (int)answered, (int)open);
        }
    }
    evidence_deinit(&evidence);
    fclose(stream);
    return text;
}

void assert_refused(struct importing *importing, const char *format, const char *text, const char *complaint)
{
    char *before = importing_dump(importing);
    assert_int_equal(importing_text(importing, format, text, strlen(text)), STATUS_WRONG_FILE);
    assert_holds(importing->complaints, complaint);
    char *after = importing_dump(importing);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

void assert_holds_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

void assert_cuts_refused(struct importing *importing, const char *format, const char *name, size_t step,
                         bool (*whole)(const char *text, size_t size))
{
    size_t size = 0;
    char *bytes = importing_bytes(name, &size);
    char *before = importing_dump(importing);
    for (size_t cut = 0; cut < size; cut += step) {
        if (whole && whole(bytes, cut))
            continue;
        char *part = malloc(cut + 1); /* so that a byte too far is seen */
        memcpy(part, bytes, cut);
        enum status status = importing_text(importing, format, part, cut);
        free(part);
        if (status != STATUS_WRONG_FILE || !importing->complaints[0])
            fail_msg("cut at %zu of %zu it is taken", cut, size);
    }
    char *after = importing_dump(importing);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(bytes);
}
