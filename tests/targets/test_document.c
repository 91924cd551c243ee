#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random.h"
#include "targets/document.h"

static void parse(struct document *document, struct complaints *complaints, const char *text)
{
    complaints_init(complaints, "f");
    assert_int_equal(document_parse(document, text, strlen(text), complaints), STATUS_OK);
}

static void assert_place(struct document *document, const cJSON *value, unsigned line, unsigned column)
{
    struct complaints complaints;
    complaints_init(&complaints, "f");
    document_complain(document, value, &complaints, "x");
    assert_int_equal(complaints.items[0].line, line);
    assert_int_equal(complaints.items[0].column, column);
    complaints_deinit(&complaints);
}

static void values_stand_where_they_stand(void **state)
{
    (void)state;
    struct document document;
    struct complaints complaints;
    parse(&document, &complaints,
          " {\"a\" :\n"
          "  [1, -2.5e3 ,\"x\\\"]\\\\\" , [ ] ,{ },true],\n"
          "\t\"b,{\":{\"c\":{\"d\":null}}\n"
          ",\"e\":\"中\",\"f\":false}");
    const cJSON *a = cJSON_GetObjectItemCaseSensitive(document.root, "a");
    const cJSON *b = cJSON_GetObjectItemCaseSensitive(document.root, "b,{");
    const cJSON *c = cJSON_GetObjectItemCaseSensitive(b, "c");
    assert_place(&document, document.root, 1, 2);
    assert_place(&document, a, 2, 3);
    static const unsigned columns[] = {4, 7, 15, 26, 31, 35};
    for (int i = 0; i < 6; i++)
        assert_place(&document, cJSON_GetArrayItem(a, i), 2, columns[i]);
    assert_place(&document, b, 3, 8);
    assert_place(&document, c, 3, 13);
    assert_place(&document, cJSON_GetObjectItemCaseSensitive(c, "d"), 3, 18);
    assert_place(&document, cJSON_GetObjectItemCaseSensitive(document.root, "e"), 4, 6);
    assert_place(&document, cJSON_GetObjectItemCaseSensitive(document.root, "f"), 4, 16);
    assert_place(&document, NULL, 0, 0);
    cJSON other = {0};
    assert_place(&document, &other, 0, 0);
    document_complain_name(&document, c, &complaints, "x");
    assert_int_equal(complaints.items[0].column, 9);
    complaints_deinit(&complaints);
    document_deinit(&document);
}

/* Writes a random value and puts down the places of all the values in it, in order. */
struct writer {
    char text[20000];
    size_t size;
    unsigned line, column;
    unsigned places[4000][2];
    size_t count;
    struct random random;
};

static void put(struct writer *writer, const char *text)
{
    for (; *text; text++) {
        writer->text[writer->size++] = *text;
        writer->column++;
        if (*text != '\n')
            continue;
        writer->line++;
        writer->column = 1;
    }
}

static void put_space(struct writer *writer)
{
    static const char *const spaces[] = {"", "", "", " ", "\n", "\t ", "\r\n"};
    put(writer, spaces[random_below(&writer->random, sizeof spaces / sizeof *spaces)]);
}

static void put_value(struct writer *writer, int depth)
{
    static const char *const leaves[] = {"0",    "-1.5E+3",    "true",       "false", "null",
                                         "\"\"", "\"a\\\"b\"", "\"]}\\\\\"", "\"中\""};
    put_space(writer);
    writer->places[writer->count][0] = writer->line;
    writer->places[writer->count++][1] = writer->column;
    uint64_t kind = depth == 0 || writer->size > 15000 ? 2 : random_below(&writer->random, 4);
    if (kind > 1) {
        put(writer, leaves[random_below(&writer->random, sizeof leaves / sizeof *leaves)]);
        return;
    }
    put(writer, kind ? "{" : "[");
    for (uint64_t i = 0, count = random_below(&writer->random, 6); i < count; i++) {
        char name[40];
        put(writer, i ? "," : "");
        put_space(writer);
        snprintf(name, sizeof name, "\"k\\\"%llu\"", (unsigned long long)i);
        put(writer, kind ? name : "");
        put_space(writer);
        put(writer, kind ? ":" : "");
        put_value(writer, depth - 1);
        put_space(writer);
    }
    put_space(writer);
    put(writer, kind ? "}" : "]");
}

