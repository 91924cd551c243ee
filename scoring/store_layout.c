#include "scoring/store_statement.h"

/* What the fourth layout added. */
#define TABLES_OF_4                                                                                          \
    "CREATE TABLE names ("                                                                                   \
    " run INTEGER NOT NULL REFERENCES runs, place INTEGER NOT NULL, organization TEXT NOT NULL,"             \
    " name TEXT NOT NULL, kind INTEGER NOT NULL, address BLOB NOT NULL, why TEXT,"                           \
    " PRIMARY KEY (run, place)) WITHOUT ROWID;"                                                              \
    "CREATE TABLE stops (run INTEGER PRIMARY KEY REFERENCES runs, why TEXT NOT NULL);"

/* Times are milliseconds since the epoch, addresses 16 bytes in network order, unsigned numbers keep their 64
   bits. Facts are JSON (facts.h). */
const char store_tables[] =
    "CREATE TABLE runs ("
    " run INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, format TEXT,"
    " file TEXT, file_hash TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
    " scope TEXT NOT NULL,"
    " authorization TEXT, vantage TEXT, ports TEXT, engine TEXT, catalogue TEXT, scope_text TEXT,"
    " seed INTEGER NOT NULL, shard INTEGER NOT NULL, shards INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, complete INTEGER NOT NULL,"
    " position INTEGER NOT NULL, probes_sent INTEGER NOT NULL, addresses INTEGER NOT NULL);"
    "CREATE TABLE pending ("
    " run INTEGER NOT NULL REFERENCES runs, number INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " PRIMARY KEY (run, number)) WITHOUT ROWID;"
    "CREATE TABLE paces ("
    " run INTEGER PRIMARY KEY REFERENCES runs, rate REAL, burst INTEGER NOT NULL, recall REAL,"
    " lost INTEGER NOT NULL, sweep BLOB);"
    "CREATE TABLE orders (run INTEGER PRIMARY KEY REFERENCES runs, proof INTEGER NOT NULL);"
    "CREATE TABLE counts ("
    " run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL, transport INTEGER NOT NULL,"
    " port INTEGER NOT NULL, open INTEGER NOT NULL, closed INTEGER NOT NULL, unreachable INTEGER NOT NULL,"
    " silent INTEGER NOT NULL, synthetic INTEGER NOT NULL,"
    " PRIMARY KEY (run, organization, transport, port)) WITHOUT ROWID;"
    "CREATE TABLE hosts ("
    " run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL, address BLOB NOT NULL,"
    " open INTEGER NOT NULL, control INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (run, organization, address)) WITHOUT ROWID;"
    "CREATE TABLE observations ("
    " run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL, address BLOB NOT NULL,"
    " port INTEGER NOT NULL, transport INTEGER NOT NULL, state INTEGER NOT NULL, service TEXT NOT NULL,"
    " tls INTEGER NOT NULL, product TEXT NOT NULL, version TEXT NOT NULL, facts TEXT NOT NULL,"
    " undetermined TEXT NOT NULL, evidence BLOB, time_ms INTEGER NOT NULL, truncated INTEGER NOT NULL,"
    " PRIMARY KEY (run, organization, address, port, transport)) WITHOUT ROWID;"
    "CREATE TABLE findings ("
    " finding INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL,"
    " item TEXT NOT NULL, address BLOB, port INTEGER NOT NULL, transport INTEGER NOT NULL, key TEXT,"
    " confidence INTEGER NOT NULL, asset INTEGER NOT NULL, exposure REAL, count INTEGER NOT NULL, why TEXT,"
    " facts TEXT, time_ms INTEGER NOT NULL, judged INTEGER NOT NULL);"
    "CREATE INDEX findings_of ON findings"
    " (run, organization, item, address, port, transport, key, finding);"
    "CREATE TABLE assessed ("
    " run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL, item TEXT NOT NULL,"
    " PRIMARY KEY (run, organization, item)) WITHOUT ROWID;"
    "CREATE TABLE covered ("
    " organization TEXT NOT NULL, run INTEGER NOT NULL REFERENCES runs, item TEXT NOT NULL,"
    " from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, whole INTEGER NOT NULL,"
    " judged INTEGER NOT NULL, PRIMARY KEY (organization, run, item)) WITHOUT ROWID;"
    "CREATE TABLE organizations ("
    " run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL, name TEXT NOT NULL,"
    " tags TEXT NOT NULL, informatization REAL, PRIMARY KEY (run, organization)) WITHOUT ROWID;"
    /* The record stands last, so that the figures are read without it. */
    "CREATE TABLE scorecards ("
    " run INTEGER NOT NULL REFERENCES runs, organization TEXT NOT NULL, whole INTEGER NOT NULL,"
    " exact REAL, score REAL, gate INTEGER NOT NULL, record TEXT NOT NULL,"
    " PRIMARY KEY (run, organization)) WITHOUT ROWID;" TABLES_OF_4;

