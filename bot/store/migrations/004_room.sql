-- What the room keeps besides tasks, facts and decisions: who serves when, evidence, calls, notes, labels, reports.
ALTER TABLE outbox ADD COLUMN repaint INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_repaint ON outbox (id) WHERE repaint = 1;
ALTER TABLE facts ADD COLUMN transcribed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX inbox_sender ON inbox (platform, json_extract(heard, '$.sender'), at);

CREATE TABLE rounds (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, round INTEGER NOT NULL, began_at TEXT NOT NULL, claimed_at TEXT, tracked_at TEXT,
    closed_at TEXT, owner TEXT NOT NULL, grade TEXT, peak TEXT, resolution TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE shifts (
    id INTEGER PRIMARY KEY, person TEXT NOT NULL, role TEXT NOT NULL, starts_at TEXT NOT NULL, ends_at TEXT NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL, ended_at TEXT);
CREATE TABLE leaves (
    id INTEGER PRIMARY KEY, person TEXT NOT NULL, starts_at TEXT NOT NULL, ends_at TEXT NOT NULL, deputy TEXT NOT NULL DEFAULT '',
    by TEXT NOT NULL, at TEXT NOT NULL, ended_at TEXT);
CREATE TABLE appointments (
    id INTEGER PRIMARY KEY, person TEXT NOT NULL, role TEXT NOT NULL, held INTEGER NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE handovers (
    id INTEGER PRIMARY KEY, giver TEXT NOT NULL, receiver TEXT NOT NULL, incident INTEGER, at TEXT NOT NULL,
    state TEXT NOT NULL, taken_at TEXT);
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY, incident INTEGER, kind TEXT NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL DEFAULT '', by TEXT NOT NULL, at TEXT NOT NULL, quote TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL,
    transcribed INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'captured', note TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT '');
CREATE TABLE audiences (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, audience TEXT NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE questions (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '', answered_by TEXT NOT NULL DEFAULT '', answered_at TEXT);
CREATE TABLE expenses (
    id INTEGER PRIMARY KEY, incident INTEGER, task INTEGER, amount REAL NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE calls (
    id INTEGER PRIMARY KEY, incident INTEGER, person TEXT NOT NULL, caller TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL, answered_at TEXT, answered_by TEXT NOT NULL DEFAULT '', key TEXT NOT NULL);
CREATE TABLE labels (
    id INTEGER PRIMARY KEY, incident INTEGER, mention INTEGER, label TEXT NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE reports (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '');
