#ifndef SCORING_FEEDS_CSV_READER_H
#define SCORING_FEEDS_CSV_READER_H

#include "scoring/feeds/source.h"

/* RFC 4180 as a stream: records of fields between delimiters, quoted where they hold delimiters, quotes or line
   ends. UTF-8, with or without a byte order mark, or GB18030, told apart field by field (text.h). What is no CSV
   is refused at its place: a quote inside a field that does not begin with one, text behind a closing quote, a
   quote that is never closed, NUL bytes, a record with more or fewer fields than the header. Empty lines are
   passed over. */

#define CSV_FIELDS_MAX 256
#define CSV_TEXT_MAX   1024 /* a field's text is cut there, at a whole character */

struct csv_reader {
    struct feed_source *source;
    char delimiter;
    size_t columns;                  /* of the header, which is the first record; 0 before it */
    size_t count;                    /* fields of the record */
    unsigned line;                   /* where it begins */
    unsigned places[CSV_FIELDS_MAX]; /* the column, in bytes, at which each begins in its line */
    char (*texts)[CSV_TEXT_MAX];     /* safe, without blanks around them */
    char *field;                     /* the record's fields as they stand in the file; the rest is private */
    size_t field_size, field_capacity;
    size_t starts[CSV_FIELDS_MAX];
};

/* Borrows the source. */
MUST_USE enum status csv_reader_init(struct csv_reader *reader, struct feed_source *source, char delimiter);
void csv_reader_deinit(struct csv_reader *reader);
/* The next record; *got_out false at the end. */
MUST_USE enum status csv_reader_next(struct csv_reader *reader, bool *got_out);
/* A field of the record as it stands in the file, without its quotes and the blanks around it: whole, and not safe to show.
   Good until the next record. */
struct span csv_reader_bytes(const struct csv_reader *reader, size_t field);
/* Complains about a field of the record. Returns STATUS_WRONG_FILE. */
__attribute__((format(printf, 3, 4))) MUST_USE enum status
csv_reader_complain(struct csv_reader *reader, size_t field, const char *format, ...);

#endif
