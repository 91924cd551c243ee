#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/text.h"
#include "scoring/condition_tree.h"
#include "scoring/end_of_life.h"
#include "targets/calendar.h"
#include "targets/fields.h"

#define EXACT_MAX        9007199254740992.0 /* 2^53: whole numbers that JSON readers keep */
#define SECONDS_OF_A_DAY INT64_C(86400)

/* Service words of contract.md; a probe of a later one adds its own by its name. */
static const char *const services[] = {
    "mysql", "postgresql", "mssql",  "oracle", "mongodb", "redis",   "memcached", "elasticsearch",
    "http",  "ssh",        "telnet", "ftp",    "smtp",    "pop3",    "imap",      "rdp",
    "smb",   "vnc",        "ldap",   "dicom",  "hl7",     "printer", "unknown",   NULL,
};
static const char *const transports[] = {"tcp", "udp", NULL};

/* What may be compared besides facts. */
static const struct {
    const char *name;
    enum subject subject;
    enum fact_type type;
} subjects[] = {
    {"service", SUBJECT_SERVICE, FACT_TEXT},
    {"product", SUBJECT_PRODUCT, FACT_TEXT},
    {"version", SUBJECT_VERSION, FACT_TEXT},
    {"port", SUBJECT_PORT, FACT_INTEGER},
    {"tls", SUBJECT_TLS, FACT_BOOL},
    {"transport", SUBJECT_TRANSPORT, FACT_TEXT},
    {"software.end_of_life", SUBJECT_END_OF_LIFE, FACT_BOOL},
};

static const struct {
    const char *word;
    enum comparison comparison;
} operators[] = {
    {"lt", COMPARE_LESS},       {"le", COMPARE_LESS_EQUAL},
    {"gt", COMPARE_GREATER},    {"ge", COMPARE_GREATER_EQUAL},
    {"ne", COMPARE_NOT_EQUAL},  {"in", COMPARE_IN},
    {"before", COMPARE_BEFORE}, {"version_lt", COMPARE_VERSION_LESS},
};

static struct condition *read_condition(struct fields *fields, const cJSON *value);

static struct condition *condition_new(struct fields *fields, enum condition_kind kind)
{
    struct condition *condition = calloc(1, sizeof *condition);
    if (condition)
        condition->kind = kind;
    else
        fields->status = STATUS_NO_MEMORY;
    return condition;
}

/* Appends a child that belongs to the parent from then on; a NULL parent or child is a part that failed. */
static void condition_adopt(struct fields *fields, struct condition *parent, struct condition *child)
{
    if (!parent || !child) {
        condition_free(&child);
        return;
    }
    struct condition **grown =
        reallocarray(parent->children, parent->children_count + 1, sizeof *parent->children);
    if (!grown) {
        fields->status = STATUS_NO_MEMORY;
        condition_free(&child);
        return;
    }
    parent->children = grown;
    parent->children[parent->children_count++] = child;
}

/* What a leaf is about. */
struct topic {
    const char *name;
    enum subject subject;
    enum fact_type type;
    const struct fact *fact;
};

static bool find_topic(const char *name, struct topic *topic_out)
{
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (strcmp(subjects[i].name, name) == 0) {
            *topic_out = (struct topic){name, subjects[i].subject, subjects[i].type, NULL};
            return true;
        }
    const struct fact *fact = fact_named(name);
    if (fact)
        *topic_out = (struct topic){name, SUBJECT_FACT, fact->type, fact};
    return fact != NULL;
}

#define NO_TOPIC                                                                                             \
    "\"%s\" is no fact of any probe, nor service, product, version, port, transport, tls, all, any, not or " \
    "undetermined; \"auscult facts\" lists the facts"

/* A leaf on the topic; the table of ends of life is its own. */
static struct condition *leaf_new(struct fields *fields, enum condition_kind kind, const struct topic *topic)
{
    struct condition *leaf = condition_new(fields, kind);
    if (!leaf)
        return NULL;
    leaf->subject = topic->subject;
    leaf->type = topic->type;
    leaf->fact = topic->fact;
    if (topic->subject != SUBJECT_END_OF_LIFE)
        return leaf;
    leaf->end_of_life = calloc(1, sizeof *leaf->end_of_life);
    if (!leaf->end_of_life || end_of_life_read(NULL, leaf->end_of_life) != STATUS_OK) {
        fields->status = STATUS_NO_MEMORY;
        condition_free(&leaf);
    }
    return leaf;
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, text) == 0)
            return true;
    return false;
}

/* Texts of a closed set: a word beyond it would never be true. */
static bool check_word(struct fields *fields, const cJSON *value, const struct topic *topic)
{
    const char *text = value->valuestring;
    if (topic->subject == SUBJECT_TRANSPORT && !is_word(text, transports))
        fields_complain(fields, value, "\"transport\" must be \"tcp\" or \"udp\"");
    else if (topic->subject == SUBJECT_SERVICE && !is_word(text, services) && !probe_named(text))
        fields_complain(fields, value, "\"%s\" is no service; write one such as \"mysql\", \"rdp\", \"http\"",
                        quoted(text).text);
    else
        return true;
    return false;
}

