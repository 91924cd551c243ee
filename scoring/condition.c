#include "scoring/condition.h"

#include <stdlib.h>
#include <string.h>

#include "probes/product.h"
#include "scoring/condition_tree.h"
#include "scoring/end_of_life.h"

void condition_free(struct condition **condition)
{
    struct condition *tree = *condition;
    *condition = NULL;
    if (!tree)
        return;
    for (size_t i = 0; i < tree->children_count; i++)
        condition_free(&tree->children[i]);
    for (size_t i = 0; i < tree->operands_count; i++)
        free(tree->operands[i].text);
    if (tree->end_of_life)
        end_of_life_deinit(tree->end_of_life);
    free(tree->end_of_life);
    free(tree->children);
    free(tree->operands);
    free(tree);
}

/* What an observation says of a subject. */
struct answer {
    bool known;
    int64_t number;
    const char *text;
};

static struct answer text_answer(const char *text)
{
    return (struct answer){.known = text[0] != 0, .text = text};
}

static struct answer fact_answer(const struct observation *observation, const struct fact *fact)
{
    const struct fact_value *value = observation_find(observation, fact->name);
    if (!value || value->undetermined)
        return (struct answer){.known = false};
    return (struct answer){fact->type != FACT_TEXT || value->text, value->number, value->text};
}

static struct answer end_of_life_answer(const struct condition *leaf, const struct observation *observation)
{
    const char *why = NULL;
    int day = 0;
    enum verdict verdict = end_of_life_judge(leaf->end_of_life, observation, &why, &day);
    return (struct answer){verdict != VERDICT_UNDETERMINED, verdict == VERDICT_YES, NULL};
}

static struct answer ask(const struct condition *leaf, const struct observation *observation)
{
    switch (leaf->subject) {
    case SUBJECT_SERVICE:
        return text_answer(observation->service);
    case SUBJECT_PRODUCT:
        return text_answer(observation->product);
    case SUBJECT_VERSION:
        return text_answer(observation->version);
    case SUBJECT_TRANSPORT:
        return text_answer(transport_name(observation->port.transport));
    case SUBJECT_PORT:
        return (struct answer){true, observation->port.number, NULL};
    case SUBJECT_TLS:
        return (struct answer){true, observation->tls, NULL};
    case SUBJECT_END_OF_LIFE:
        return end_of_life_answer(leaf, observation);
    case SUBJECT_FACT:
        break;
    }
    return fact_answer(observation, leaf->fact);
}

static enum verdict verdict_of(bool yes)
{
    return yes ? VERDICT_YES : VERDICT_NO;
}

static bool same(const struct condition *leaf, struct answer answer, const struct operand *operand)
{
    return leaf->type == FACT_TEXT ? strcmp(answer.text, operand->text) == 0
                                   : answer.number == operand->number;
}

static enum verdict judge_in(const struct condition *leaf, struct answer answer)
{
    for (size_t i = 0; i < leaf->operands_count; i++)
        if (same(leaf, answer, &leaf->operands[i]))
            return VERDICT_YES;
    return VERDICT_NO;
}

/* Only what begins like a version can be ordered; "unknown" or a build's name is not older than anything. */
static enum verdict judge_version(struct answer answer, const struct operand *operand)
{
    if (answer.text[0] < '0' || answer.text[0] > '9')
        return VERDICT_UNDETERMINED;
    return verdict_of(version_compare(answer.text, operand->text) < 0);
}

static enum verdict judge_before(struct answer answer, const struct operand *operand,
                                 const struct observation *observation)
{
    if (!operand->now)
        return verdict_of(answer.number < operand->number);
    if (observation->time_ms == 0)
        return VERDICT_UNDETERMINED;
    return verdict_of(answer.number < observation->time_ms / 1000);
}

static enum verdict judge_comparison(const struct condition *leaf, const struct observation *observation)
{
    struct answer answer = ask(leaf, observation);
    const struct operand *operand = leaf->operands;
    if (!answer.known)
        return VERDICT_UNDETERMINED;
    switch (leaf->comparison) {
    case COMPARE_EQUAL:
        return verdict_of(same(leaf, answer, operand));
    case COMPARE_NOT_EQUAL:
        return verdict_of(!same(leaf, answer, operand));
    case COMPARE_LESS:
        return verdict_of(answer.number < operand->number);
    case COMPARE_LESS_EQUAL:
        return verdict_of(answer.number <= operand->number);
    case COMPARE_GREATER:
        return verdict_of(answer.number > operand->number);
    case COMPARE_GREATER_EQUAL:
        return verdict_of(answer.number >= operand->number);
    case COMPARE_IN:
        return judge_in(leaf, answer);
    case COMPARE_VERSION_LESS:
        return judge_version(answer, operand);
    case COMPARE_BEFORE:
        return judge_before(answer, operand, observation);
    }
    return VERDICT_UNDETERMINED;
}

