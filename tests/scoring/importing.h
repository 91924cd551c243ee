#ifndef TESTS_SCORING_IMPORTING_H
#define TESTS_SCORING_IMPORTING_H

#include "scoring/import.h"

/* Bytes that come in pieces of `step`, 0 for as they are asked for: what feed_source.read wants. */
struct importing_bytes {
    const char *bytes;
    size_t size, step;
};
enum status importing_read(void *context, void *bytes, size_t capacity, size_t *size_out);

/* For tests of feeds: files and texts go through import_make into a store in memory. The scope has the lab's
   three hospitals: h001 192.0.2.8-63 and first.example, h002 198.51.100.8-63, h003 the one address 203.0.113.17. */
struct importing {
    struct scope scope;
    struct catalogue catalogue;
    struct store *store;
    const char *only;          /* an organization's id; NULL: none */
    const char *map;           /* the text of another map; NULL: the built-in one */
    size_t step;               /* the file comes in pieces of so many bytes; 0: as it is asked for */
    struct import_tally tally; /* of the last import */
    char *complaints;          /* "" when there were none */
};

void importing_init(struct importing *importing);
void importing_deinit(struct importing *importing);
enum status importing_text(struct importing *importing, const char *format, const char *text, size_t size);
/* Setup and teardown of a test whose state is a fresh one. */
int importing_setup(void **state);
int importing_teardown(void **state);
#define IMPORTING_TEST(test) cmocka_unit_test_setup_teardown(test, importing_setup, importing_teardown)
/* Of a text that must be taken: what the import holds then, as importing_dump. */
char *importing_good(struct importing *importing, const char *format, const char *text);
/* A file of tests/scoring/feeds/. */
enum status importing_file(struct importing *importing, const char *format, const char *name);
/* The bytes of one; the caller frees. */
char *importing_bytes(const char *name, size_t *size_out);
/* What the newest import holds, a line each: observations, findings, covered items, hosts and counts; "" when
   there is none. The caller frees. */
char *importing_dump(struct importing *importing);
void assert_refused(struct importing *importing, const char *format, const char *text, const char *complaint);
void assert_holds(const char *text, const char *part);
void assert_holds_not(const char *text, const char *part);
/* Cut at every `step`-th byte the file is refused or, where `whole` says so of the part, taken; and the store
   holds what it held. */
void assert_cuts_refused(struct importing *importing, const char *format, const char *name, size_t step,
                         bool (*whole)(const char *text, size_t size));

#endif
