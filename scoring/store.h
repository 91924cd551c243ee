#ifndef SCORING_STORE_H
#define SCORING_STORE_H

#include "scoring/index.h"
#include "targets/naming.h"

/* The SQLite store (WAL): runs, what each asked and heard, observations, findings, scorecards; kept across
   runs. Every write belongs to the transaction that store_commit ends, so that a kill loses only what came
   after the last commit. */

struct store;

/* Where a call below takes an organization to look for, NULL means all of them. A fact that this program does
   not know is left out when it is read back. */

/* With `write`, makes the file (readable to its owner only) and its tables where they are not there; without,
   nothing is ever changed. A file of another kind or a newer layout is STATUS_STORE; then *store_out is there
   for its message alone, and is closed like any other. path NULL: in memory, gone when closed. */
MUST_USE enum status store_open(const char *path, bool write, struct store **store_out);
void store_close(struct store **store); /* commits */
/* What the last STATUS_STORE was about; good until the next call. */
const char *store_message(const struct store *store);
MUST_USE enum status store_commit(struct store *store);
/* Forgets every write after the last commit. */
MUST_USE enum status store_rollback(struct store *store);

/* How what a run knows came here. */
enum run_kind { RUN_SCAN, RUN_IMPORT };
const char *run_kind_name(enum run_kind kind); /* "scan", "import" */

/* What a run is bound to. A resumed run must have the same scope hash, ports, seed and shard. An import says what
   it was made of, and has no ports, engine, seed and shards. */
struct store_run {
    char id[37];    /* UUID */
    int64_t number; /* the store's own, rises from run to run; 0 before it is in one */
    enum run_kind kind;
    char *format;       /* an import's: the feed's name */
    char *file;         /* its name, safe text */
    char file_hash[65]; /* its SHA-256 */
    int64_t from_ms;    /* the time that it covers, both ends included */
    int64_t until_ms;
    char scope[65]; /* SHA-256 of the scope file */
    char *authorization;
    char *vantage;
    char *ports; /* ports_format */
    char *engine;
    char *catalogue;
    char *scope_text; /* the scope file as it was, so that a store explains itself; NULL: not kept */
    uint64_t seed;
    uint32_t shard, shards; /* from 1 */
    uint32_t attempts;
    int64_t started_ms;
    int64_t ended_ms; /* 0: not ended */
    bool complete;
    uint64_t position; /* of the permutation: everything before it was drawn */
    uint64_t probes_sent;
    uint64_t addresses;
};
void store_run_deinit(struct store_run *run);
/* Makes an id where there is none, and sets the number. */
MUST_USE enum status store_begin(struct store *store, struct store_run *run);
/* The newest scan, or the one whose id starts with `id`; incomplete ones only when asked. STATUS_MISMATCH when
 * there is none. */
MUST_USE enum status store_find_run(struct store *store, const char *id, bool incomplete_only,
                                    struct store_run *run_out);
/* Every scan, complete or not, the newest first. The run is the callee's only during the call. */
MUST_USE enum status store_each_run(struct store *store,
                                    void (*each)(void *context, const struct store_run *run), void *context);
/* The complete imports, the newest first. The run is the callee's only during the call. */
MUST_USE enum status store_each_import(struct store *store,
                                       void (*each)(void *context, const struct store_run *run),
                                       void *context);
/* position, probes_sent, ended, complete, file_hash, from, until. */
MUST_USE enum status store_update_run(struct store *store, const struct store_run *run);

/* Removes a run and all that is known of it; other runs stay as they are. */
MUST_USE enum status store_forget_run(struct store *store, const struct store_run *run);
/* Forgets all complete scans but the newest `keep`, and the unfinished ones that a complete one has followed; imports
   stay. Each is gone as a whole or not at all. What the complete ones say about since when something is there is kept
   (store_each_first), an occurrence that was looked for and not found for longer than back_ms being another one. */
MUST_USE enum status store_prune(struct store *store, uint64_t keep, int64_t back_ms,
                                 uint64_t *forgotten_out);
/* What the scans that were forgotten say of one occurrence: when its unbroken presence began, when it was seen last, and
   whether a later one of them looked for it in vain. */
struct store_first {
    int64_t first_ms, last_ms;
    bool absent;
};
/* From one vantage; the finding has nothing but organization, item and place, by which they are ordered as in
   store_each_spot, and is the callee's only during the call. */
MUST_USE enum status store_each_first(struct store *store, const char *vantage,
                                      void (*each)(void *context, const struct finding *finding,
                                                   const struct store_first *first),
                                      void *context);

/* A target that was drawn and is not finished: asked `attempts` times and in flight or waiting for its next
 * turn. */
struct store_pending {
    uint64_t number; /* in the permutation's space */
    uint32_t attempts;
};
MUST_USE enum status store_set_pending(struct store *store, const struct store_run *run,
                                       struct store_pending pending);
