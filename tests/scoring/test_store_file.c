#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"

static void test_private(void **state)
{
    const struct place *place = *state;
    mode_t before = umask(0);
    struct store *store = place_open(place, true);
    umask(before);
    struct stat stat_of;
    assert_int_equal(stat(place->path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    store_close(&store);
}

static void refused(const struct place *place, bool write, const char *says)
{
    struct store *store = NULL;
    assert_int_equal(store_open(place->path, write, &store), STATUS_STORE);
    assert_non_null(store);
    if (!strstr(store_message(store), says))
        fail_msg("'%s' does not say '%s'", store_message(store), says);
    store_close(&store);
}

static void write_file(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_not_sqlite(void **state)
{
    const struct place *place = *state;
    static const char text[] = "{\"auscult\": 1, \"organizations\": []}\n";
    char back[sizeof text] = {0};
    for (int write = 0; write < 2; write++) {
        write_file(place->path, text, sizeof text - 1);
        refused(place, write, "no SQLite file");
        FILE *file = fopen(place->path, "r");
        assert_non_null(file);
        assert_int_equal(fread(back, 1, sizeof back, file), sizeof text - 1);
        assert_string_equal(back, text); /* and it was left as it is */
        fclose(file);
    }
    char page[5000];
    memset(page, 'x', sizeof page);
    write_file(place->path, page, sizeof page);
    refused(place, true, "no SQLite file");
}

static void test_foreign(void **state)
{
    const struct place *place = *state;
    refused(place, false, "unable to open"); /* reading makes no file */
    assert_int_equal(access(place->path, F_OK), -1);
    write_file(place->path, "", 0);
    refused(place, false, "another program");
    place_execute(place, "CREATE TABLE patients (name)");
    refused(place, true, "another program");
    refused(place, false, "another program");
    unlink(place->path);
    struct store *store = place_open(place, true);
    store_close(&store);
    place_execute(place, "PRAGMA user_version = 5");
    refused(place, true, "newer auscult");
    refused(place, false, "newer auscult");
}

static void asked_control(struct store *store, const struct store_run *run, uint64_t wanted)
{
    uint64_t hosts = 9;
    assert_good(store, store_count_control(store, run, NULL, CONTROL_ANSWERED, &hosts));
    assert_true(hosts == wanted);
}

/* Also that a file without such tables has no names. */
static void stopped(struct store *store, const struct store_run *run, const char *wanted)
{
    char *why = NULL;
    struct namings names;
    namings_init(&names);
    assert_good(store, store_find_stop(store, run, &why));
    assert_good(store, store_find_names(store, run, &names));
    assert_int_equal(names.count, 0);
    assert_int_equal(why == NULL, wanted == NULL);
    if (wanted)
        assert_string_equal(why, wanted);
    namings_deinit(&names);
    free(why);
}

/* Layout 1 knew of no control ports, names and stops: it can be read, and becomes this one when it is written to. */
static void test_older_layout(void **state)
{
    const struct place *place = *state;
    struct store_run run;
    struct address address = address_from_ipv4(0xc0000201);
    struct store *store = place_begin(place, &run);
    assert_good(store, store_host(store, &run, "h1", address, true));
    store_close(&store);
    place_execute(place, "ALTER TABLE hosts DROP COLUMN control; DROP TABLE orders; DROP TABLE names;"
                         " DROP TABLE stops; PRAGMA user_version = 1");
    store = place_open(place, false);
    asked_control(store, &run, 0);
    stopped(store, &run, NULL);
    store_close(&store);
    store = place_open(place, true);
    asked_control(store, &run, 0);
    assert_good(store, store_set_control(store, &run, "h1", address, CONTROL_ANSWERED));
    assert_good(store, store_set_stop(store, &run, "why"));
    asked_control(store, &run, 1);
    stopped(store, &run, "why");
    store_close(&store);
    store = place_open(place, false);
    asked_control(store, &run, 1);
    store_close(&store);
    store_run_deinit(&run);
}

/* Layout 2 did not know in which order a run went. */
static void test_order(void **state)
{
    const struct place *place = *state;
    struct store_run run;
    struct store *store = place_begin(place, &run);
    uint64_t proof = 0;
    store_close(&store);
    place_execute(place, "DROP TABLE orders; DROP TABLE names; DROP TABLE stops; PRAGMA user_version = 2");
    store = place_open(place, true);
    assert_int_equal(store_find_order(store, &run, &proof), STATUS_MISMATCH);
    assert_good(store, store_set_order(store, &run, UINT64_MAX - 1));
    store_close(&store);
    store = place_open(place, false);
    assert_good(store, store_find_order(store, &run, &proof));
    assert_true(proof == UINT64_MAX - 1);
    store_close(&store);
    store_run_deinit(&run);
}

static void test_no_folder(void **state)
{
    (void)state;
    struct place nowhere = {.path = "/nonexistent-folder/a.db"};
    refused(&nowhere, true, "No such file");
}

static void test_in_memory(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct store_run run = sample_run();
    size_t seen = 0;
    assert_good(store, store_open(NULL, true, &store));
    assert_good(store, store_begin(store, &run));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){1, 1}));
    assert_good(store, store_commit(store));
    assert_good(store, store_each_pending(store, &run, count_pending, &seen));
    assert_int_equal(seen, 1);
    store_run_deinit(&run);
    store_close(&store);
}

