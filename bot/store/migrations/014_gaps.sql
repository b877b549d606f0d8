-- When a source was not seen: what the daily summary owes to who reads "nothing new" in it.
CREATE TABLE source_gaps (source TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL);
CREATE INDEX source_gaps_until ON source_gaps (until);
