#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/store_statement.h"

/* Organizations and their scorecards. */

static char *tags_to_json(const struct organization *organization)
{
    cJSON *object = cJSON_CreateObject();
    bool good = object;
    for (size_t i = 0; i < organization->tags_count && good; i++)
        good = cJSON_AddStringToObject(object, organization->tags[i].key, organization->tags[i].value);
    char *text = good ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    return text;
}

enum status store_organization(struct store *store, const struct store_run *run,
                               const struct organization *organization)
{
    char *tags = tags_to_json(organization);
    if (!tags)
        return STATUS_NO_MEMORY;
    struct statement set = statement_start(store, STATEMENT_ORGANIZATION_SET);
    statement_run(&set, run);
    statement_text(&set, organization->id);
    statement_text(&set, organization->name);
    statement_text(&set, tags);
    statement_number(&set, organization->informatization);
    enum status status = statement_write(&set);
    cJSON_free(tags);
    return status;
}

static void tags_from_json(struct statement *row, int column, struct organization *organization)
{
    cJSON *object = column_is_null(row, column) ? NULL : cJSON_Parse(column_text(row, column));
    size_t count = (size_t)cJSON_GetArraySize(object);
    organization->tags = calloc(count + 1, sizeof *organization->tags);
    if (!organization->tags)
        statement_fail(row, SQLITE_NOMEM);
    for (const cJSON *tag = object ? object->child : NULL; tag && organization->tags; tag = tag->next) {
        if (!tag->string || !cJSON_IsString(tag))
            continue;
        struct tag *copy = &organization->tags[organization->tags_count++];
        *copy = (struct tag){strdup(tag->string), strdup(tag->valuestring)};
        if (!copy->key || !copy->value)
            statement_fail(row, SQLITE_NOMEM);
    }
    cJSON_Delete(object);
}

/* Name, tags and informatization stand side by side from `column` on. */
static void read_organization(struct statement *row, int column, struct organization *organization)
{
    *organization = (struct organization){.id = column_copy(row, 0)};
    organization->name = column_copy(row, column_is_null(row, column) ? 0 : column);
    tags_from_json(row, column + 1, organization);
    organization->informatization = column_number(row, column + 2);
}

enum status store_each_organization(struct store *store, const struct store_run *run,
                                    void (*each)(void *context, const struct organization *organization),
                                    void *context)
{
    struct statement rows = statement_start(store, STATEMENT_ORGANIZATION_EACH);
    statement_run(&rows, run);
    while (statement_row(&rows)) {
        struct organization organization;
        read_organization(&rows, 1, &organization);
        if (rows.code == SQLITE_OK)
            each(context, &organization);
        organization_deinit(&organization);
    }
    return statement_end(&rows);
}

enum status store_scorecard(struct store *store, const struct store_run *run, const char *organization,
                            const struct scorecard *scorecard, const char *record)
{
    struct statement set = statement_start(store, STATEMENT_SCORECARD_SET);
    statement_run(&set, run);
    statement_text(&set, organization);
    statement_integer(&set, scorecard->index);
    statement_number(&set, scorecard->assessed ? scorecard->index_exact : (double)NAN);
    statement_number(&set, scorecard->assessed ? scorecard->score : (double)NAN);
    statement_integer(&set, scorecard->gate);
    statement_text(&set, record);
    return statement_write(&set);
}

/* The figures stand side by side from `column` on. */
static struct store_scorecard read_scorecard(struct statement *row, int column)
{
    int64_t gate = column_integer(row, column + 3);
    bool assessed = !column_is_null(row, column + 1);
    return (struct store_scorecard){
        .assessed = assessed,
        .index = assessed ? (int)column_integer(row, column) : 0,
        .index_exact = assessed ? column_number(row, column + 1) : 0,
        .score = assessed ? column_number(row, column + 2) : 0,
        .gate = gate < BAND_POOR || gate > BAND_EXCELLENT ? BAND_EXCELLENT : (enum band)gate,
    };
}

enum status store_each_scorecard(struct store *store, const struct store_run *run,
                                 void (*each)(void *context, const char *organization,
                                              const struct store_scorecard *scorecard, const char *record),
                                 void *context)
{
    struct statement rows = statement_start(store, STATEMENT_SCORECARD_EACH);
    statement_run(&rows, run);
    while (statement_row(&rows)) {
        const struct store_scorecard scorecard = read_scorecard(&rows, 1);
        each(context, column_text(&rows, 0), &scorecard, column_text(&rows, 5));
    }
    return statement_end(&rows);
}

enum status store_each_newest(struct store *store, const char *vantage,
                              void (*each)(void *context, const struct store_newest *newest), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_NEWEST_EACH);
    statement_text(&rows, vantage);
    while (statement_row(&rows)) {
        struct organization organization;
        read_organization(&rows, 6, &organization);
        const struct store_newest newest = {.organization = &organization,
                                            .scorecard = read_scorecard(&rows, 2),
                                            .run = column_text(&rows, 9),
                                            .catalogue = column_text(&rows, 10),
                                            .vantage = column_text(&rows, 11),
                                            .started_ms = column_integer(&rows, 12),
                                            .shard = (uint32_t)column_integer(&rows, 13),
                                            .shards = (uint32_t)column_integer(&rows, 14)};
        if (rows.code == SQLITE_OK)
            each(context, &newest);
        organization_deinit(&organization);
    }
    return statement_end(&rows);
}
