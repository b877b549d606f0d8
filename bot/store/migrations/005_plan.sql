-- Plans, situation reports, leaders' briefs, reviews, cases and drills. An old migration is never edited.
ALTER TABLE clocks ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE clocks ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
ALTER TABLE clocks ADD COLUMN witness TEXT NOT NULL DEFAULT '';

CREATE TABLE red_lines (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL, sure INTEGER NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE INDEX red_lines_incident ON red_lines (incident);
CREATE TABLE plans (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, round INTEGER NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL, grade TEXT,
    by TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL DEFAULT '');
CREATE INDEX plans_incident ON plans (incident);
CREATE TABLE sitreps (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT '', figures TEXT NOT NULL DEFAULT '{}', owner TEXT NOT NULL DEFAULT '', due_at TEXT NOT NULL,
    by TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, sent_at TEXT);
CREATE INDEX sitreps_incident ON sitreps (incident);
CREATE TABLE briefings (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL, decision INTEGER, grade TEXT,
    at TEXT NOT NULL, state TEXT NOT NULL, read_at TEXT);
CREATE INDEX briefings_waiting ON briefings (person) WHERE state = 'sent';
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, round INTEGER NOT NULL, words TEXT NOT NULL, figures TEXT NOT NULL,
    by TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX reviews_incident ON reviews (incident);
CREATE TABLE improvements (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, text TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '', due_at TEXT,
    by TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, done_at TEXT);
CREATE TABLE cases (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, type TEXT NOT NULL, grade TEXT, title TEXT NOT NULL, text TEXT NOT NULL,
    by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE drills (
    id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, state TEXT NOT NULL, room TEXT NOT NULL, speed REAL NOT NULL, step INTEGER NOT NULL,
    began_at TEXT NOT NULL, told_at TEXT NOT NULL, by TEXT NOT NULL, ended_at TEXT, score TEXT NOT NULL DEFAULT '');
