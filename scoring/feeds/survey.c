#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/csv_columns.h"
#include "scoring/feeds/feed.h"
#include "scoring/feeds/map.h"
#include "targets/utf8.h"

/* The survey of protective measures: CSV, one line an organization, a header that names the questions.

   The map: "organization" and "date" name columns ("time_offset": of the clock by which dates are); "answers"
   lists the words for yes, no and unknown; each of "questions" has the item that stands for the want of a
   measure, and the columns that ask for it: the measure is there when "any" of them, or "all" of them, are
   answered yes. Only columns that the file has count, and what follows from no answer is not assessed. "noted"
   are columns that are known and no item is about. */

#define QUESTIONS_MAX 64
#define PARTS_MAX     16

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

struct question {
    const struct item *item;
    bool all;
    const cJSON *parts; /* each the names of a column */
    size_t columns[PARTS_MAX];
    size_t columns_count;
};

struct survey {
    const struct feed_call *call;
    struct csv_reader reader;
    const cJSON *organization, *date, *answers[3], *noted;
    int offset_minutes;
    size_t organization_column, date_column;
    struct question questions[QUESTIONS_MAX];
    size_t questions_count;
};

/* --- the map --- */

static void read_parts(struct fields *fields, const cJSON *entry, struct question *question)
{
    const cJSON *all = cJSON_GetObjectItemCaseSensitive(entry, "all");
    const cJSON *any = cJSON_GetObjectItemCaseSensitive(entry, "any");
    const char *example = "[[\"audit\", \"数据库审计\"]]";
    const cJSON *parts = all ? all : any;
    question->all = all != NULL;
    if (!parts || (all && any)) {
        fields_complain(fields, entry, "a question wants either \"any\" or \"all\", %s", example);
        return;
    }
    if (!fields_is(fields, parts, cJSON_Array, all ? "all" : "any", example))
        return;
    if (cJSON_GetArraySize(parts) > PARTS_MAX)
        fields_complain(fields, parts, "at most %d columns make one question", PARTS_MAX);
    for (const cJSON *part = parts->child; part; part = part->next) {
        if (!fields_is(fields, part, cJSON_Array, "a column", "[\"audit\", \"数据库审计\"]"))
            return;
        for (const cJSON *name = part->child; name; name = name->next)
            if (!fields_is_text(fields, name, "a name", "\"audit\""))
                return;
    }
    question->parts = parts;
}

static void read_questions(struct fields *fields, struct survey *survey, const cJSON *root)
{
    static const char *const known[] = {"item", "any", "all", NULL};
    const cJSON *list =
        fields_typed(fields, root, "questions", cJSON_Array, FIELD_REQUIRED, "[{ \"item\": \"D5-2\", … }]");
    for (const cJSON *entry = list ? list->child : NULL; entry; entry = entry->next) {
        if (!fields_is(fields, entry, cJSON_Object, "a question", "{ \"item\": \"D5-2\", … }"))
            continue;
        if (survey->questions_count == QUESTIONS_MAX) {
            fields_complain(fields, entry, "at most %d questions", QUESTIONS_MAX);
            return;
        }
        struct question *question = &survey->questions[survey->questions_count++];
        *question = (struct question){0};
        document_refuse_unknown(fields->document, entry, known, fields->complaints);
        const cJSON *item = fields_member(fields, entry, "item", FIELD_REQUIRED, "\"D5-2\"");
        question->item = item ? map_item(fields, survey->call->catalogue, item) : NULL;
        read_parts(fields, entry, question);
    }
}

static void read_answers(struct fields *fields, struct survey *survey, const cJSON *root)
{
    static const char *const words[] = {
        [ANSWER_NO] = "no", [ANSWER_YES] = "yes", [ANSWER_UNKNOWN] = "unknown"};
    const cJSON *answers = fields_typed(fields, root, "answers", cJSON_Object, FIELD_REQUIRED,
                                        "{ \"yes\": [\"是\"], \"no\": [\"否\"], \"unknown\": [\"\"] }");
    for (int i = ANSWER_NO; answers && i <= ANSWER_UNKNOWN; i++) {
        survey->answers[i] = fields_typed(fields, answers, words[i], cJSON_Array, FIELD_REQUIRED, "[\"是\"]");
        for (const cJSON *word = survey->answers[i] ? survey->answers[i]->child : NULL; word;
             word = word->next)
            (void)fields_is(fields, word, cJSON_String, "an answer", "\"是\"");
    }
}

