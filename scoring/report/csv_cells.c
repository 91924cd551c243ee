#include "scoring/report/csv_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "targets/utf8.h"

struct csv_line csv_begin(FILE *stream)
{
    struct csv_line line = {.writer = {stream, STATUS_OK}};
    writer_put(&line.writer, "\xef\xbb\xbf");
    return line;
}

static void put_separator(struct csv_line *line)
{
    if (line->begun)
        writer_put(&line->writer, ",");
    line->begun = true;
}

/* What makes a formula of a cell, in its fullwidth spellings too, which East Asian spreadsheets take for the same. */
static bool begins_formula(uint32_t code)
{
    return code == '=' || code == '+' || code == '-' || code == '@' || code == '\t' || code == '\r' ||
           code == 0xff1d || code == 0xff0b || code == 0xff0d || code == 0xff20;
}

static bool is_blank(uint32_t code)
{
    return code == ' ' || code == 0xa0 || code == 0x3000;
}

/* Where somebody's spreadsheet may begin a cell. */
static bool separates(uint32_t code)
{
    return code == ',' || code == ';' || code == '|' || code == '"' || code == '\'';
}

/* The text is safe, so that no line ends in it. */
static void put_defused(struct writer *writer, const char *text)
{
    bool begins = true;
    for (size_t size = strlen(text), at = 0, length; at < size; at += length) {
        uint32_t code = 0;
        length = utf8_decode(text + at, size - at, &code);
        length = length ? length : 1;
        if (begins && begins_formula(code))
            writer_put(writer, "'");
        writer_format(writer, "%.*s%s", (int)length, text + at, code == '"' ? "\"" : "");
        begins = separates(code) || (begins && is_blank(code));
    }
}

void csv_text(struct csv_line *line, const char *text)
{
    char *safe = text && *text ? writer_safe(&line->writer, text) : NULL;
    put_separator(line);
    if (safe) {
        writer_put(&line->writer, "\"");
        put_defused(&line->writer, safe);
        writer_put(&line->writer, "\"");
    }
    free(safe);
}

void csv_number(struct csv_line *line, double number, int decimals)
{
    put_separator(line);
    if (isfinite(number))
        writer_format(&line->writer, "%.*f", decimals, number);
}

void csv_end(struct csv_line *line)
{
    writer_put(&line->writer, "\r\n");
    line->begun = false;
}
