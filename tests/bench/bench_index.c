#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "nation.h"
#include "scoring/levels.h"
#include "scoring/sighting.h"

/* bench_index [FINDINGS [ORGANIZATIONS [SEED [PEER]]]]: findings (10 000 000 of 3 600 organizations) through the
   index engine, and through SQLite's GROUP BY over an indexed table with the same findings in it; both on one
   core, the times those of the process, without making the findings and filling the table. Ours goes from
   struct finding in memory to the scorecard with index, losses and gains of items; SQLite's, from the table
   to how many occurrences of each item of each organization have which weight, the graver of two reports
   counting, with place and weight made ready beforehand and a covering index, but with reading the file from
   the system's cache. That both come to the same losses is checked, bit by bit. PEER: SQLite
   gets only the first so many organizations, for what would not fit on the disk; the rates are compared then.
 */

struct bench {
    struct catalogue catalogue;
    struct nation nation;
    struct nation_findings findings;
    uint64_t taken;       /* findings in all */
    uint64_t occurrences; /* by the engine */
    size_t shared;        /* so many organizations are SQLite's, too; of them: */
    uint64_t shared_findings, shared_occurrences;
    uint64_t sum; /* over their items: of what the losses are */
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double memory_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_index: %s\n", what);
    exit(1);
}

/* One number for the loss of an item of an organization; sums of them tell results apart. */
static uint64_t mark(const char *organization, size_t item, double loss)
{
    uint64_t bits, mixed = strtoul(organization + 1, NULL, 10) * 1000 + item + 1;
    memcpy(&bits, &loss, sizeof bits);
    mixed = (mixed ^ mixed >> 31) * 0x9e3779b97f4a7c15 ^ bits;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    return mixed ^ mixed >> 27;
}

static void note(struct bench *bench, size_t number, const struct scorecard *card)
{
    bench->taken += bench->findings.count;
    bench->shared_findings += number < bench->shared ? bench->findings.count : 0;
    for (size_t i = 0; i < card->items_count; i++) {
        bench->occurrences += card->items[i].count;
        if (number >= bench->shared)
            continue;
        bench->shared_occurrences += card->items[i].count;
        bench->sum += mark(bench->findings.organization, card->items[i].item, card->items[i].loss);
    }
}

static const struct index_options brief = {
    .exposure = 1, .informatization = NAN, .without_occurrences = true, .without_fixes = true};

static double run_engine(struct bench *bench)
{
    struct index *index;
    double seconds = 0;
    must(index_new(&bench->catalogue, &brief, &index) == STATUS_OK, "out of memory");
    for (size_t i = 0; i < bench->nation.organizations; i++) {
        struct scorecard card;
        must(nation_make(&bench->nation, i, &bench->findings), "out of memory");
        double from = cpu_seconds();
        bool good = index_reset(index, &brief) == STATUS_OK;
        for (size_t j = 0; j < bench->findings.count && good; j++)
            good = index_add(index, &bench->findings.items[j]) == STATUS_OK;
        must(good && index_score(index, &card) == STATUS_OK, "a finding was refused");
        seconds += cpu_seconds() - from;
        note(bench, i, &card);
        scorecard_deinit(&card);
    }
    index_free(&index);
    return seconds;
}

static void execute(sqlite3 *database, const char *sql)
{
    must(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(database));
}

/* What the engine takes as the place, in columns; what has none gets a number of its own. */
static void bind_place(sqlite3_stmt *add, enum item_unit unit, const struct finding *finding)
{
    bool keyed = finding->key && unit != UNIT_HOST && unit != UNIT_ENDPOINT;
    bool placed = unit != UNIT_ORGANIZATION && !keyed;
    bool endpoint = placed && unit != UNIT_HOST;
    uint8_t bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(finding->address.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(finding->address.low >> (56 - 8 * i));
    }
    sqlite3_bind_blob(add, 3, bytes, placed ? sizeof bytes : 0, SQLITE_TRANSIENT);
    sqlite3_bind_int(add, 4, endpoint ? finding->port.number : 0);
    sqlite3_bind_int(add, 5, endpoint ? finding->port.transport : 0);
    sqlite3_bind_text(add, 6, unit != UNIT_ORGANIZATION && keyed ? finding->key : "", -1, SQLITE_STATIC);
}

static void fill(struct bench *bench, sqlite3 *database)
{
    struct weighing weighing;
    sqlite3_stmt *add;
    execute(database,
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
            "CREATE TABLE findings (organization TEXT NOT NULL, item TEXT NOT NULL, address BLOB,"
            " port INTEGER NOT NULL, transport INTEGER NOT NULL, key TEXT NOT NULL, weight REAL NOT NULL)");
    must(sqlite3_prepare_v2(database, "INSERT INTO findings VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", -1, &add,
                            NULL) == SQLITE_OK,
         sqlite3_errmsg(database));
    must(weighing_init(&weighing, &bench->catalogue, &brief) == STATUS_OK, "out of memory");
    for (size_t i = 0; i < bench->shared; i++) {
        must(nation_make(&bench->nation, i, &bench->findings), "out of memory");
        for (size_t j = 0; j < bench->findings.count; j++) {
            const struct finding *finding = &bench->findings.items[j];
            size_t item = catalogue_item(&bench->catalogue, finding->item);
            sqlite3_bind_text(add, 1, finding->organization, -1, SQLITE_STATIC);
            sqlite3_bind_text(add, 2, finding->item, -1, SQLITE_STATIC);
            bind_place(add, bench->catalogue.items[item].unit, finding);
            sqlite3_bind_double(add, 7, sighting_of(&weighing, item, finding).weight);
            must(sqlite3_step(add) == SQLITE_DONE, sqlite3_errmsg(database));
            sqlite3_reset(add);
        }
    }
    sqlite3_finalize(add);
    weighing_deinit(&weighing);
    execute(database, "COMMIT; CREATE INDEX places ON findings"
                      " (organization, item, address, port, transport, key, weight); ANALYZE");
}

