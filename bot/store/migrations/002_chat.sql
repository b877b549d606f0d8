-- What is said in the local room. AUTOINCREMENT: an id is never given twice, not even after a row was taken back.

CREATE TABLE chat (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    face TEXT NOT NULL DEFAULT '{}',
    reply_to INTEGER,
    at TEXT NOT NULL,
    key TEXT UNIQUE,
    heard TEXT NOT NULL DEFAULT '',
    pressed TEXT NOT NULL DEFAULT '',
    choice TEXT NOT NULL DEFAULT '',
    offered TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX chat_room ON chat (room, id) WHERE pressed = '';
CREATE INDEX chat_unanswered ON chat (id) WHERE heard = 'open';

CREATE TABLE chat_files (
    message INTEGER NOT NULL REFERENCES chat (id),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (message, place)
) WITHOUT ROWID;