/* Through which part of an observation a condition is seen. */
enum view {
    VIEW_WHOLE,
    VIEW_PLACE, /* service, port, transport and tls only: all else is not determined */
};

static bool is_place(enum subject subject)
{
    return subject == SUBJECT_SERVICE || subject == SUBJECT_PORT || subject == SUBJECT_TRANSPORT ||
           subject == SUBJECT_TLS;
}

static enum verdict judge_leaf(const struct condition *leaf, const struct observation *observation,
                               enum view view)
{
    if (view == VIEW_PLACE && !is_place(leaf->subject))
        return VERDICT_UNDETERMINED;
    if (leaf->kind == CONDITION_IS_UNDETERMINED)
        return verdict_of(!ask(leaf, observation).known);
    return judge_comparison(leaf, observation);
}

/* Kleene's strong three-valued logic. Recursion ends with the document's depth. */
static enum verdict judge(const struct condition *condition, const struct observation *observation,
                          enum view view)
{
    if (condition->kind == CONDITION_COMPARE || condition->kind == CONDITION_IS_UNDETERMINED)
        return judge_leaf(condition, observation, view);
    enum verdict settles = condition->kind == CONDITION_ALL ? VERDICT_NO : VERDICT_YES;
    enum verdict sum = settles == VERDICT_NO ? VERDICT_YES : VERDICT_NO;
    for (size_t i = 0; i < condition->children_count; i++) {
        enum verdict part = judge(condition->children[i], observation, view);
        if (part == settles || part == VERDICT_UNDETERMINED)
            sum = part;
        if (part == settles)
            break;
    }
    if (condition->kind == CONDITION_NOT && sum != VERDICT_UNDETERMINED)
        return verdict_of(sum == VERDICT_NO);
    return sum;
}

enum verdict condition_judge(const struct condition *condition, const struct observation *observation)
{
    return judge(condition, observation, VIEW_WHOLE);
}

/* Was what this part rests on looked at here? */
static bool touches(const struct condition *condition, const struct observation *observation)
{
    for (size_t i = 0; i < condition->children_count; i++)
        if (touches(condition->children[i], observation))
            return true;
    if (condition->kind != CONDITION_COMPARE && condition->kind != CONDITION_IS_UNDETERMINED)
        return false;
    if (condition->subject == SUBJECT_FACT)
        return observation_find(observation, condition->fact->name) != NULL;
    if (is_place(condition->subject))
        return judge_leaf(condition, observation, VIEW_PLACE) == VERDICT_YES;
    if (condition->subject == SUBJECT_END_OF_LIFE)
        return observation->product[0] && observation->version[0];
    return strcmp(observation->service, "unknown") != 0;
}

bool condition_concerns(const struct condition *condition, const struct observation *observation)
{
    enum verdict place = judge(condition, observation, VIEW_PLACE);
    return place == VERDICT_YES || (place == VERDICT_UNDETERMINED && touches(condition, observation));
}

/* The first part in the order of reading that asks for this fact. */
static const struct condition *first_on(const struct condition *condition, const struct fact *fact)
{
    if (condition->fact == fact)
        return condition;
    for (size_t i = 0; i < condition->children_count; i++) {
        const struct condition *first = first_on(condition->children[i], fact);
        if (first)
            return first;
    }
    return NULL;
}

static void each_fact(const struct condition *root, const struct condition *condition,
                      void (*each)(void *context, const char *fact), void *context)
{
    if (condition->fact && first_on(root, condition->fact) == condition)
        each(context, condition->fact->name);
    for (size_t i = 0; i < condition->children_count; i++)
        each_fact(root, condition->children[i], each, context);
}

void condition_facts(const struct condition *condition, void (*each)(void *context, const char *fact),
                     void *context)
{
    each_fact(condition, condition, each, context);
}

int condition_end_of_life(const struct condition *condition, const struct observation *observation)
{
    const char *why = NULL;
    int day = 0;
    if (condition->end_of_life)
        (void)end_of_life_judge(condition->end_of_life, observation, &why, &day);
    for (size_t i = 0; day == 0 && i < condition->children_count; i++)
        day = condition_end_of_life(condition->children[i], observation);
    return day;
}
