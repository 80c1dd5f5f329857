// The tables of the SQLite log, as the steps that lead to them. A step that was released never changes; new ones follow it.

/** Marks a SQLite file as a Parley log: "PARL". */
export const APPLICATION = 0x5041524c

/**
 * Events are appended to one table and found by index: rows of a room need not lie together to be read fast enough, and
 * appending at the end costs least. Growth lives apart from them, for it is deleted when its message is closed.
 * `calm` is the last seq at which no span of the room was open, up to and including the row's own.
 */
const first = `
CREATE TABLE state (
  clean INTEGER NOT NULL,
  durability TEXT NOT NULL,
  boot TEXT NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 'full', '');

CREATE TABLE probes (
  data BLOB NOT NULL
) STRICT;

CREATE TABLE rooms (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  epoch TEXT NOT NULL,
  owner TEXT,
  head INTEGER NOT NULL,
  horizon INTEGER NOT NULL,
  calm INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX rooms_by_owner ON rooms (owner, at DESC, id);

CREATE TABLE people (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE faces (
  key INTEGER PRIMARY KEY,
  person INTEGER NOT NULL,
  by TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE events (
  room INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  calm INTEGER NOT NULL,
  at INTEGER NOT NULL,
  person INTEGER NOT NULL,
  face INTEGER NOT NULL,
  id TEXT,
  fact TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_seq ON events (room, seq);
CREATE UNIQUE INDEX events_by_id ON events (room, id, person) WHERE id IS NOT NULL;

CREATE TABLE growth (
  room INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  span INTEGER NOT NULL,
  at INTEGER NOT NULL,
  face INTEGER NOT NULL,
  fact TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX growth_by_seq ON growth (room, seq);

CREATE TABLE spans (
  room INTEGER NOT NULL,
  key TEXT NOT NULL,
  first INTEGER NOT NULL,
  PRIMARY KEY (room, key)
) STRICT, WITHOUT ROWID;
`

/** Words that are folded already: the tokenizer only takes them apart. */
export const found = `CREATE VIRTUAL TABLE found USING fts5 (room, words, tokenize = 'ascii')`

/**
 * What is kept beside the events: the latest of what tells how something stands (its event stays beyond the horizon), where
 * the content of messages lies that grew or were edited, what was removed, who has read how far, and the words for searching.
 * `found` has an entry for each message, by the rowid of its event; `indexed` is the last event that was looked at for it.
 */
const second = `
CREATE TABLE standing (
  room INTEGER NOT NULL,
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  live INTEGER NOT NULL,
  PRIMARY KEY (room, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_by_seq ON standing (room, seq);

CREATE TABLE contents (
  room INTEGER NOT NULL,
  message TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (room, message, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX contents_by_seq ON contents (room, seq);
INSERT INTO contents (room, message, seq)
  SELECT room, people.id || '/' || (fact ->> 'message'), seq FROM events JOIN people ON people.key = events.person
  WHERE (instr(fact, '"message.opened"') OR instr(fact, '"message.closed"'))
    AND fact ->> 'type' IN ('message.opened', 'message.closed');

CREATE TABLE redactions (
  room INTEGER NOT NULL,
  message TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (room, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE marks (
  room INTEGER NOT NULL,
  reader TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (room, reader)
) STRICT, WITHOUT ROWID;

${found};

CREATE TABLE indexed (
  place INTEGER NOT NULL,
  room INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT;
INSERT INTO indexed VALUES (0, 0, 0);
`

/**
 * Files beside the log: what is known of each, which events hold it, and the contents that no file has any more, until
 * the store of their bytes has dropped them.
 */
const third = `
CREATE TABLE files (
  id TEXT NOT NULL PRIMARY KEY,
  room INTEGER NOT NULL,
  owner TEXT NOT NULL,
  upload TEXT NOT NULL,
  content TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attachment TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX files_by_upload ON files (room, owner, upload);
CREATE INDEX files_by_owner ON files (owner, size);
CREATE INDEX files_by_room ON files (room, size);
CREATE INDEX files_by_content ON files (content);
CREATE INDEX files_by_time ON files (at);

CREATE TABLE holdings (
  file TEXT NOT NULL,
  room INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (file, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX holdings_by_seq ON holdings (room, seq);

CREATE TABLE loose (
  content TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
`

/** How far the rows of rooms have come: rowid of the last event that they know of. Those that follow tell the rest. */
const fourth = `
ALTER TABLE state ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
UPDATE state SET seen = (SELECT coalesce(max(rowid), 0) FROM events)
`

/** The id of an event that `state` has not seen, in place of `id`: the index of ids does not know it yet. */
const fifth = 'ALTER TABLE events ADD COLUMN fresh TEXT'

/**
 * Neither index of events knows those that `state` has not seen: `fresh` has text in all of them, empty where there is no id.
 * By the room and seq of the last event that was seen it is known whether rows still have the numbers that they had.
 */
const sixth = `
DROP INDEX events_by_seq;
CREATE UNIQUE INDEX events_by_seq ON events (room, seq) WHERE fresh IS NULL;
ALTER TABLE state ADD COLUMN seen_room INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN seen_seq INTEGER NOT NULL DEFAULT 0;
UPDATE state SET (seen_room, seen_seq) =
  (SELECT coalesce(max(room), 0), coalesce(max(seq), 0) FROM events WHERE rowid = seen)
`

export const migrations: readonly string[] = [first, second, third, fourth, fifth, sixth]