const char *const store_upgrades[STORE_LAYOUT] = {
    [1] = "ALTER TABLE hosts ADD COLUMN control INTEGER NOT NULL DEFAULT 0;",
    [2] = "CREATE TABLE orders (run INTEGER PRIMARY KEY REFERENCES runs, proof INTEGER NOT NULL);",
    [3] = TABLES_OF_4,
};

#define RUN_COLUMNS                                                                                          \
    "id, scope, authorization, vantage, ports, engine, catalogue, scope_text, seed, shard, shards, "         \
    "attempts, started_ms, ended_ms, complete, position, probes_sent, addresses, kind, format, file, "       \
    "file_hash, from_ms, until_ms"

#define OBSERVATION_COLUMNS                                                                                  \
    "organization, address, port, transport, state, service, tls, product, version, facts, undetermined,"    \
    " evidence, time_ms, truncated"

#define OBSERVATION_INSERT                                                                                   \
    " INTO observations (run, organization, address, port, transport, state, service, tls, product,"         \
    " version, facts, undetermined, evidence, time_ms, truncated)"                                           \
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"

const char *const store_statements[STATEMENTS] = {
    [STATEMENT_RUN_BEGIN] =
        "INSERT INTO runs (" RUN_COLUMNS ") VALUES"
        " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,"
        " ?22, ?23, ?24)",
    [STATEMENT_RUN_FIND] = "SELECT " RUN_COLUMNS ", run FROM runs WHERE kind = 0"
                           " AND substr(id, 1, length(?1)) = ?1"
                           " AND (?2 = 0 OR complete = 0) ORDER BY run DESC LIMIT 1",
    [STATEMENT_IMPORT_EACH] = "SELECT " RUN_COLUMNS ", run FROM runs WHERE kind = 1 AND complete = 1"
                              " ORDER BY run DESC",
    [STATEMENT_RUN_NUMBER] = "SELECT run FROM runs WHERE id = ?1",
    [STATEMENT_RUN_UPDATE] = "UPDATE runs SET position = ?2, probes_sent = ?3, ended_ms = ?4, complete = ?5,"
                             " file_hash = ?6, from_ms = ?7, until_ms = ?8 WHERE run = ?1",
    [STATEMENT_PENDING_SET] = "INSERT INTO pending (run, number, attempts) VALUES (?1, ?2, ?3)"
                              " ON CONFLICT DO UPDATE SET attempts = excluded.attempts",
    [STATEMENT_PENDING_CLEAR] = "DELETE FROM pending WHERE run = ?1 AND number = ?2",
    [STATEMENT_PENDING_EACH] = "SELECT number, attempts FROM pending WHERE run = ?1 ORDER BY number",
    [STATEMENT_PACE_SET] = "INSERT OR REPLACE INTO paces (run, rate, burst, recall, lost, sweep)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [STATEMENT_PACE_FIND] = "SELECT rate, burst, recall, lost, sweep FROM paces WHERE run = ?1",
    [STATEMENT_ORDER_SET] = "INSERT OR REPLACE INTO orders (run, proof) VALUES (?1, ?2)",
    [STATEMENT_ORDER_FIND] = "SELECT proof FROM orders WHERE run = ?1",
    [STATEMENT_NAME_ADD] = "INSERT INTO names (run, place, organization, name, kind, address, why)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STATEMENT_NAME_EACH] = "SELECT organization, name, kind, address, why FROM names WHERE run = ?1"
                            " ORDER BY place",
    [STATEMENT_STOP_SET] = "INSERT OR REPLACE INTO stops (run, why) VALUES (?1, ?2)",
    [STATEMENT_STOP_CLEAR] = "DELETE FROM stops WHERE run = ?1",
    [STATEMENT_STOP_FIND] = "SELECT why FROM stops WHERE run = ?1",
    [STATEMENT_COUNT_ADD] =
        "INSERT INTO counts (run, organization, transport, port, open, closed, unreachable, silent, "
        "synthetic)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET open = open + excluded.open,"
        " closed = closed + excluded.closed, unreachable = unreachable + excluded.unreachable,"
        " silent = silent + excluded.silent, synthetic = synthetic + excluded.synthetic",
    [STATEMENT_COUNT_EACH] = "SELECT organization, transport, port, open, closed, unreachable, silent,"
                             " synthetic FROM counts WHERE run = ?1 AND organization BETWEEN ?2 AND ?3"
                             " ORDER BY organization, transport, port",
    /* From one to the next by the indices, so that a row more costs nothing. */
    [STATEMENT_NAMED_EACH] =
        "WITH RECURSIVE named (organization) AS (SELECT '' UNION ALL"
        " SELECT (SELECT min(organization) FROM ("
        "SELECT min(organization) AS organization FROM counts"
        " WHERE run = ?1 AND organization > named.organization UNION ALL "
        "SELECT min(organization) FROM observations WHERE run = ?1 AND organization > named.organization "
        "UNION ALL "
        "SELECT min(organization) FROM findings WHERE run = ?1 AND organization > named.organization UNION "
        "ALL "
        "SELECT min(organization) FROM assessed WHERE run = ?1 AND organization > named.organization))"
        " FROM named WHERE organization IS NOT NULL)"
        " SELECT organization FROM named WHERE organization > ''",
    [STATEMENT_HOST_SET] = "INSERT INTO hosts (run, organization, address, open) VALUES (?1, ?2, ?3, ?4)"
                           " ON CONFLICT DO UPDATE SET open = max(open, excluded.open)",
    [STATEMENT_HOST_COUNT] = "SELECT count(*), total(open) FROM hosts"
                             " WHERE run = ?1 AND organization BETWEEN ?2 AND ?3",
    [STATEMENT_HOST_EACH] =
        "SELECT organization, address, open FROM hosts"
        " WHERE run = ?1 AND organization BETWEEN ?2 AND ?3 ORDER BY organization, address",
    [STATEMENT_HOST_CONTROL] =
        "INSERT INTO hosts (run, organization, address, open, control) VALUES (?1, ?2, ?3, 0, ?4)"
        " ON CONFLICT DO UPDATE SET control = excluded.control, open = EXISTS (SELECT 1 FROM observations AS "
        "o"
        " WHERE o.run = hosts.run AND o.organization = hosts.organization AND o.address = hosts.address"
        " AND o.state = ?5)",
    [STATEMENT_CONTROL_EACH] =
        "SELECT organization, address, control FROM hosts WHERE run = ?1 AND control <> 0"
        " ORDER BY organization, address",
    [STATEMENT_CONTROL_COUNT] = "SELECT total(control = ?4) FROM hosts"
                                " WHERE run = ?1 AND organization BETWEEN ?2 AND ?3",
    [STATEMENT_OBSERVATION_SET] = "INSERT OR REPLACE" OBSERVATION_INSERT,
    [STATEMENT_OBSERVATION_ADD] = "INSERT OR IGNORE" OBSERVATION_INSERT,
    [STATEMENT_OBSERVATION_EACH] =
        "SELECT " OBSERVATION_COLUMNS " FROM observations"
        " WHERE run = ?1 AND organization BETWEEN ?2 AND ?3 ORDER BY organization, address, port, transport",
    [STATEMENT_OBSERVATION_AT] =
        "SELECT " OBSERVATION_COLUMNS " FROM observations"
        " WHERE run = ?1 AND organization = ?2 AND address = ?3 ORDER BY port, transport",
    [STATEMENT_OBSERVATION_DROP] = "DELETE FROM observations WHERE run = ?1 AND organization = ?2"
                                   " AND address = ?3 AND port = ?4 AND transport = ?5",
    [STATEMENT_OPEN_EACH] = "SELECT organization, address, port, transport FROM observations"
                            " WHERE run = ?1 AND organization BETWEEN ?2 AND ?3 AND state = ?4"
                            " ORDER BY organization, address, port, transport",
    [STATEMENT_FINDINGS_CLEAR] = "DELETE FROM findings WHERE run = ?1",
    [STATEMENT_FINDING_ADD] =
        "INSERT INTO findings (run, organization, item, address, port, transport, key, confidence, asset,"
        " exposure, count, why, facts, time_ms, judged)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [STATEMENT_FINDING_EACH] =
        "SELECT organization, item, address, port, transport, key, confidence, asset, exposure, count, why,"
        " facts, time_ms, judged FROM findings WHERE run = ?1 AND organization BETWEEN ?2 AND ?3"
        " ORDER BY organization, item, address, port, transport, key, finding",
    [STATEMENT_ASSESSED_SET] = "INSERT OR IGNORE INTO assessed (run, organization, item) VALUES (?1, ?2, ?3)",
    [STATEMENT_ASSESSED_EACH] = "SELECT item FROM assessed WHERE run = ?1 AND organization BETWEEN ?2 AND ?3"
                                " ORDER BY organization, item",
    [STATEMENT_COVERED_SET] =
        "INSERT INTO covered (run, organization, item, from_ms, until_ms, whole, judged)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET from_ms = min(from_ms, "
        "excluded.from_ms),"
        " until_ms = max(until_ms, excluded.until_ms), whole = max(whole, excluded.whole),"
        " judged = min(judged, excluded.judged)",
    [STATEMENT_COVERED_FROM_FINDINGS] =
        "INSERT OR IGNORE INTO covered (run, organization, item, from_ms, until_ms, whole, judged)"
        " SELECT run, organization, item, min(CASE time_ms WHEN 0 THEN ?2 ELSE time_ms END),"
        " max(CASE time_ms WHEN 0 THEN ?3 ELSE time_ms END), 0, min(judged)"
        " FROM findings WHERE run = ?1 GROUP BY run, organization, item",
    [STATEMENT_COVERED_ORGANIZATIONS] =
        "SELECT DISTINCT organization FROM covered JOIN runs USING (run) WHERE complete = 1"
        " ORDER BY organization",
    [STATEMENT_COVERED_EACH] = "SELECT covered.run, item, covered.from_ms, covered.until_ms, whole, judged"
                               " FROM covered JOIN runs USING (run)"
                               " WHERE organization = ?1 AND complete = 1 ORDER BY covered.run DESC, item",
    [STATEMENT_ORGANIZATION_SET] =
        "INSERT OR REPLACE INTO organizations (run, organization, name, tags, informatization)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_ORGANIZATION_EACH] = "SELECT organization, name, tags, informatization FROM organizations"
                                    " WHERE run = ?1 ORDER BY organization",
    [STATEMENT_SCORECARD_SET] =
        "INSERT OR REPLACE INTO scorecards (run, organization, whole, exact, score, gate, record)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STATEMENT_SCORECARD_EACH] = "SELECT organization, whole, exact, score, gate, record FROM scorecards"
                                 " WHERE run = ?1 ORDER BY organization",
    /* The other columns are those of the row that has the maximum (SQLite, "Bare columns in an aggregate
       query"). */
    [STATEMENT_NEWEST_EACH] =
        "SELECT scorecards.organization, max(run), whole, exact, score, gate, name, tags, informatization,"
        " runs.id, runs.catalogue, runs.vantage, runs.started_ms, runs.shard, runs.shards"
        " FROM scorecards JOIN runs USING (run) LEFT JOIN organizations USING (run, organization)"
        " WHERE complete = 1 AND (?1 IS NULL OR vantage = ?1) GROUP BY scorecards.organization"
        " ORDER BY scorecards.organization",
    [STATEMENT_RUN_EACH] = "SELECT " RUN_COLUMNS ", run FROM runs WHERE kind = 0 ORDER BY run DESC",
    /* All of it stands in the index. */
    [STATEMENT_SPOT_EACH] = "SELECT organization, item, address, port, transport, key FROM findings"
                            " WHERE run = ?1 ORDER BY organization, item, address, port, transport, key",
    [STATEMENT_ASSESSED_ALL] =
        "SELECT organization, item FROM assessed WHERE run = ?1 ORDER BY organization, item",
    [STATEMENT_FIRST_TABLE] = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'firsts'",
    [STATEMENT_FIRST_MISS] =
        "UPDATE firsts SET absent = 1 WHERE vantage = ?2"
        " AND EXISTS (SELECT 1 FROM assessed AS a WHERE a.run = ?1 AND a.organization = firsts.organization"
        " AND a.item = firsts.item)"
        " AND NOT EXISTS (SELECT 1 FROM findings AS f WHERE f.run = ?1 AND f.organization = "
        "firsts.organization"
        " AND f.item = firsts.item AND ifnull(f.address, x'') = firsts.address AND f.port = firsts.port"
        " AND f.transport = firsts.transport AND ifnull(f.key, '') = firsts.key)",
    [STATEMENT_FIRST_MEET] = "INSERT INTO firsts (vantage, organization, item, address, port, transport, "
                             "key, first_ms, last_ms, absent)"
                             " SELECT DISTINCT ?2, organization, item, ifnull(address, x''), port, "
                             "transport, ifnull(key, ''), ?3, ?3, 0"
                             " FROM findings WHERE run = ?1 ON CONFLICT DO UPDATE SET"
                             " first_ms = CASE WHEN absent AND excluded.last_ms - last_ms > ?4 THEN "
                             "excluded.first_ms ELSE first_ms END,"
                             " last_ms = excluded.last_ms, absent = 0",
    [STATEMENT_FIRST_LAPSE] = "DELETE FROM firsts WHERE vantage = ?1 AND absent AND ?2 - last_ms > ?3",
    [STATEMENT_FIRST_EACH] =
        "SELECT organization, item, nullif(address, x''), port, transport, nullif(key, ''), first_ms, "
        "last_ms, absent"
        " FROM firsts WHERE vantage = ?1 ORDER BY organization, item, address, port, transport, key",
};
