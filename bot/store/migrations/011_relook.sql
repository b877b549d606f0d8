-- The original of a piece of evidence is looked at again after an hour and a day; what became of it stands beside it.
ALTER TABLE evidence ADD COLUMN fate TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN fate_at TEXT;
CREATE TABLE looks (
    id INTEGER PRIMARY KEY, evidence INTEGER NOT NULL, due_at TEXT NOT NULL, looked_at TEXT, verdict TEXT NOT NULL DEFAULT '');
CREATE INDEX looks_due ON looks (due_at) WHERE looked_at IS NULL;
CREATE INDEX looks_evidence ON looks (evidence);
