#ifndef SCANNER_COMMANDS_JOURNAL_H
#define SCANNER_COMMANDS_JOURNAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "targets/hash.h"

/* A log whose records are chained, so that none can be changed, taken out, put in or moved unseen (JSON Lines, one
   record a line):

       {"seq":7,"prev":"<hash of record 6>","time":"…",…,"hash":"<SHA-256 of this line without ,\"hash\":\"…\">"}

   seq counts from 1; prev of the first is 64 zeros. `sed 's/,"hash":"[0-9a-f]*"}$/}/' | sha256sum` (without the line
   feed) makes the hash again. Since whoever can write the file could make a whole new chain, FILE.head keeps seq and hash
   of the newest record, replaced as a whole after each, and a hash that is written down elsewhere proves all that stands
   before it.

   A crash can leave the last line half written. It stays as it is: the next record begins on a line of its own and says
   in "torn" how many bytes it found in front of it, and their SHA-256. */

#define JOURNAL_RECORD_MAX 65536 /* bytes of a line */
#define JOURNAL_WHY_MAX    640

struct journal_head {
    uint64_t seq; /* 0: there is no record */
    char hash[HASH_TEXT_MAX];
};

/* Appends a record with the members of an object, which is left alone: under a lock, and on the disk when it returns. The
   file is made where there is none, readable to its owner only. False: nothing counts as written, and why says what is
   wrong: a file that can't be written, or one that does not go together with its head. */
bool journal_append(const char *path, const cJSON *members, struct journal_head *head_out,
                    char why[JOURNAL_WHY_MAX]);

/* One line as a record. */
struct journal_record {
    struct journal_head head;
    char prev[HASH_TEXT_MAX];
    bool marks_torn;
    uint64_t torn_size; /* bytes before this line that are no record */
    char torn_hash[HASH_TEXT_MAX];
};
/* The line is without its line feed. False: it is no record, or its hash is not its own. */
bool journal_record_read(struct journal_record *record, const char *line, size_t size);
/* The text before the first record. */
#define JOURNAL_BEGINNING "0000000000000000000000000000000000000000000000000000000000000000"

/* Reads FILE.head. *there_out false: there is none. False: it is there and no head. */
bool journal_head_read(const char *path, struct journal_head *head, bool *there_out);

#endif
