-- The exports that somebody asked for; each is made after the commit and sent to who asked.
CREATE TABLE exports (
    id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, done_at TEXT,
    sha256 TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '');
CREATE INDEX exports_waiting ON exports (id) WHERE state = 'waiting';
