-- Everything the walking house keeps. An old migration is never edited.
CREATE TABLE log (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, by TEXT NOT NULL, verb TEXT NOT NULL, incident INTEGER, why TEXT NOT NULL,
    body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX log_incident ON log (incident, seq);
CREATE TRIGGER log_is_append_only_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_is_append_only_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TABLE mentions (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, source TEXT NOT NULL, story INTEGER NOT NULL, at TEXT NOT NULL, seen TEXT NOT NULL,
    published TEXT, platform TEXT NOT NULL, tier TEXT NOT NULL, url TEXT NOT NULL, author TEXT NOT NULL, followers INTEGER,
    title TEXT NOT NULL, text TEXT NOT NULL, reposts INTEGER, comments INTEGER, likes INTEGER, reads INTEGER, rank INTEGER,
    list TEXT NOT NULL, region TEXT NOT NULL, extra TEXT NOT NULL, rules TEXT NOT NULL, negative REAL NOT NULL,
    sentiment TEXT NOT NULL, duplicate_of TEXT, duplicate TEXT NOT NULL, weight REAL NOT NULL, ours INTEGER NOT NULL,
    counted INTEGER NOT NULL, late INTEGER NOT NULL, stored_weight REAL NOT NULL, scope TEXT NOT NULL, strand INTEGER, matter INTEGER NOT NULL DEFAULT 0);
CREATE INDEX mentions_strand ON mentions (strand, counted, at, sentiment, late);
CREATE INDEX mentions_seen ON mentions (seen);
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY, mention INTEGER NOT NULL REFERENCES mentions (id), at TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE strands (
    id INTEGER PRIMARY KEY, matter INTEGER NOT NULL, live INTEGER NOT NULL, incident INTEGER, title TEXT NOT NULL, words TEXT NOT NULL,
    first_at TEXT NOT NULL, last_at TEXT NOT NULL, weight_sum REAL NOT NULL, reposts INTEGER, reads INTEGER, first_mention INTEGER NOT NULL,
    rules TEXT NOT NULL DEFAULT '[]');
CREATE INDEX strands_matter ON strands (matter, live);
CREATE INDEX strands_incident ON strands (incident);
CREATE TABLE tallies (
    strand INTEGER NOT NULL, platform TEXT NOT NULL, tier TEXT NOT NULL, scope TEXT NOT NULL, list TEXT NOT NULL,
    n INTEGER NOT NULL, copies INTEGER NOT NULL, first_at TEXT NOT NULL, PRIMARY KEY (strand, platform, tier, scope, list)) WITHOUT ROWID;
CREATE TABLE volumes (rule TEXT NOT NULL, hour TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (rule, hour)) WITHOUT ROWID;
CREATE TABLE claims (
    id INTEGER PRIMARY KEY, strand INTEGER NOT NULL, kind TEXT NOT NULL, floor TEXT NOT NULL, words TEXT NOT NULL,
    credible INTEGER NOT NULL, immediate INTEGER NOT NULL, mention INTEGER NOT NULL, at TEXT NOT NULL, UNIQUE (strand, kind, credible));
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL, raw TEXT NOT NULL);

CREATE TABLE source_states (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, health TEXT NOT NULL, since TEXT NOT NULL, memory TEXT NOT NULL);
CREATE TABLE deliveries (source TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (source, id)) WITHOUT ROWID;

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, type TEXT NOT NULL DEFAULT 'other', state TEXT NOT NULL, round INTEGER NOT NULL DEFAULT 1,
    opened_at TEXT NOT NULL, grade TEXT, suggested TEXT, peak TEXT, owner TEXT NOT NULL DEFAULT '', accepted INTEGER NOT NULL DEFAULT 1,
    assigned_by TEXT NOT NULL DEFAULT '', claimed_at TEXT, helpers TEXT NOT NULL DEFAULT '[]', truth TEXT NOT NULL DEFAULT 'unknown', assessed INTEGER NOT NULL DEFAULT 0,
    assessment TEXT NOT NULL DEFAULT '', started INTEGER NOT NULL DEFAULT 0, quiet_until TEXT, tracked_at TEXT, closed_at TEXT,
    resolution TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', receiver TEXT NOT NULL DEFAULT '', merged_into INTEGER,
    confidential INTEGER NOT NULL DEFAULT 0, named TEXT NOT NULL DEFAULT '[]', round_at TEXT, room TEXT NOT NULL DEFAULT '');
CREATE TABLE gauges (
    incident INTEGER PRIMARY KEY, at TEXT NOT NULL, indicators TEXT NOT NULL, suggestion TEXT NOT NULL, lower_since TEXT,
    lower_grade TEXT, eased TEXT);
CREATE TABLE samples (incident INTEGER NOT NULL, at TEXT NOT NULL, heat REAL NOT NULL, n INTEGER NOT NULL, negative REAL, per_hour INTEGER NOT NULL,
    PRIMARY KEY (incident, at)) WITHOUT ROWID;
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY, incident INTEGER, strand INTEGER, at TEXT NOT NULL, sent INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
    suggested TEXT, per_hour INTEGER NOT NULL, triggers TEXT NOT NULL, authority TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX alerts_incident ON alerts (incident, sent, at);
