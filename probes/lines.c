#include "probes/lines.h"

enum lines_state lines_read(struct cursor *in, bool (*last)(struct span line, unsigned key), unsigned key,
                            struct span *lines_out)
{
    struct cursor reader = *in;
    bool found = false;
    while (!found && cursor_good(&reader))
        found = last(cursor_line(&reader, LINES_LINE_MAX), key) && cursor_good(&reader);
    size_t size = found ? cursor_left(in) - cursor_left(&reader) : cursor_left(in);
    if (size > LINES_SIZE_MAX || (!found && !cursor_short(&reader)))
        return LINES_ENDLESS;
    if (!found)
        return LINES_WAIT;
    *lines_out = cursor_span(in, size);
    return LINES_WHOLE;
}

struct span lines_next(struct span *rest)
{
    struct span line = span_cut(rest, "\n");
    if (line.size && line.bytes[line.size - 1] == '\r')
        line.size--;
    return line;
}