/* A name that SQLite would take for something else is a file's name like any other. */
static void test_strange_name(void **state)
{
    const struct place *place = *state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(place->folder), 0);
    struct place memory = {.path = ":memory:"};
    struct store *store = place_open(&memory, true);
    store_close(&store);
    assert_int_equal(unlink(":memory:"), 0);
    assert_int_equal(chdir(before), 0);
}

static void test_read_only(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    store_close(&store);
    store = place_open(*state, false);
    assert_int_equal(store_set_pending(store, &run, (struct store_pending){1, 1}), STATUS_STORE);
    assert_true(strlen(store_message(store)) > 0);
    store_run_deinit(&run);
    store_close(&store);
}

/* Commits `commits` times, each after three writes, then writes once more and dies. */
static void die_between(const struct place *place, int commits)
{
    struct store *store = NULL;
    struct store_run run = sample_run();
    strcpy(run.id, "11111111-0000-4000-8000-000000000000");
    if (store_open(place->path, true, &store) != STATUS_OK || store_begin(store, &run) != STATUS_OK)
        _exit(1);
    for (int i = 0; i <= commits; i++) {
        uint64_t first = (uint64_t)i * 3;
        for (uint64_t n = first; n < first + 3; n++)
            if (store_set_pending(store, &run, (struct store_pending){n, 1}) != STATUS_OK)
                _exit(2);
        if (i < commits && store_commit(store) != STATUS_OK)
            _exit(3);
    }
    kill(getpid(), SIGKILL);
}

static void test_killed(void **state)
{
    const struct place *place = *state;
    for (int commits = 0; commits < 8; commits++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            die_between(place, commits);
        int end = 0;
        assert_int_equal(waitpid(child, &end, 0), child);
        assert_true(WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL);
        struct store *store = place_open(place, true);
        struct store_run run;
        enum status found = store_find_run(store, NULL, true, &run);
        assert_int_equal(found, commits ? STATUS_OK : STATUS_MISMATCH);
        if (commits) {
            size_t left = 0;
            assert_good(store, store_each_pending(store, &run, count_pending, &left));
            assert_int_equal(left, (size_t)commits * 3);
            store_run_deinit(&run);
        }
        store_close(&store);
        unlink(place->path);
    }
}

static bool passes(int end, bool send)
{
    char byte = 'x';
    return (send ? write(end, &byte, 1) : read(end, &byte, 1)) == 1;
}

/* Writes 2 beside another process that holds the lock. SQLite may not be carried over a fork, so that the
 * child has opened nothing before. */
static void write_beside(const struct place *place, int go, int about_to)
{
    struct store *store = NULL;
    struct store_run run;
    bool well = passes(go, false) && store_open(place->path, true, &store) == STATUS_OK &&
                store_find_run(store, NULL, true, &run) == STATUS_OK && passes(about_to, true) &&
                store_set_pending(store, &run, (struct store_pending){2, 1}) == STATUS_OK &&
                store_commit(store) == STATUS_OK;
    _exit(well ? 0 : 1);
}

/* The child waits for the lock, which the parent holds until the child has said that it is about to write. */
static void test_two_writers(void **state)
{
    int go[2], about_to[2];
    assert_int_equal(pipe(go) + pipe(about_to), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_beside(*state, go[0], about_to[1]);
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    assert_good(store, store_commit(store));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){1, 1}));
    assert_true(passes(go[1], true) && passes(about_to[0], false));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){3, 1}));
    assert_good(store, store_commit(store));
    int end = 0;
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end) && WEXITSTATUS(end) == 0);
    size_t left = 0;
    assert_good(store, store_each_pending(store, &run, count_pending, &left));
    assert_int_equal(left, 3);
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(about_to[i]);
    }
    store_run_deinit(&run);
    store_close(&store);
}

/* A reader sees what was committed and neither waits nor makes the writer wait. */
static void test_reader_beside_writer(void **state)
{
    struct store_run run;
    struct store *writer = place_begin(*state, &run);
    assert_good(writer, store_commit(writer));
    assert_good(writer, store_set_pending(writer, &run, (struct store_pending){1, 1}));
    struct store *reader = place_open(*state, false);
    size_t seen = 0;
    assert_good(reader, store_each_pending(reader, &run, count_pending, &seen));
    assert_int_equal(seen, 0);
    assert_good(writer, store_commit(writer));
    assert_good(reader, store_each_pending(reader, &run, count_pending, &seen));
    assert_int_equal(seen, 1);
    store_close(&reader);
    store_run_deinit(&run);
    store_close(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_private),      PLACE_TEST(test_not_sqlite),   PLACE_TEST(test_foreign),
        PLACE_TEST(test_older_layout), PLACE_TEST(test_order),        PLACE_TEST(test_no_folder),
        PLACE_TEST(test_in_memory),    PLACE_TEST(test_strange_name), PLACE_TEST(test_read_only),
        PLACE_TEST(test_killed),       PLACE_TEST(test_two_writers),  PLACE_TEST(test_reader_beside_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
