#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsed.h"
#include "refusal.h"

const char right_scope[] =
    "{ \"auscult\": 1,\n"
    "  \"authorization\": { \"reference\": \"R-1\", \"authorized_by\": \"Dr. A\",\n"
    "    \"contact\": \"+86 10 0000\", \"valid_from\": \"2026-01-01\",\n"
    "    \"valid_until\": \"2026-12-31\" },\n"
    "  \"organizations\": [\n"
    "    { \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/24\"] },\n"
    "    { \"id\": \"h002\", \"name\": \"第二\", \"ranges\": [\"198.51.100.0/24\"] } ] }\n";

static char *changed(const char *from, const char *to)
{
    const char *found = strstr(right_scope, from);
    char *text = NULL;
    assert_non_null(found);
    assert_true(
        asprintf(&text, "%.*s%s%s", (int)(found - right_scope), right_scope, to, found + strlen(from)) > 0);
    return text;
}

/* Takes the mark out of the text and tells its line and column; 0 without a mark. */
static void take_mark(char *text, unsigned *line_out, unsigned *column_out)
{
    size_t mark = strcspn(text, "@");
    *line_out = *column_out = 0;
    if (!text[mark])
        return;
    *line_out = *column_out = 1;
    for (size_t i = 0; i < mark; i++) {
        ++*column_out;
        if (text[i] != '\n')
            continue;
        ++*line_out;
        *column_out = 1;
    }
    memmove(text + mark, text + mark + 1, strlen(text + mark));
}

static void assert_one_refused(const struct refusal *refusal)
{
    struct scope scope;
    struct complaints complaints;
    unsigned line, column;
    char *text = changed(refusal->from, refusal->to);
    take_mark(text, &line, &column);
    complaints_init(&complaints, "scope.json");
    enum status status = scope_parse(&scope, text, strlen(text), &complaints);
    char *said = complaints_format(&complaints);
    bool right = status == STATUS_WRONG_FILE && complaints.count == 1 && complaints.items[0].line == line &&
                 complaints.items[0].column == column && strstr(complaints.items[0].text, refusal->says);
    if (!right)
        fail_msg("%s\nis to be refused at %u:%u with \"%s\", but gives status %d and\n%s", refusal->to, line,
                 column, refusal->says, status, said);
    free(said);
    free(text);
    complaints_deinit(&complaints);
}

void assert_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_one_refused(&refusals[i]);
}

void assert_read(struct scope *scope, const char *from, const char *to)
{
    char *text = changed(from, to);
    assert_parsed(scope, text);
    free(text);
}
