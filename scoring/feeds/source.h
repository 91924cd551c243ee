#ifndef SCORING_FEEDS_SOURCE_H
#define SCORING_FEEDS_SOURCE_H

#include "probes/cursor.h"
#include "targets/complaint.h"

/* The bytes of a file that a feed reads, from front to back in bounded memory, and the place that complaints
   name. */

#define FEED_CHUNK_SIZE 65536
#define FEED_LINE_MAX   (1u << 20)

struct feed_source {
    /* At most `capacity` bytes; *size_out 0 only at the end. */
    enum status (*read)(void *context, void *bytes, size_t capacity, size_t *size_out);
    void *context;
    struct complaints *complaints;
    unsigned line; /* of the line that was given last, from 1; a feed that reads chunks keeps it itself */
    char *bytes;   /* the rest is private */
    size_t capacity, at, end;
    bool ended;
};

/* Borrows context and complaints. */
MUST_USE enum status feed_source_init(struct feed_source *source,
                                      enum status (*read)(void *context, void *bytes, size_t capacity,
                                                          size_t *size_out),
                                      void *context, struct complaints *complaints);
void feed_source_deinit(struct feed_source *source);
/* The next bytes, as many as there are at once; size 0 at the end. They are good until the next call. */
MUST_USE enum status feed_source_chunk(struct feed_source *source, struct span *chunk_out);
/* The next line without its LF or CR LF, a NUL behind it; *line_out NULL at the end. A byte order mark before
   the first is left out. A line longer than FEED_LINE_MAX is a complaint and STATUS_WRONG_FILE. Good until the
   next call, and the caller's to change until then. */
MUST_USE enum status feed_source_line(struct feed_source *source, char **line_out, size_t *size_out);
/* Complains about the line that was given last, or the file where none was; column from 1 in bytes, 0 where
   there is none to tell. Returns STATUS_WRONG_FILE. */
__attribute__((format(printf, 3, 4))) MUST_USE enum status
feed_source_complain(struct feed_source *source, unsigned column, const char *format, ...);

#endif