static enum status read_map(struct survey *survey)
{
    static const char *const known[] = {"auscult_map", "organization", "date",  "time_offset",
                                        "answers",     "questions",    "noted", NULL};
    const struct feed_call *call = survey->call;
    const cJSON *root = call->map->root;
    struct fields fields = {call->map, call->map_complaints, utf8_unsafe, STATUS_OK};
    size_t before = fields_complaints(call->map_complaints);
    document_refuse_unknown(call->map, root, known, call->map_complaints);
    map_read_head(&fields, call->map, "survey");
    survey->organization = csv_names(&fields, root, "organization", FIELD_REQUIRED);
    survey->date = csv_names(&fields, root, "date", FIELD_OPTIONAL);
    survey->noted = csv_names(&fields, root, "noted", FIELD_OPTIONAL);
    const cJSON *offset =
        fields_typed(&fields, root, "time_offset", cJSON_String, FIELD_OPTIONAL, "\"+08:00\"");
    if (offset && !csv_offset(offset->valuestring, &survey->offset_minutes))
        fields_complain(&fields, offset, "\"time_offset\" wants hours and minutes ahead of UTC, \"+08:00\"");
    read_answers(&fields, survey, root);
    read_questions(&fields, survey, root);
    if (fields.status != STATUS_OK)
        return fields.status;
    return fields_complaints(call->map_complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}

/* --- the file --- */

static bool is_asked(const struct survey *survey, size_t column)
{
    for (size_t i = 0; i < survey->questions_count; i++)
        for (size_t j = 0; j < survey->questions[i].columns_count; j++)
            if (survey->questions[i].columns[j] == column)
                return true;
    return false;
}

static void tell_unused(const struct survey *survey)
{
    const struct feed_sink *sink = survey->call->sink;
    for (size_t i = 0; i < survey->reader.count; i++) {
        if (i == survey->organization_column || i == survey->date_column || is_asked(survey, i))
            continue;
        sink->skipped(sink->context, csv_is_one_of(survey->reader.texts[i], survey->noted)
                                         ? "columns of measures that no item is about"
                                         : "columns that the map does not know");
    }
}

static enum status read_header(struct survey *survey)
{
    bool got = false;
    size_t asked = 0;
    enum status status = csv_reader_next(&survey->reader, &got);
    if (status != STATUS_OK)
        return status;
    if (!got)
        return feed_source_complain(survey->call->source, 0,
                                    "the file is empty; its first line names the columns");
    survey->organization_column = csv_column(&survey->reader, survey->organization);
    survey->date_column = csv_column(&survey->reader, survey->date);
    for (size_t i = 0; i < survey->questions_count; i++) {
        struct question *question = &survey->questions[i];
        for (const cJSON *part = question->parts->child; part; part = part->next) {
            size_t column = csv_column(&survey->reader, part);
            if (column != SIZE_MAX)
                question->columns[question->columns_count++] = column;
        }
        asked += question->columns_count;
    }
    if (survey->organization_column == SIZE_MAX)
        return csv_reader_complain(&survey->reader, 0,
                                   "no column names the organization, such as \"org\" or \"机构\"");
    if (asked == 0)
        return csv_reader_complain(
            &survey->reader, 0,
            "no column is a question that the map knows; see --map in `auscult import --help`");
    tell_unused(survey);
    return STATUS_OK;
}

static enum status read_answer(struct survey *survey, size_t column, enum answer *answer_out)
{
    const char *text = survey->reader.texts[column];
    for (int i = ANSWER_NO; i <= ANSWER_UNKNOWN; i++)
        if (csv_is_one_of(text, survey->answers[i])) {
            *answer_out = (enum answer)i;
            return STATUS_OK;
        }
    return csv_reader_complain(&survey->reader, column,
                               "\"%s\" is no answer that the map knows; write yes, no or unknown",
                               quoted(text).text);
}

/* Three-valued: one answer may settle it, otherwise what is unknown leaves it unknown. */
static enum status read_question(struct survey *survey, const struct question *question, enum answer *sum_out)
{
    enum answer settles = question->all ? ANSWER_NO : ANSWER_YES;
    enum answer otherwise = question->all ? ANSWER_YES : ANSWER_NO;
    *sum_out = question->columns_count ? otherwise : ANSWER_UNKNOWN;
    for (size_t i = 0; i < question->columns_count; i++) {
        enum answer answer = ANSWER_UNKNOWN;
        enum status status = read_answer(survey, question->columns[i], &answer);
        if (status != STATUS_OK)
            return status;
        if (answer == settles)
            *sum_out = settles;
        else if (answer == ANSWER_UNKNOWN && *sum_out != settles)
            *sum_out = ANSWER_UNKNOWN;
    }
    return STATUS_OK;
}

static enum status tell(struct survey *survey, const char *organization, const struct question *question,
                        enum answer answer, int64_t time_ms)
{
    const struct feed_sink *sink = survey->call->sink;
    const char *const item = question->item->id;
    if (answer == ANSWER_UNKNOWN)
        return STATUS_OK;
    enum status status = sink->covers(sink->context, organization, &item, 1, time_ms, time_ms);
    if (status != STATUS_OK || answer == ANSWER_YES)
        return status;
    char id[64], why[] = "survey: the measure is not there";
    snprintf(id, sizeof id, "%s", organization);
    const struct finding finding = {.organization = id,
                                    .item = question->item->id,
                                    .exposure = 1,
                                    .count = 1,
                                    .why = why,
                                    .time_ms = time_ms};
    return sink->finding(sink->context, &finding, NULL);
}

static enum status read_record(struct survey *survey)
{
    const struct feed_sink *sink = survey->call->sink;
    const char *name = survey->reader.texts[survey->organization_column];
    int64_t time_ms = survey->call->now_ms;
    if (!name[0])
        return csv_reader_complain(&survey->reader, survey->organization_column,
                                   "the organization is missing");
    if (survey->date_column != SIZE_MAX && survey->reader.texts[survey->date_column][0] &&
        !csv_moment(survey->reader.texts[survey->date_column], survey->offset_minutes, &time_ms))
        return csv_reader_complain(&survey->reader, survey->date_column,
                                   "\"%s\" is no date; write 2026-01-31",
                                   quoted(survey->reader.texts[survey->date_column]).text);
    const char *organization = sink->organization(sink->context, name);
    if (!organization)
        sink->skipped(sink->context, "lines of organizations that the scope does not have, or has twice");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < survey->questions_count && status == STATUS_OK; i++) {
        enum answer answer = ANSWER_UNKNOWN;
        status = read_question(survey, &survey->questions[i], &answer);
        if (status == STATUS_OK && organization)
            status = tell(survey, organization, &survey->questions[i], answer, time_ms);
    }
    return status;
}

static enum status read_file(struct survey *survey)
{
    enum status status = read_header(survey);
    for (bool got = true; got && status == STATUS_OK;) {
        status = csv_reader_next(&survey->reader, &got);
        if (status == STATUS_OK && got)
            status = read_record(survey);
    }
    return status;
}

static enum status parse(const struct feed_call *call)
{
    struct survey *survey = calloc(1, sizeof *survey);
    if (!survey)
        return STATUS_NO_MEMORY;
    survey->call = call;
    enum status status = read_map(survey);
    if (status == STATUS_OK)
        status = csv_reader_init(&survey->reader, call->source, ',');
    if (status == STATUS_OK)
        status = read_file(survey);
    csv_reader_deinit(&survey->reader);
    free(survey);
    return status;
}

const struct feed feed_survey = {
    .name = "survey",
    .en = "a survey of protective measures as CSV, one line an organization",
    .zh = "防护措施调查表（CSV，每机构一行）",
    .map = "import-survey",
    .parse = parse,
};