static void assert_places(struct document *document, const cJSON *value, const struct writer *writer,
                          size_t *next)
{
    assert_place(document, value, writer->places[*next][0], writer->places[*next][1]);
    ++*next;
    for (const cJSON *child = value->child; child; child = child->next)
        assert_places(document, child, writer, next);
}

static void places_agree_with_who_wrote_them(void **state)
{
    (void)state;
    static struct writer writer;
    size_t values = 0;
    for (uint64_t round = 1; round <= 400; round++) {
        struct document document;
        struct complaints complaints;
        size_t next = 0;
        writer = (struct writer){.line = 1, .column = 1, .random = {round * 7919}};
        put_value(&writer, 6);
        complaints_init(&complaints, "f");
        assert_int_equal(document_parse(&document, writer.text, writer.size, &complaints), STATUS_OK);
        assert_places(&document, document.root, &writer, &next);
        assert_int_equal(next, writer.count);
        values += next;
        document_deinit(&document);
    }
    assert_true(values > 2000);
}

static void assert_wrong(const char *text, size_t size, const char *said)
{
    struct document document;
    struct complaints complaints;
    complaints_init(&complaints, "f");
    assert_int_equal(document_parse(&document, text, size, &complaints), STATUS_WRONG_FILE);
    assert_null(document.root);
    char *found = complaints_format(&complaints);
    assert_string_equal(found, said);
    free(found);
    complaints_deinit(&complaints);
    document_deinit(&document);
}

#define ASSERT_WRONG(text, said) assert_wrong(text, sizeof text - 1, said)

static void what_cjson_lets_pass_is_refused(void **state)
{
    (void)state;
    ASSERT_WRONG("{\"a\":1,\n \"b\":2,\n \"a\":3, \"a\":4}",
                 "f:3:2: \"a\" stands in this object more than once; keep one of them\n"
                 "f:3:9: \"a\" stands in this object more than once; keep one of them\n");
    ASSERT_WRONG("[{\"\\u0062\":1,\"b\":2}]",
                 "f:1:14: \"b\" stands in this object more than once; keep one of them\n");
    ASSERT_WRONG("[1e999, {\"x\":-1e400}]", "f:1:2: the number is too large; write one below 1e308\n"
                                            "f:1:14: the number is too large; write one below 1e308\n");
    ASSERT_WRONG("{} x", "f:1:4: the file goes on behind its one value; remove the rest\n");
    ASSERT_WRONG("{}\0", "f:1:3: the file goes on behind its one value; remove the rest\n");
    ASSERT_WRONG("[\"\xff\"]", "f:1:3: not UTF-8; save the file as UTF-8\n");
    ASSERT_WRONG("[\"\x01\"]",
                 "f:1:3: a control character or line break in a string; close the string with \" or leave "
                 "the character out\n");
    ASSERT_WRONG("[\"\\u0000\"]", "f:1:3: \\u0000 can't stand in a text here; leave it out\n");
    ASSERT_WRONG("", "f:1:1: the file is empty\n");
}

static void names_of_other_case_are_other_names(void **state)
{
    (void)state;
    struct document document;
    struct complaints complaints;
    parse(&document, &complaints, "{\"a\":1,\"A\":2}");
    document_deinit(&document);
}

static void depth_is_capped(void **state)
{
    (void)state;
    struct document document;
    struct complaints complaints;
    char text[2 * DOCUMENT_DEPTH_MAX + 3];
    memset(text, '[', DOCUMENT_DEPTH_MAX + 1);
    memset(text + DOCUMENT_DEPTH_MAX + 1, ']', DOCUMENT_DEPTH_MAX + 1);
    complaints_init(&complaints, "f");
    assert_int_equal(document_parse(&document, text, sizeof text - 1, &complaints), STATUS_WRONG_FILE);
    assert_int_equal(complaints.items[0].column, DOCUMENT_DEPTH_MAX + 1);
    complaints_deinit(&complaints);
    assert_int_equal(document_parse(&document, text + 1, sizeof text - 3, &complaints), STATUS_OK);
    const cJSON *innermost = document.root;
    while (innermost->child)
        innermost = innermost->child;
    assert_place(&document, innermost, 1, DOCUMENT_DEPTH_MAX);
    document_deinit(&document);
}

