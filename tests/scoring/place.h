#ifndef TESTS_SCORING_PLACE_H
#define TESTS_SCORING_PLACE_H

#include "scoring/store.h"

#define HOSTILE "'); DROP TABLE runs; -- \"\\ \x1b[2J \xff 医院"

/* Where a test keeps its store: a folder of its own, with the database a.db in it once it is opened. */
struct place {
    char folder[64];
    char path[96];
};

/* A test that has a place as its state. */
#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int place_make(void **state);
int place_remove(void **state);
struct store *place_open(const struct place *place, bool write);
/* Opens the store for writing and begins the sample run in it. */
struct store *place_begin(const struct place *place, struct store_run *run_out);
/* Runs SQL behind the store's back. */
void place_execute(const struct place *place, const char *sql);

/* A run that has all its members but the id; the caller deinits it. */
struct store_run sample_run(void);
void assert_good(struct store *store, enum status status);
/* For store_each_pending: the context is a size_t that counts. */
void count_pending(void *context, struct store_pending pending);

#endif
