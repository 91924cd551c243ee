#include "scoring/finding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "scoring/facts.h"
#include "targets/calendar.h"

void finding_deinit(struct finding *finding)
{
    free(finding->organization);
    free(finding->item);
    free(finding->key);
    free(finding->why);
    free(finding->facts);
    memset(finding, 0, sizeof *finding);
}

/* What a condition rests on, gathered fact by fact. */
struct evidence {
    const struct observation *observation;
    FILE *why;
    cJSON *facts;
    bool failed;
};

static void add_fact(void *context, const char *name)
{
    struct evidence *evidence = context;
    const struct fact_value *value = observation_find(evidence->observation, name);
    if (!value)
        return;
    if (value->undetermined) {
        fprintf(evidence->why, "; %s not determined", name);
        return;
    }
    cJSON *json = fact_to_json(value);
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        fprintf(evidence->why, "; %s=%s", name, text);
    cJSON_free(text);
    if (!text || !cJSON_AddItemToObject(evidence->facts, name, json)) {
        evidence->failed = true;
        cJSON_Delete(json);
    }
}

/* Facts tell what was seen; that its maker has stopped is known from a table. */
static void add_end_of_life(struct evidence *evidence, const struct condition *condition)
{
    char day[CALENDAR_TEXT_MAX];
    int ended = condition_end_of_life(condition, evidence->observation);
    if (ended == 0)
        return;
    calendar_format(ended, day);
    fprintf(evidence->why, "; end of life %s", day);
    evidence->failed |= !cJSON_AddStringToObject(evidence->facts, "software.end_of_life", day);
}

static void describe_service(const struct observation *observation, FILE *out)
{
    fprintf(out, "%s%s", observation->service, observation->tls ? " inside TLS" : "");
    if (observation->product[0])
        fprintf(out, ", %s%s%s", observation->product, observation->version[0] ? " " : "",
                observation->version);
}

/* Fills why ("mysql, MariaDB 10.11.6; mysql.tls_offered=false") and facts. */
static bool give_reasons(const struct item *item, const struct observation *observation,
                         struct finding *finding)
{
    size_t size;
    struct evidence evidence = {observation, open_memstream(&finding->why, &size), cJSON_CreateObject(),
                                false};
    if (evidence.why && evidence.facts) {
        describe_service(observation, evidence.why);
        add_fact(&evidence, ENDPOINT_NAME);
        condition_facts(item->when, add_fact, &evidence);
        add_end_of_life(&evidence, item->when);
        finding->facts = evidence.facts->child ? cJSON_PrintUnformatted(evidence.facts) : NULL;
        evidence.failed |= evidence.facts->child && !finding->facts;
    }
    evidence.failed |= !evidence.facts || !evidence.why || ferror(evidence.why);
    if (evidence.why && fclose(evidence.why) != 0)
        evidence.failed = true;
    cJSON_Delete(evidence.facts);
    return !evidence.failed;
}

static enum status add_finding(struct judgement *judgement, const struct item *item,
                               const struct observation *observation)
{
    struct finding *grown =
        reallocarray(judgement->findings, judgement->count + 1, sizeof *judgement->findings);
    if (!grown)
        return STATUS_NO_MEMORY;
    judgement->findings = grown;
    struct finding *finding = &grown[judgement->count++];
    *finding = (struct finding){.has_address = true,
                                .address = observation->address,
                                .port = observation->port,
                                .exposure = NAN,
                                .count = 1,
                                .judged = true,
                                .time_ms = observation->time_ms};
    finding->item = strdup(item->id);
    return finding->item && give_reasons(item, observation, finding) ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status judge(struct judgement *judgement, size_t number, const struct item *item,
                         const struct observation *observation)
{
    if (!item->when || !condition_concerns(item->when, observation))
        return STATUS_OK;
    enum verdict verdict = condition_judge(item->when, observation);
    judgement->asked[number] = true;
    judgement->undetermined[number] = verdict == VERDICT_UNDETERMINED;
    return verdict == VERDICT_YES ? add_finding(judgement, item, observation) : STATUS_OK;
}

enum status judgement_make(const struct catalogue *catalogue, const struct observation *observation,
                           struct judgement *judgement_out)
{
    *judgement_out = (struct judgement){.items = catalogue->items_count};
    judgement_out->asked = calloc(catalogue->items_count + 1, sizeof *judgement_out->asked);
    judgement_out->undetermined = calloc(catalogue->items_count + 1, sizeof *judgement_out->undetermined);
    enum status status = judgement_out->asked && judgement_out->undetermined ? STATUS_OK : STATUS_NO_MEMORY;
    bool open = observation->state == ENDPOINT_OPEN;
    for (size_t i = 0; i < catalogue->items_count && open && status == STATUS_OK; i++)
        status = judge(judgement_out, i, &catalogue->items[i], observation);
    if (status != STATUS_OK)
        judgement_deinit(judgement_out);
    return status;
}

void judgement_deinit(struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->count; i++)
        finding_deinit(&judgement->findings[i]);
    free(judgement->findings);
    free(judgement->asked);
    free(judgement->undetermined);
    memset(judgement, 0, sizeof *judgement);
}
