#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "scoring/facts.h"
#include "scoring/store_statement.h"

/* An object as text, then gone; NULL when memory is out. */
static char *printed(cJSON *object)
{
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    return text;
}

static enum status write_observation(struct store *store, enum store_statement which,
                                     const struct store_run *run, const char *organization,
                                     const struct observation *observation)
{
    char *known = printed(facts_known(observation));
    char *undetermined = printed(facts_undetermined(observation));
    struct statement set = statement_start(store, which);
    statement_run(&set, run);
    statement_text(&set, organization);
    statement_address(&set, observation->address);
    statement_integer(&set, observation->port.number);
    statement_integer(&set, observation->port.transport);
    statement_integer(&set, observation->state);
    statement_text(&set, observation->service);
    statement_integer(&set, observation->tls);
    statement_text(&set, observation->product);
    statement_text(&set, observation->version);
    statement_text(&set, known);
    statement_text(&set, undetermined);
    statement_bytes(&set, observation->evidence, observation->evidence_size);
    statement_integer(&set, observation->time_ms);
    statement_integer(&set, observation->full);
    if (!known || !undetermined)
        statement_fail(&set, SQLITE_NOMEM);
    enum status status = statement_write(&set);
    cJSON_free(known);
    cJSON_free(undetermined);
    return status;
}

enum status store_observation(struct store *store, const struct store_run *run, const char *organization,
                              const struct observation *observation)
{
    return write_observation(store, STATEMENT_OBSERVATION_SET, run, organization, observation);
}

enum status store_add_observation(struct store *store, const struct store_run *run, const char *organization,
                                  const struct observation *observation)
{
    return write_observation(store, STATEMENT_OBSERVATION_ADD, run, organization, observation);
}

/* Facts that this program does not know, or no longer of this type, are left out. */
static void read_facts(struct statement *row, int column, struct observation *observation,
                       const char *(*set)(struct observation *, const cJSON *))
{
    cJSON *object = cJSON_Parse(column_text(row, column));
    if (!cJSON_IsObject(object))
        statement_fail(row, SQLITE_CORRUPT);
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, object)(void) set(observation, member);
    cJSON_Delete(object);
}

static const char *service_named(const char *name)
{
    const struct probe *probe = probe_named(name);
    return probe ? probe->name : "unknown";
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void read_evidence(struct statement *row, int column, struct observation *observation)
{
    const void *bytes = NULL;
    size_t size = column_bytes(row, column, &bytes);
    observation->evidence_size = size < OBSERVATION_EVIDENCE_MAX ? size : OBSERVATION_EVIDENCE_MAX;
    if (size)
        memcpy(observation->evidence, bytes, observation->evidence_size);
}

/* In the order of the columns; the organization is the first. */
static void read_observation(struct statement *row, struct observation *observation)
{
    struct address address;
    column_address(row, 1, &address);
    struct port port = {(uint16_t)column_integer(row, 2), (uint8_t)column_integer(row, 3)};
    observation_init(observation, address, port);
    int64_t state = column_integer(row, 4);
    if (state < ENDPOINT_OPEN || state > ENDPOINT_SYNTHETIC)
        statement_fail(row, SQLITE_CORRUPT);
    observation->state = (enum endpoint_state)state;
    observation->service = service_named(column_text(row, 5));
    observation->tls = column_integer(row, 6) != 0;
    observation_product(observation, column_text(row, 7));
    observation_version(observation, span_of(column_text(row, 8)));
    read_facts(row, 9, observation, facts_set);
    read_facts(row, 10, observation, facts_set_undetermined);
    read_evidence(row, 11, observation);
    observation->time_ms = column_integer(row, 12);
    observation->full = column_integer(row, 13) != 0;
}

static enum status read_rows(struct statement *rows,
                             void (*each)(void *context, const char *organization,
                                          const struct observation *observation),
                             void *context)
{
    while (statement_row(rows)) {
        struct observation observation;
        read_observation(rows, &observation);
        if (rows->code == SQLITE_OK)
            each(context, column_text(rows, 0), &observation);
        observation_deinit(&observation);
    }
    return statement_end(rows);
}

enum status store_each_observation(struct store *store, const struct store_run *run, const char *organization,
                                   void (*each)(void *context, const char *organization,
                                                const struct observation *observation),
                                   void *context)
{
    struct statement rows = statement_start(store, STATEMENT_OBSERVATION_EACH);
    statement_run(&rows, run);
    statement_organizations(&rows, organization);
    return read_rows(&rows, each, context);
}

enum status store_each_observation_at(struct store *store, const struct store_run *run,
                                      const char *organization, struct address address,
                                      void (*each)(void *context, const char *organization,
                                                   const struct observation *observation),
                                      void *context)
{
    struct statement rows = statement_start(store, STATEMENT_OBSERVATION_AT);
    statement_run(&rows, run);
    statement_text(&rows, organization);
    statement_address(&rows, address);
    return read_rows(&rows, each, context);
}

enum status store_drop_observation(struct store *store, const struct store_run *run, const char *organization,
                                   struct address address, struct port port)
{
    struct statement drop = statement_start(store, STATEMENT_OBSERVATION_DROP);
    statement_run(&drop, run);
    statement_text(&drop, organization);
    statement_address(&drop, address);
    statement_integer(&drop, port.number);
    statement_integer(&drop, port.transport);
    return statement_write(&drop);
}

enum status store_each_open(struct store *store, const struct store_run *run, const char *organization,
                            void (*each)(void *context, const char *organization, struct address address,
                                         struct port port),
                            void *context)
{
    struct statement rows = statement_start(store, STATEMENT_OPEN_EACH);
    statement_run(&rows, run);
    statement_organizations(&rows, organization);
    statement_integer(&rows, ENDPOINT_OPEN);
    while (statement_row(&rows)) {
        struct address address;
        struct port port = {(uint16_t)column_integer(&rows, 2), (uint8_t)column_integer(&rows, 3)};
        if (column_address(&rows, 1, &address))
            each(context, column_text(&rows, 0), address, port);
    }
    return statement_end(&rows);
}
