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

export const migrations: readonly string[] = [first]