CREATE TABLE mutes (
    id INTEGER PRIMARY KEY, incident INTEGER, room TEXT NOT NULL DEFAULT '', word TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '',
    max_grade TEXT, quiet TEXT NOT NULL DEFAULT '', min_grade TEXT, until TEXT, by TEXT NOT NULL, ended_at TEXT, ended_why TEXT NOT NULL DEFAULT '');

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY, incident INTEGER, text TEXT NOT NULL, assignee TEXT NOT NULL DEFAULT '', by TEXT NOT NULL, at TEXT NOT NULL,
    due_at TEXT, state TEXT NOT NULL DEFAULT 'open', blocking INTEGER NOT NULL DEFAULT 0, proof INTEGER NOT NULL DEFAULT 0,
    evidence TEXT NOT NULL DEFAULT '', accepted INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT '', done_at TEXT, why TEXT NOT NULL DEFAULT '',
    reopened INTEGER NOT NULL DEFAULT 0, key TEXT NOT NULL DEFAULT '');
CREATE TABLE facts (
    id INTEGER PRIMARY KEY, incident INTEGER, text TEXT NOT NULL, state TEXT NOT NULL, source TEXT NOT NULL DEFAULT '', by TEXT NOT NULL,
    at TEXT NOT NULL, happened_at TEXT, judged_by TEXT NOT NULL DEFAULT '', judged_at TEXT, replaces INTEGER, replaced_by INTEGER,
    why TEXT NOT NULL DEFAULT '', quote TEXT NOT NULL DEFAULT '', late INTEGER NOT NULL DEFAULT 0);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, incident INTEGER, text TEXT NOT NULL, decider TEXT NOT NULL, recorded_by TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL, known TEXT NOT NULL DEFAULT '[]', replaces INTEGER, replaced_by INTEGER, silent INTEGER NOT NULL DEFAULT 0,
    proxied INTEGER NOT NULL DEFAULT 0, confirmed_at TEXT, quote TEXT NOT NULL DEFAULT '');
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY, incident INTEGER, type TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL,
    held INTEGER NOT NULL DEFAULT 0, held_by TEXT NOT NULL DEFAULT '', channels TEXT NOT NULL DEFAULT '[]', audience TEXT NOT NULL DEFAULT '');
CREATE TABLE versions (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '[]', state TEXT NOT NULL DEFAULT 'live', why TEXT NOT NULL DEFAULT '', UNIQUE (draft, version));

CREATE TABLE timers (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, incident INTEGER, step TEXT NOT NULL, due_at TEXT NOT NULL, created_at TEXT NOT NULL,
    body TEXT NOT NULL, fired_at TEXT, ended_at TEXT, why TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at) WHERE fired_at IS NULL AND ended_at IS NULL;
CREATE INDEX timers_incident ON timers (incident);
CREATE TABLE clocks (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, round INTEGER NOT NULL, name TEXT NOT NULL, started_at TEXT NOT NULL, limit_s REAL NOT NULL,
    due_at TEXT NOT NULL, state TEXT NOT NULL, ended_at TEXT, ended_by TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '', missed INTEGER NOT NULL DEFAULT 0,
    grade TEXT, policy TEXT NOT NULL DEFAULT '[]', legal INTEGER NOT NULL DEFAULT 0);
CREATE INDEX clocks_incident ON clocks (incident, state);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, room TEXT NOT NULL, person TEXT NOT NULL,
    incident INTEGER, grade INTEGER NOT NULL, urgent INTEGER NOT NULL, post TEXT NOT NULL, state TEXT NOT NULL, way TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0, next_at TEXT, deadline TEXT, sent_at TEXT, receipt TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',
    repeated INTEGER NOT NULL DEFAULT 0, merged_into INTEGER, collapse TEXT NOT NULL DEFAULT '');
CREATE INDEX outbox_waiting ON outbox (urgent, id) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_incident ON outbox (incident, id);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY, outbox INTEGER NOT NULL, way TEXT NOT NULL, robot TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '');
CREATE INDEX attempts_robot ON attempts (robot, at);
CREATE TABLE inbox (
    platform TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, heard TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (platform, id)) WITHOUT ROWID;
CREATE INDEX inbox_open ON inbox (at) WHERE state = 'taken';
CREATE TABLE pending (
    id INTEGER PRIMARY KEY, person TEXT NOT NULL, room TEXT NOT NULL, verb TEXT NOT NULL, body TEXT NOT NULL, code TEXT NOT NULL DEFAULT '',
    echo TEXT NOT NULL, fingerprint TEXT NOT NULL, by TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, expires_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting');
CREATE TABLE bindings (room TEXT PRIMARY KEY, platform TEXT NOT NULL, chat TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL);
CREATE TABLE keep (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