static const char question[] =
    "SELECT organization, item, weight, count(*) FROM (SELECT organization, item, max(weight) AS weight"
    " FROM findings GROUP BY organization, item, address, port, transport, key)"
    " GROUP BY organization, item, weight";

/* Only asks, and goes through the answer. */
static double time_peer(sqlite3 *database, uint64_t *occurrences_out)
{
    sqlite3_stmt *ask;
    must(sqlite3_prepare_v2(database, question, -1, &ask, NULL) == SQLITE_OK, sqlite3_errmsg(database));
    *occurrences_out = 0;
    double from = cpu_seconds();
    while (sqlite3_step(ask) == SQLITE_ROW)
        *occurrences_out += (uint64_t)sqlite3_column_int64(ask, 3);
    double seconds = cpu_seconds() - from;
    sqlite3_finalize(ask);
    return seconds;
}

/* Of one item of one organization, whose rows have ended. */
static uint64_t mark_rows(const struct bench *bench, const char *organization, const char *id,
                          struct gathered *gathered)
{
    size_t item = catalogue_item(&bench->catalogue, id);
    const struct item *entry = &bench->catalogue.items[item];
    struct levels levels;
    levels_settle(&levels, gathered);
    uint64_t marked = mark(organization, item, entry->alpha * levels_loss(&levels, &bench->catalogue, entry));
    levels_deinit(&levels);
    return marked;
}

static uint64_t sum_peer(const struct bench *bench, sqlite3 *database)
{
    sqlite3_stmt *ask;
    struct gathered gathered = {0};
    char organization[16] = "", item[64] = "";
    uint64_t sum = 0;
    must(sqlite3_prepare_v2(database, question, -1, &ask, NULL) == SQLITE_OK, sqlite3_errmsg(database));
    while (sqlite3_step(ask) == SQLITE_ROW) {
        const char *its = (const char *)sqlite3_column_text(ask, 0),
                   *what = (const char *)sqlite3_column_text(ask, 1);
        if (item[0] && (strcmp(its, organization) != 0 || strcmp(what, item) != 0))
            sum += mark_rows(bench, organization, item, &gathered);
        snprintf(organization, sizeof organization, "%s", its);
        snprintf(item, sizeof item, "%s", what);
        must(levels_gather(&gathered, sqlite3_column_double(ask, 2),
                           (uint64_t)sqlite3_column_int64(ask, 3)) == STATUS_OK,
             "out of memory");
    }
    if (item[0])
        sum += mark_rows(bench, organization, item, &gathered);
    sqlite3_finalize(ask);
    return sum;
}

static void report(const struct bench *bench, double engine, double memory, double peer)
{
    printf("%" PRIu64 " findings of %zu organizations, %" PRIu64 " occurrences\n", bench->taken,
           bench->nation.organizations, bench->occurrences);
    printf("engine  %7.2f s  %6.2f million a second, %.0f MiB at most (goals: 3, 256)\n", engine,
           (double)bench->taken / engine / 1e6, memory);
    double rate = (double)bench->taken / engine, peer_rate = (double)bench->shared_findings / peer;
    printf("SQLite  %7.2f s  %6.2f million a second, of %" PRIu64 " findings\n", peer, peer_rate / 1e6,
           bench->shared_findings);
    printf("ratio   %.1f (goal: 5); the same losses\n", rate / peer_rate);
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    struct complaints complaints;
    uint64_t findings = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    size_t organizations = argc > 2 ? strtoull(argv[2], NULL, 10) : (size_t)(findings * 36 / 100000) + 1;
    const char *folder = getenv("TMPDIR");
    char path[512];
    uint64_t occurrences;
    sqlite3 *database;
    complaints_init(&complaints, NULL);
    must(catalogue_load(&bench.catalogue, NULL, 0, &complaints) == STATUS_OK, "no catalogue");
    nation_init(&bench.nation, &bench.catalogue, argc > 3 ? strtoull(argv[3], NULL, 10) : 4, organizations,
                findings);
    bench.shared = argc > 4 ? strtoull(argv[4], NULL, 10) : organizations;
    bench.shared = bench.shared < organizations ? bench.shared : organizations;
    double engine = run_engine(&bench), memory = memory_mib();
    snprintf(path, sizeof path, "%s/auscult-bench-%ld.db", folder ? folder : "/tmp", (long)getpid());
    must(sqlite3_open(path, &database) == SQLITE_OK, "no file for SQLite");
    /* Gone when this ends, however it ends. */
    unlink(path);
    fill(&bench, database);
    double peer = time_peer(database, &occurrences);
    must(occurrences == bench.shared_occurrences && sum_peer(&bench, database) == bench.sum,
         "the two do not agree");
    sqlite3_close(database);
    report(&bench, engine, memory, peer);
    free(bench.findings.items);
    catalogue_deinit(&bench.catalogue);
    complaints_deinit(&complaints);
    return 0;
}