MUST_USE enum status store_clear_pending(struct store *store, const struct store_run *run, uint64_t number);
MUST_USE enum status store_each_pending(struct store *store, const struct store_run *run,
                                        void (*each)(void *context, struct store_pending pending),
                                        void *context);

/* How a scan asked. */
struct store_pace {
    double rate;    /* SYNs a second, as it was */
    uint64_t burst; /* the most in any 10 ms */
    double recall;  /* the part of the targets that answer which was heard, estimated */
    uint64_t lost;  /* answers and probes that counters say got lost */
    uint8_t *sweep; /* what the sweeping engine goes on from; NULL: none. Owned when it was read */
    size_t sweep_size;
};
/* Replaces what the run has. */
MUST_USE enum status store_set_pace(struct store *store, const struct store_run *run,
                                    const struct store_pace *pace);
/* STATUS_MISMATCH when the run has none; deinit only after STATUS_OK. */
MUST_USE enum status store_find_pace(struct store *store, const struct store_run *run,
                                     struct store_pace *pace_out);
void store_pace_deinit(struct store_pace *pace);

/* What the order of a scan's targets is known by (plan_proof): a run goes on in its own order only. */
MUST_USE enum status store_set_order(struct store *store, const struct store_run *run, uint64_t proof);
/* STATUS_MISMATCH when the run has none, as those of layouts 1 and 2. */
MUST_USE enum status store_find_order(struct store *store, const struct store_run *run, uint64_t *proof_out);
/* What the names of the run's scope were resolved to: kept once, in one transaction with what else is written. */
MUST_USE enum status store_names(struct store *store, const struct store_run *run,
                                 const struct namings *names);
/* Adds them to an empty set and indexes it; none: they were not resolved, or there are none. */
MUST_USE enum status store_find_names(struct store *store, const struct store_run *run,
                                      struct namings *names);
/* Why a run stopped before its end, in words; NULL takes it back. */
MUST_USE enum status store_set_stop(struct store *store, const struct store_run *run, const char *why);
/* Caller frees; NULL: it did not, or nothing said why. */
MUST_USE enum status store_find_stop(struct store *store, const struct store_run *run, char **why_out);

/* How many targets came to which end, per organization and port; added to what is there. */
struct store_count {
    const char *organization;
    struct port port;
    uint64_t ends[5]; /* by enum endpoint_state */
};
MUST_USE enum status store_add_count(struct store *store, const struct store_run *run,
                                     const struct store_count *count);
MUST_USE enum status store_each_count(struct store *store, const struct store_run *run,
                                      const char *organization,
                                      void (*each)(void *context, const struct store_count *count),
                                      void *context);

/* Every organization that the counts, observations, findings and assessed items of a run name, in the order of
   their ids. */
MUST_USE enum status store_each_named(struct store *store, const struct store_run *run,
                                      void (*each)(void *context, const char *organization), void *context);

/* A host that answered at all; `open` once it had an open port. Once set it stays. */
MUST_USE enum status store_host(struct store *store, const struct store_run *run, const char *organization,
                                struct address address, bool open);
/* Hosts of an organization that answered and that had an open port. */
MUST_USE enum status store_count_hosts(struct store *store, const struct store_run *run,
                                       const char *organization, uint64_t *answered_out, uint64_t *open_out);
/* Every host that is known, in the order organization, address. */
MUST_USE enum status
store_each_host(struct store *store, const struct store_run *run, const char *organization,
                void (*each)(void *context, const char *organization, struct address address, bool open),
                void *context);
/* What its control port said. The host is then open when the run holds an observation of an open port of it. */
MUST_USE enum status store_set_control(struct store *store, const struct store_run *run,
                                       const char *organization, struct address address,
                                       enum host_control control);
/* The hosts whose control port concerned the run, in the order organization, address. */
MUST_USE enum status store_each_control(struct store *store, const struct store_run *run,
                                        void (*each)(void *context, const char *organization,
                                                     struct address address, enum host_control control),
                                        void *context);
MUST_USE enum status store_count_control(struct store *store, const struct store_run *run,
                                         const char *organization, enum host_control control,
                                         uint64_t *hosts_out);

/* One per endpoint and run; a later one replaces the earlier. */
MUST_USE enum status store_observation(struct store *store, const struct store_run *run,
                                       const char *organization, const struct observation *observation);
/* Only when the run has none of that endpoint. */
MUST_USE enum status store_add_observation(struct store *store, const struct store_run *run,
                                           const char *organization, const struct observation *observation);
/* In the order organization, address, port. The observation is the callee's only during the call. */
MUST_USE enum status store_each_observation(struct store *store, const struct store_run *run,
                                            const char *organization,
                                            void (*each)(void *context, const char *organization,
                                                         const struct observation *observation),
                                            void *context);
