-- One voice: signatures, releases, talking points, the audience plan, inquiries, third parties. An old migration is never edited.
ALTER TABLE drafts ADD COLUMN form TEXT NOT NULL DEFAULT '';
ALTER TABLE drafts ADD COLUMN corrects INTEGER;
ALTER TABLE drafts ADD COLUMN corrected_by INTEGER;
ALTER TABLE drafts ADD COLUMN emergency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drafts ADD COLUMN endorsed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE drafts ADD COLUMN editor TEXT NOT NULL DEFAULT '';
ALTER TABLE drafts ADD COLUMN editing_until TEXT;
ALTER TABLE drafts ADD COLUMN submitted_at TEXT;
ALTER TABLE drafts ADD COLUMN held_why TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN model TEXT NOT NULL DEFAULT '';

CREATE TABLE signatures (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, version INTEGER NOT NULL, sha256 TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL,
    at TEXT NOT NULL, grade TEXT NOT NULL, recorder TEXT NOT NULL DEFAULT '', void TEXT NOT NULL DEFAULT '', void_at TEXT);
CREATE INDEX signatures_draft ON signatures (draft);
CREATE UNIQUE INDEX signatures_once ON signatures (draft, version, role) WHERE void = '';
CREATE UNIQUE INDEX signatures_one_person ON signatures (draft, version, person) WHERE void = '';
CREATE TABLE shown (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, version INTEGER NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL, outbox INTEGER NOT NULL);
CREATE INDEX shown_draft ON shown (draft, person);
CREATE TABLE lent (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, role TEXT NOT NULL, lender TEXT NOT NULL, person TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE waivers (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, version INTEGER NOT NULL, code TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE publications (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, version INTEGER NOT NULL, sha256 TEXT NOT NULL, channel TEXT NOT NULL, operator TEXT NOT NULL,
    connector TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL, url TEXT NOT NULL DEFAULT '', released_at TEXT,
    recorded_by TEXT NOT NULL DEFAULT '', snapshot TEXT NOT NULL DEFAULT '', compared TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '');
CREATE INDEX publications_draft ON publications (draft);
-- One text goes out once on a channel; only what surely did not go out may go again.
CREATE UNIQUE INDEX publications_once ON publications (sha256, channel) WHERE state IN ('queued', 'handed', 'calling', 'unknown', 'released');
CREATE TABLE points (
    id INTEGER PRIMARY KEY, incident INTEGER, question TEXT NOT NULL, answer TEXT NOT NULL, never TEXT NOT NULL, audience TEXT NOT NULL,
    owner TEXT NOT NULL, valid_until TEXT NOT NULL, source TEXT NOT NULL, draft INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    by TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL DEFAULT '');
CREATE INDEX points_incident ON points (incident);
CREATE TABLE hearings (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, audience TEXT NOT NULL, how TEXT NOT NULL, rule TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '',
    due_at TEXT, state TEXT NOT NULL, done_at TEXT, by TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', UNIQUE (incident, audience));
CREATE TABLE inquiries (
    id INTEGER PRIMARY KEY, incident INTEGER, outlet TEXT NOT NULL, reporter TEXT NOT NULL, question TEXT NOT NULL, due_at TEXT, state TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '', answered_with TEXT NOT NULL DEFAULT '', by TEXT NOT NULL, at TEXT NOT NULL, answered_at TEXT);
CREATE TABLE authorities (
    id INTEGER PRIMARY KEY, incident INTEGER, name TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL, consent TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '', by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE page_checks (
    id INTEGER PRIMARY KEY, publication INTEGER NOT NULL, step TEXT NOT NULL, due_at TEXT NOT NULL, done_at TEXT, outcome TEXT NOT NULL DEFAULT '');
CREATE INDEX page_checks_due ON page_checks (due_at) WHERE done_at IS NULL;
