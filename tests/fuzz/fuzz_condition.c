#include <string.h>

#include "fuzz.h"
#include "probes/probe.h"
#include "scoring/condition.h"

/* The text is a condition; it is judged over an observation that knows some facts, does not determine others
   and says nothing of the rest. */

static void observe(struct observation *observation)
{
    observation_init(observation, (struct address){0, 1}, (struct port){3306, TRANSPORT_TCP});
    observation->service = "mysql";
    observation->time_ms = INT64_C(1780000000000);
    observation_product(observation, "MariaDB");
    observation_version(observation, (struct span){(const uint8_t *)"10.11.6", 7});
    observation_bool(observation, fact_named("mysql.tls_offered"), true);
    observation_integer(observation, fact_named("mysql.protocol"), 10);
    observation_words(observation, fact_named("mysql.server_version"), "10.11.6");
    observation_undetermined(observation, fact_named("mysql.tls_works"), "the handshake did not end");
    observation_time(observation, fact_named("x509.not_after"), 1770000000);
}

static void note_fact(void *context, const char *fact)
{
    size_t *length = context;
    *length += strlen(fact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaints complaints;
    struct document document;
    complaints_init(&complaints, "fuzz");
    if (document_parse(&document, (const char *)data, size, &complaints) == STATUS_OK) {
        struct condition *condition = condition_read(&document, document.root, &complaints);
        document_deinit(&document);
        if (condition) {
            size_t length = 0;
            struct observation observation;
            observe(&observation);
            condition_judge(condition, &observation);
            condition_concerns(condition, &observation);
            condition_facts(condition, note_fact, &length);
            observation_deinit(&observation);
        }
        condition_free(&condition);
    }
    complaints_deinit(&complaints);
    return 0;
}
