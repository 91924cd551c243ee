#ifndef SCANNER_COMMANDS_LISTING_H
#define SCANNER_COMMANDS_LISTING_H

#include "scanner/commands/draft.h"
#include "scoring/arena.h"
#include "scoring/feeds/csv_reader.h"

/* The list of organizations that an authority keeps, as a table (CSV): one line each, or several lines that say the same
   id, or without ids the same name. Its first line names the columns, in Chinese or English, in any order; what is not
   known is left out. A cell of ranges or domains holds any number of them, apart by , ; 、 blanks or line ends. UTF-8 or
   GB18030, whichever the whole file is. */

enum listing_part {
    LISTING_ID,
    LISTING_NAME,
    LISTING_PROVINCE,
    LISTING_LEVEL,
    LISTING_INFORMATIZATION,
    LISTING_RANGES,
    LISTING_FRAGILE,
    LISTING_DOMAINS,
    LISTING_PARTS
};
/* "ranges"; static. LISTING_PARTS when there is no such part. */
const char *listing_part_name(enum listing_part part);
enum listing_part listing_part_named(const char *name, size_t size);

struct listing_options {
    const char *columns[LISTING_PARTS]; /* the column's name where it is none of the known ones */
    char delimiter;                     /* 0: as the first line has it */
    bool fill_down; /* a line without id and name goes on with the organization above it */
};

struct listing {
    struct draft_organization **organizations; /* in the order of the file */
    size_t count;
    char *unused; /* the columns that are none of the parts, apart by ", "; NULL: none */
    struct arena arena;
};

/* STATUS_WRONG_FILE: the complaints say all that is wrong with the table itself; what is wrong with what it says is
   draft_check's to find. The listing is to be deinited in any case, and keeps what it needs of the text. */
MUST_USE enum status listing_read(struct listing *listing, const char *text, size_t size,
                                  const struct listing_options *options, struct complaints *complaints);
void listing_deinit(struct listing *listing);

/* The columns of a header; the rest is for listing.c. */
struct listing_columns {
    enum listing_part parts[CSV_FIELDS_MAX]; /* what each column is; LISTING_PARTS: nothing that is known */
    bool present[LISTING_PARTS];
};
/* False, and complaints, when one that is needed is missing, or two are the same. */
bool listing_columns_find(struct listing_columns *columns, struct csv_reader *header,
                          const struct listing_options *options);
/* The whole text as UTF-8, the caller's to free. STATUS_WRONG_FILE and a complaint when it is neither UTF-8 nor GB18030. */
MUST_USE enum status listing_decode(const char *text, size_t size, char **text_out, size_t *size_out,
                                    struct complaints *complaints);
/* Adds what stands in a cell to a list, one by one; the texts are the arena's. False when memory is out. */
bool listing_cell_split(struct arena *arena, struct span cell, bool of_ranges, struct place place,
                        struct draft_list *list);

#endif