static void unknown_names_say_what_is_known(void **state)
{
    (void)state;
    static const char *const known[] = {"item", "organization", "from", NULL};
    struct document document;
    struct complaints complaints;
    parse(&document, &complaints,
          "{\"item\":1,\n\"itme\":2,\n\"Organization\":3,\n\"fron\":4,\n\"until\":5,\n\"organisaton\":6,"
          "\n\"\":7}");
    document_refuse_unknown(&document, document.root, known, &complaints);
    char *said = complaints_format(&complaints);
    assert_string_equal(said, "f:2:1: unknown key \"itme\"; did you mean \"item\"?\n"
                              "f:3:1: unknown key \"Organization\"; did you mean \"organization\"?\n"
                              "f:4:1: unknown key \"fron\"; did you mean \"from\"?\n"
                              "f:5:1: unknown key \"until\"; known here: item, organization, from\n"
                              "f:6:1: unknown key \"organisaton\"; did you mean \"organization\"?\n"
                              "f:7:1: unknown key \"\"; known here: item, organization, from\n");
    free(said);
    complaints_deinit(&complaints);
    document_deinit(&document);
}

/* Longer than any word that could have been meant: it is cut, and nothing near is looked for. */
static void long_unknown_names_are_cut(void **state)
{
    (void)state;
    static const char *const known[] = {"item", NULL};
    struct document document;
    struct complaints complaints;
    char text[9000] = "{\"";
    memset(text + 2, 'i', sizeof text - 8);
    strcpy(text + sizeof text - 6, "\":1}");
    parse(&document, &complaints, text);
    document_refuse_unknown(&document, document.root, known, &complaints);
    assert_int_equal(complaints.count, 1);
    assert_true(strlen(complaints.items[0].text) < 150);
    assert_non_null(strstr(complaints.items[0].text, "i…\"; known here: item"));
    complaints_deinit(&complaints);
    document_deinit(&document);
}

static void files_are_read_whole(void **state)
{
    (void)state;
    char path[] = "/tmp/auscult_test_document_XXXXXX";
    struct document document;
    struct complaints complaints;
    FILE *file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    fputs("[0", file);
    for (int i = 0; i < 40000; i++)
        fputs(",1", file);
    fputs("]", file);
    fclose(file);
    complaints_init(&complaints, path);
    assert_int_equal(document_read(&document, path, &complaints), STATUS_OK);
    assert_int_equal(document.size, 80003);
    assert_int_equal(cJSON_GetArraySize(document.root), 40001);
    document_deinit(&document);
    unlink(path);
    assert_int_equal(document_read(&document, path, &complaints), STATUS_WRONG_FILE);
    assert_int_equal(document_read(&document, "/", &complaints), STATUS_WRONG_FILE);
    assert_int_equal(document_read(&document, "/dev/null", &complaints), STATUS_WRONG_FILE);
    assert_non_null(strstr(complaints.items[0].text, "No such file or directory"));
    assert_non_null(strstr(complaints.items[1].text, "Is a directory"));
    assert_non_null(strstr(complaints.items[2].text, "empty"));
    complaints_deinit(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_where_they_stand),
        cmocka_unit_test(places_agree_with_who_wrote_them),
        cmocka_unit_test(what_cjson_lets_pass_is_refused),
        cmocka_unit_test(names_of_other_case_are_other_names),
        cmocka_unit_test(depth_is_capped),
        cmocka_unit_test(unknown_names_say_what_is_known),
        cmocka_unit_test(long_unknown_names_are_cut),
        cmocka_unit_test(files_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
