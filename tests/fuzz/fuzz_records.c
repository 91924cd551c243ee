#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scoring/report/finding_line.h"
#include "scoring/report/records.h"
#include "targets/json.h"

/* One line of JSON as a finding, an observation, a scorecard. What is taken is written again, read again, and must
   be the same text then. What the reader of plain lines takes, the other must take as the same. */

static char *written(const struct finding *finding)
{
    cJSON *record = record_finding(finding);
    char *text = cJSON_PrintUnformatted(record);
    cJSON_Delete(record);
    return text;
}

static void try_finding(const cJSON *record)
{
    struct complaints complaints;
    struct finding first, second;
    complaints_init(&complaints, "fuzz");
    if (record_read_finding(record, 1, &complaints, &first) == STATUS_OK) {
        char *once = written(&first);
        cJSON *back = cJSON_Parse(once);
        if (record_read_finding(back, 1, &complaints, &second) != STATUS_OK)
            abort();
        char *twice = written(&second);
        if (strcmp(once, twice) != 0)
            abort();
        cJSON_free(once);
        cJSON_free(twice);
        cJSON_Delete(back);
        finding_deinit(&second);
    }
    finding_deinit(&first);
    complaints_deinit(&complaints);
}

static char *observation_line(const char *organization, const struct observation *observation)
{
    cJSON *record = record_observation(organization, observation);
    char *text = cJSON_PrintUnformatted(record);
    cJSON_Delete(record);
    return text;
}

static void try_observation(const cJSON *record)
{
    struct complaints complaints;
    struct observation first, second;
    char *organization = NULL, *again = NULL;
    complaints_init(&complaints, "fuzz");
    if (record_read_observation(record, 1, &complaints, &organization, &first) == STATUS_OK) {
        char *once = observation_line(organization, &first);
        cJSON *back = cJSON_Parse(once);
        if (record_read_observation(back, 1, &complaints, &again, &second) != STATUS_OK)
            abort();
        char *twice = observation_line(again, &second);
        if (strcmp(once, twice) != 0)
            abort();
        cJSON_free(once);
        cJSON_free(twice);
        cJSON_Delete(back);
        observation_deinit(&second);
    }
    observation_deinit(&first);
    free(organization);
    free(again);
    complaints_deinit(&complaints);
}

static void try_scorecard(const cJSON *record)
{
    struct complaints complaints;
    struct scorecard scorecard;
    char *organization = NULL;
    complaints_init(&complaints, "fuzz");
    if (record_read_scorecard(record, 1, &complaints, &organization, &scorecard) == STATUS_OK &&
        (!organization || scorecard.index < 0 || scorecard.index > 1000 || !(scorecard.score <= 1000) ||
         !(scorecard.score >= 0) || !(scorecard.index_exact <= 1000)))
        abort();
    free(organization);
    complaints_deinit(&complaints);
}

static void try_line(const char *text, size_t size)
{
    struct finding_line line = {0};
    struct finding plain, finding;
    struct complaints complaints;
    if (finding_line_read(&line, text, size, &plain)) {
        cJSON *record = cJSON_ParseWithOpts(text, NULL, 1);
        complaints_init(&complaints, "fuzz");
        if (memchr(text, 0, size) || record_read_finding(record, 1, &complaints, &finding) != STATUS_OK)
            abort();
        char *one = written(&plain), *other = written(&finding);
        if (strcmp(one, other) != 0 ||
            memcmp(&plain.exposure, &finding.exposure, sizeof plain.exposure) != 0 ||
            plain.time_ms != finding.time_ms || plain.port.transport != finding.port.transport)
            abort();
        cJSON_free(one);
        cJSON_free(other);
        finding_deinit(&finding);
        complaints_deinit(&complaints);
        cJSON_Delete(record);
    }
    finding_line_deinit(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_mistake mistake;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    try_line(text, size);
    cJSON *record = json_check(text, size, 16, &mistake) ? cJSON_Parse(text) : NULL;
    if (cJSON_IsObject(record)) {
        try_finding(record);
        try_observation(record);
        try_scorecard(record);
    }
    cJSON_Delete(record);
    free(text);
    return 0;
}
