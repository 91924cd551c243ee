#include "scoring/deadline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/data.h"
#include "scoring/deadline_read.h"
#include "targets/calendar.h"

#define BUILT_IN  "deadlines"
#define MS_OF_DAY INT64_C(86400000)

void deadlines_deinit(struct deadlines *deadlines)
{
    for (size_t i = 0; i < deadlines->rules_count; i++)
        words_deinit(&deadlines->rules[i].words);
    for (size_t i = 0; i < deadlines->items_count; i++) {
        free(deadlines->items[i].id);
        words_deinit(&deadlines->items[i].reason);
    }
    free(deadlines->rules);
    free(deadlines->items);
    free(deadlines->name);
    words_deinit(&deadlines->source);
    *deadlines = (struct deadlines){0};
}

static enum status read_document(struct deadlines *deadlines, struct document *document,
                                 struct complaints *complaints)
{
    enum status status = deadlines_read(deadlines, document, complaints);
    document_deinit(document);
    if (status != STATUS_OK)
        deadlines_deinit(deadlines);
    return status;
}

enum status deadlines_parse(struct deadlines *deadlines, const char *text, size_t size,
                            struct complaints *complaints)
{
    struct document document;
    *deadlines = (struct deadlines){0};
    enum status status = document_parse(&document, text, size, complaints);
    return status == STATUS_OK ? read_document(deadlines, &document, complaints) : status;
}

enum status deadlines_load(struct deadlines *deadlines, const char *path, struct complaints *complaints)
{
    const struct data_file *file = path ? NULL : data_find(BUILT_IN);
    struct document document;
    *deadlines = (struct deadlines){0};
    if (!path)
        return deadlines_parse(deadlines, file->text, file->size, complaints);
    enum status status = document_read(&document, path, complaints);
    return status == STATUS_OK ? read_document(deadlines, &document, complaints) : status;
}

static int id_compare(const void *id, const void *item)
{
    return strcmp(id, ((const struct deadline_item *)item)->id);
}

bool deadline_fits(enum deadline_asked asked, bool is)
{
    return asked == ASKED_ANY || (asked == ASKED_YES) == is;
}

const struct deadline_rule *deadline_rule(const struct deadlines *deadlines, struct deadline_case of)
{
    for (size_t i = 0; i < deadlines->rules_count; i++) {
        const struct deadline_rule *rule = &deadlines->rules[i];
        if (deadline_fits(rule->exploited, of.exploited) && deadline_fits(rule->exposed, of.exposed) &&
            deadline_fits(rule->automatable, of.automatable) && deadline_fits(rule->total, of.total))
            return rule;
    }
    return NULL;
}

/* What the rules are asked of a finding. */
static struct deadline_case case_of(const struct deadlines *deadlines, const struct deadline_item *known,
                                    const struct item *item, double exposure)
{
    bool by_severity = !known || known->impact == IMPACT_BY_SEVERITY;
    return (struct deadline_case){
        .exploited = known && known->exploited,
        .exposed = exposure >= deadlines->exposed_from,
        .automatable = known && known->automatable,
        .total = by_severity ? item->severity >= deadlines->total_from : known->impact == IMPACT_TOTAL,
    };
}

static void count_days(struct deadline *deadline, int64_t first_ms, int today)
{
    if (deadline->days == 0 || first_ms <= 0)
        return;
    deadline->due_day = calendar_day(first_ms / MS_OF_DAY + deadline->days);
    deadline->overdue = today > deadline->due_day;
}

struct deadline deadline_of(const struct deadlines *deadlines, const struct catalogue *catalogue, size_t item,
                            const struct finding *finding, double exposure, int64_t first_ms, int today)
{
    const struct item *entry = &catalogue->items[item];
    const struct deadline_item *known =
        bsearch(entry->id, deadlines->items, deadlines->items_count, sizeof *known, id_compare);
    double weight = finding && !isnan(finding->exposure) ? finding->exposure : exposure;
    const struct deadline_rule *rule = deadline_rule(deadlines, case_of(deadlines, known, entry, weight));
    struct deadline deadline = {.rule_en = "", .rule_zh = "", .reason_en = "", .reason_zh = ""};
    if (known) {
        deadline.reason_en = words_in(&known->reason, LANGUAGE_EN);
        deadline.reason_zh = words_in(&known->reason, LANGUAGE_ZH);
    }
    if (known && known->days >= 0) {
        deadline.days = known->days;
        deadline.examine = known->examine;
    } else if (rule) {
        deadline.days = rule->days;
        deadline.examine = rule->examine;
        deadline.rule_en = words_in(&rule->words, LANGUAGE_EN);
        deadline.rule_zh = words_in(&rule->words, LANGUAGE_ZH);
    }
    count_days(&deadline, first_ms, today);
    return deadline;
}