static bool read_whole(struct fields *fields, const cJSON *value, const struct topic *topic,
                       struct operand *operand)
{
    if (!fields_is(fields, value, cJSON_Number, topic->name, "a whole number"))
        return false;
    double number = value->valuedouble;
    bool port = topic->subject == SUBJECT_PORT;
    if (fabs(number) > EXACT_MAX || number != floor(number) || (port && (number < 1 || number > 65535))) {
        fields_complain(fields, value, "\"%s\" is a whole number%s", topic->name,
                        port ? " from 1 to 65535" : " below 2^53");
        return false;
    }
    operand->number = (int64_t)number;
    return true;
}

static bool read_operand(struct fields *fields, const cJSON *value, const struct topic *topic,
                         struct operand *operand)
{
    switch (topic->type) {
    case FACT_BOOL:
        operand->number = cJSON_IsTrue(value);
        if (!cJSON_IsBool(value))
            fields_complain(fields, value, "\"%s\" is true or false; write one of them", topic->name);
        return cJSON_IsBool(value);
    case FACT_INTEGER:
        return read_whole(fields, value, topic, operand);
    case FACT_TEXT:
        if (!fields_is(fields, value, cJSON_String, topic->name, "a text in quotes") ||
            !check_word(fields, value, topic))
            return false;
        operand->text = fields_copy(fields, value->valuestring);
        return operand->text != NULL;
    case FACT_TIME:
        break;
    }
    fields_complain(fields, value,
                    "\"%s\" is a time; write {\"before\": \"now\"} or {\"before\": \"2026-01-31\"}",
                    topic->name);
    return false;
}

static bool read_moment(struct fields *fields, const cJSON *value, struct operand *operand)
{
    int day = 0;
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    operand->now = strcmp(text, "now") == 0;
    if (operand->now)
        return true;
    if (!calendar_parse(text, &day)) {
        fields_complain(fields, value, "\"before\" takes \"now\" or a day such as \"2026-01-31\"");
        return false;
    }
    operand->number = calendar_number(day) * SECONDS_OF_A_DAY;
    return true;
}

static bool read_version(struct fields *fields, const cJSON *value, struct operand *operand)
{
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    if (text[0] < '0' || text[0] > '9') {
        fields_complain(fields, value, "\"version_lt\" takes a version such as \"10.11.6\"");
        return false;
    }
    operand->text = fields_copy(fields, text);
    return operand->text != NULL;
}

/* What to write in place of an operator that orders whole numbers. */
static const char *instead(enum fact_type type)
{
    return type == FACT_TEXT   ? "write \"version_lt\" for versions, \"in\" or \"ne\" for texts"
           : type == FACT_TIME ? "write \"before\""
                               : "write true or false";
}

/* Does the type bear the operator? */
static bool check_operator(struct fields *fields, const cJSON *member, const struct topic *topic,
                           enum comparison comparison)
{
    bool orders = comparison >= COMPARE_LESS && comparison <= COMPARE_GREATER_EQUAL;
    bool closed = topic->subject == SUBJECT_SERVICE || topic->subject == SUBJECT_TRANSPORT;
    if (orders && topic->type != FACT_INTEGER)
        fields_complain_name(fields, member, "\"%s\" orders whole numbers, and \"%s\" is none; %s",
                             member->string, topic->name, instead(topic->type));
    else if (comparison == COMPARE_VERSION_LESS && (topic->type != FACT_TEXT || closed))
        fields_complain_name(fields, member,
                             "\"version_lt\" orders versions, and \"%s\" is none; leave it out", topic->name);
    else if (comparison == COMPARE_BEFORE && topic->type != FACT_TIME)
        fields_complain_name(fields, member, "\"before\" is for times, and \"%s\" is none; leave it out",
                             topic->name);
    else if (comparison == COMPARE_IN && topic->type == FACT_BOOL)
        fields_complain_name(fields, member, "\"%s\" is true or false; write one of them", topic->name);
    else
        return true;
    return false;
}

static bool read_list(struct fields *fields, const cJSON *list, const struct topic *topic,
                      struct condition *leaf)
{
    if (!fields_is(fields, list, cJSON_Array, "in", "[…] with what it may be"))
        return false;
    size_t count = (size_t)cJSON_GetArraySize(list);
    if (count == 0) {
        fields_complain(fields, list, "\"in\" is empty and never true; list what \"%s\" may be", topic->name);
        return false;
    }
    leaf->operands = calloc(count, sizeof *leaf->operands);
    if (!leaf->operands) {
        fields->status = STATUS_NO_MEMORY;
        return false;
    }
    leaf->operands_count = count;
    bool good = true;
    size_t i = 0;
    for (const cJSON *value = list->child; value; value = value->next, i++)
        good = read_operand(fields, value, topic, &leaf->operands[i]) && good;
    return good;
}

