#include <stdlib.h>
#include <string.h>

#include "scoring/report/markdown.h"
#include "targets/calendar.h"

const char *markdown_say(const struct markdown *markdown, const char *zh, const char *en)
{
    return markdown->report->language == LANGUAGE_ZH ? zh : en;
}

/* Every character may stand behind a backslash (CommonMark §2.4); those of links that GitHub makes by itself too. */
static const char *escape(uint32_t code)
{
    static const char *const escaped[128] = {
        ['!'] = "\\!", ['#'] = "\\#", ['$'] = "\\$", ['&'] = "\\&", ['*'] = "\\*",   [':'] = "\\:",
        ['<'] = "\\<", ['>'] = "\\>", ['@'] = "\\@", ['['] = "\\[", ['\\'] = "\\\\", [']'] = "\\]",
        ['^'] = "\\^", ['_'] = "\\_", ['`'] = "\\`", ['{'] = "\\{", ['|'] = "\\|",   ['}'] = "\\}",
        ['~'] = "\\~", ['='] = "\\=", ['.'] = "\\.",
    };
    return code < 128 ? escaped[code] : NULL;
}

/* The catalogue's sentences keep their dots and colons. */
static const char *escape_words(uint32_t code)
{
    return code == '.' || code == ':' || code == '=' ? NULL : escape(code);
}

void markdown_text(struct markdown *markdown, const char *text)
{
    writer_escape(&markdown->writer, text, escape);
}

void markdown_words(struct markdown *markdown, const struct words *words)
{
    writer_escape(&markdown->writer, words_in(words, markdown->report->language), escape_words);
}

/* Backticks in a row, at the most. */
static size_t longest_run(const char *text)
{
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A fence is longer than any run of backticks inside it (CommonMark §6.1). */
void markdown_code(struct markdown *markdown, const char *text)
{
    char *safe = text && *text ? writer_safe(&markdown->writer, text) : NULL;
    if (!safe)
        return;
    size_t fence = longest_run(safe) + 1;
    const char *pad = fence > 1 ? " " : "";
    for (size_t i = 0; i < fence; i++)
        writer_put(&markdown->writer, "`");
    writer_format(&markdown->writer, "%s%s%s", pad, safe, pad);
    for (size_t i = 0; i < fence; i++)
        writer_put(&markdown->writer, "`");
    free(safe);
}

void markdown_item(struct markdown *markdown, size_t item)
{
    const struct item *entry = &markdown->report->catalogue->items[item];
    markdown_words(markdown, &entry->name);
    writer_put(&markdown->writer, markdown_say(markdown, "（", " ("));
    markdown_text(markdown, entry->id);
    writer_put(&markdown->writer, markdown_say(markdown, "）", ")"));
}

void markdown_day(struct markdown *markdown, int day)
{
    char text[CALENDAR_TEXT_MAX];
    writer_put(&markdown->writer, calendar_format(day, text));
}