/* Those of one address, in the order of their ports. */
MUST_USE enum status store_each_observation_at(struct store *store, const struct store_run *run,
                                               const char *organization, struct address address,
                                               void (*each)(void *context, const char *organization,
                                                            const struct observation *observation),
                                               void *context);
/* Takes one back: it was found not to be one. */
MUST_USE enum status store_drop_observation(struct store *store, const struct store_run *run,
                                            const char *organization, struct address address,
                                            struct port port);
/* Only where something is open, synthetic answers left out, in the same order. */
MUST_USE enum status store_each_open(struct store *store, const struct store_run *run,
                                     const char *organization,
                                     void (*each)(void *context, const char *organization,
                                                  struct address address, struct port port),
                                     void *context);
/* Findings of a run are replaced as a whole: clear, then add. */
MUST_USE enum status store_clear_findings(struct store *store, const struct store_run *run);
MUST_USE enum status store_finding(struct store *store, const struct store_run *run,
                                   const struct finding *finding);
MUST_USE enum status store_each_finding(struct store *store, const struct store_run *run,
                                        const char *organization,
                                        void (*each)(void *context, const struct finding *finding),
                                        void *context);
/* The same with nothing but organization, item and place, by organization and item: many times faster. The texts are
   the callee's only during the call. */
MUST_USE enum status store_each_spot(struct store *store, const struct store_run *run,
                                     void (*each)(void *context, const struct finding *finding),
                                     void *context);
/* An `assessed` record: the items of an organization that were looked at. */
MUST_USE enum status store_assessed(struct store *store, const struct store_run *run,
                                    const char *organization, const char *item);
MUST_USE enum status store_each_assessed(struct store *store, const struct store_run *run,
                                         const char *organization,
                                         void (*each)(void *context, const char *item), void *context);
/* Of all organizations, in their order. */
MUST_USE enum status store_each_assessed_of_all(struct store *store, const struct store_run *run,
                                                void (*each)(void *context, const char *organization,
                                                             const char *item),
                                                void *context);
/* What an import says of an item of an organization: it was looked at during this time. */
struct store_covered {
    int64_t run; /* the number of the import */
    const char *item;
    int64_t from_ms, until_ms; /* both ends included */
    bool whole;                /* wherever it could be; false: only so far as there are findings of it */
    bool judged;               /* concluded from observations, and made anew when they are judged again */
};
/* A later one for the same item stretches the time. */
MUST_USE enum status store_covers(struct store *store, const struct store_run *run, const char *organization,
                                  const struct store_covered *covered);
/* What no call of store_covers said: each item of a finding that the run has, at the finding's times, those
   without a time at the run's, and not wholly. */
MUST_USE enum status store_cover_findings(struct store *store, const struct store_run *run);
/* Every organization of which an import that is complete covers something, in the order of their ids. */
MUST_USE enum status store_each_covered_organization(struct store *store,
                                                     void (*each)(void *context, const char *organization),
                                                     void *context);
/* Of one organization and all imports that are complete, the newest first. */
MUST_USE enum status store_each_covered(struct store *store, const char *organization,
                                        void (*each)(void *context, const struct store_covered *covered),
                                        void *context);
/* What the scope file says of an organization: id, name, tags and informatization; nothing else of it is kept.
   A later one replaces the earlier. */
MUST_USE enum status store_organization(struct store *store, const struct store_run *run,
                                        const struct organization *organization);
/* In the order of their ids. The organization is the callee's only during the call. */
MUST_USE enum status
store_each_organization(struct store *store, const struct store_run *run,
                        void (*each)(void *context, const struct organization *organization), void *context);
/* A scorecard as its JSON record (report/records.h); a later one replaces the earlier. */
MUST_USE enum status store_scorecard(struct store *store, const struct store_run *run,
                                     const char *organization, const struct scorecard *scorecard,
                                     const char *record);
/* The figures of one that the store holds. */
struct store_scorecard {
    bool assessed; /* false: there is no index, and these figures say nothing */
    int index;
    double index_exact;
    double score; /* before g */
    enum band gate;
};
MUST_USE enum status store_each_scorecard(struct store *store, const struct store_run *run,
                                          void (*each)(void *context, const char *organization,
                                                       const struct store_scorecard *scorecard,
                                                       const char *record),
                                          void *context);
/* An organization's scorecard in the newest complete run that has one. An organization that the run says
   nothing of has its id as its name and no tags. */
struct store_newest {
    const struct organization *organization; /* as store_each_organization gives it */
    struct store_scorecard scorecard;
    const char *run, *catalogue, *vantage;
    int64_t started_ms; /* of the run */
    uint32_t shard, shards;
};
/* Every organization of the store in the order of their ids; vantage NULL: any. */
MUST_USE enum status store_each_newest(struct store *store, const char *vantage,
                                       void (*each)(void *context, const struct store_newest *newest),
                                       void *context);

#endif
