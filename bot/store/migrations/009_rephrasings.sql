-- The drafts that somebody asked the language model to rephrase; each is asked for after the commit, and asked again once where a crash cut it off.
CREATE TABLE rephrasings (
    id INTEGER PRIMARY KEY, draft INTEGER NOT NULL, version INTEGER NOT NULL, person TEXT NOT NULL, wish TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '');
CREATE INDEX rephrasings_waiting ON rephrasings (id) WHERE state = 'waiting';
