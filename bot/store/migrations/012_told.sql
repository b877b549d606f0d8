-- Whether the answer to what was heard reached its platform: owed, leaving, told, or handed to the outbox.
ALTER TABLE inbox ADD COLUMN told TEXT NOT NULL DEFAULT 'told';
CREATE INDEX inbox_untold ON inbox (at) WHERE told IN ('owed', 'leaving');