static bool read_single(struct fields *fields, const cJSON *value, const struct topic *topic,
                        struct condition *leaf)
{
    leaf->operands = calloc(1, sizeof *leaf->operands);
    if (!leaf->operands) {
        fields->status = STATUS_NO_MEMORY;
        return false;
    }
    leaf->operands_count = 1;
    if (leaf->comparison == COMPARE_BEFORE)
        return read_moment(fields, value, leaf->operands);
    if (leaf->comparison == COMPARE_VERSION_LESS)
        return read_version(fields, value, leaf->operands);
    return read_operand(fields, value, topic, leaf->operands);
}

static struct condition *read_comparison(struct fields *fields, const cJSON *value, const struct topic *topic,
                                         enum comparison comparison)
{
    struct condition *leaf = leaf_new(fields, CONDITION_COMPARE, topic);
    if (!leaf)
        return NULL;
    leaf->comparison = comparison;
    bool good = comparison == COMPARE_IN ? read_list(fields, value, topic, leaf)
                                         : read_single(fields, value, topic, leaf);
    if (!good)
        condition_free(&leaf);
    return leaf;
}

static struct condition *read_operator(struct fields *fields, const cJSON *member, const struct topic *topic)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (strcmp(operators[i].word, member->string) != 0)
            continue;
        if (!check_operator(fields, member, topic, operators[i].comparison))
            return NULL;
        return read_comparison(fields, member, topic, operators[i].comparison);
    }
    fields_complain_name(fields, member,
                         "\"%s\" is no comparison; write lt, le, gt, ge, ne, in, version_lt or before",
                         quoted(member->string).text);
    return NULL;
}

/* {"ge": 1, "lt": 5}: all of them. */
static struct condition *read_operators(struct fields *fields, const cJSON *object, const struct topic *topic)
{
    struct condition *all = condition_new(fields, CONDITION_ALL);
    if (!object->child)
        fields_complain(fields, object, "a comparison is missing here, as in {\"ge\": 1}");
    for (const cJSON *member = object->child; member; member = member->next)
        condition_adopt(fields, all, read_operator(fields, member, topic));
    return all;
}

static struct condition *read_undetermined(struct fields *fields, const cJSON *value)
{
    struct topic topic;
    if (!fields_is(fields, value, cJSON_String, "undetermined", "the name of a fact in quotes"))
        return NULL;
    if (!find_topic(value->valuestring, &topic)) {
        fields_complain(fields, value, NO_TOPIC, quoted(value->valuestring).text);
        return NULL;
    }
    return leaf_new(fields, CONDITION_IS_UNDETERMINED, &topic);
}

static struct condition *read_children(struct fields *fields, const cJSON *list, enum condition_kind kind)
{
    if (!fields_is(fields, list, cJSON_Array, list->string, "[…] with conditions"))
        return NULL;
    if (!list->child) {
        fields_complain(fields, list, "\"%s\" is empty; list conditions", list->string);
        return NULL;
    }
    struct condition *condition = condition_new(fields, kind);
    for (const cJSON *child = list->child; child; child = child->next)
        condition_adopt(fields, condition, read_condition(fields, child));
    return condition;
}

static struct condition *read_member(struct fields *fields, const cJSON *member)
{
    struct topic topic;
    if (strcmp(member->string, "all") == 0)
        return read_children(fields, member, CONDITION_ALL);
    if (strcmp(member->string, "any") == 0)
        return read_children(fields, member, CONDITION_ANY);
    if (strcmp(member->string, "undetermined") == 0)
        return read_undetermined(fields, member);
    if (strcmp(member->string, "not") == 0) {
        struct condition *condition = condition_new(fields, CONDITION_NOT);
        condition_adopt(fields, condition, read_condition(fields, member));
        return condition;
    }
    if (find_topic(member->string, &topic))
        return cJSON_IsObject(member) ? read_operators(fields, member, &topic)
                                      : read_comparison(fields, member, &topic, COMPARE_EQUAL);
    fields_complain_name(fields, member, NO_TOPIC, quoted(member->string).text);
    return NULL;
}

/* An object of several members holds when all of them do. */
static struct condition *read_condition(struct fields *fields, const cJSON *value)
{
    if (!cJSON_IsObject(value) || !value->child) {
        fields_complain(fields, value, "a condition is an object such as {\"service\": \"mysql\"}");
        return NULL;
    }
    struct condition *all = condition_new(fields, CONDITION_ALL);
    for (const cJSON *member = value->child; member; member = member->next)
        condition_adopt(fields, all, read_member(fields, member));
    return all;
}

struct condition *condition_read(const struct document *document, const cJSON *value,
                                 struct complaints *complaints)
{
    struct fields fields = {document, complaints, text_unsafe, STATUS_OK};
    size_t before = fields_complaints(complaints);
    struct condition *condition = read_condition(&fields, value);
    if (fields.status != STATUS_OK || fields_complaints(complaints) > before)
        condition_free(&condition);
    return condition;
}
