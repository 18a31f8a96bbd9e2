CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- What is hashed of a record is [form, stream, seq, hash of the one before, cmd, kind, at, body]: the columns frame the
-- body, and nothing is kept twice.
CREATE TABLE records (
    pos    INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    cmd    TEXT    NOT NULL,
    form   INTEGER NOT NULL,
    body   BLOB    NOT NULL,
    hash   BLOB    NOT NULL,
    UNIQUE (tenant, stream, seq)
) STRICT;

CREATE TABLE heads (
    tenant INTEGER NOT NULL,
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    hash   BLOB    NOT NULL,
    due    INTEGER,
    number TEXT,
    PRIMARY KEY (tenant, stream)
) STRICT;
CREATE INDEX heads_due ON heads (tenant, due, stream) WHERE due IS NOT NULL;
CREATE UNIQUE INDEX heads_number ON heads (tenant, number) WHERE number IS NOT NULL;

CREATE TABLE outbox (
    tenant     INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    stream     TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    not_before INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL DEFAULT 'waiting',
    note       TEXT    NOT NULL DEFAULT '',
    done_at    INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (tenant, not_before, id) WHERE state = 'waiting';

CREATE TABLE rows (
    tenant INTEGER NOT NULL,
    view   TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    owner  TEXT    NOT NULL,
    due    INTEGER,
    stream TEXT    NOT NULL,
    body   TEXT    NOT NULL,
    PRIMARY KEY (tenant, view, key)
) STRICT;
CREATE INDEX rows_stream ON rows (tenant, stream, view, key);
-- What has no due moment stands after all that has.
CREATE INDEX rows_owner ON rows (tenant, view, owner, coalesce(due, 9223372036854775807), key);

CREATE TABLE answers (
    tenant    INTEGER NOT NULL,
    key       TEXT    NOT NULL,
    cmd       TEXT    NOT NULL,
    body_hash TEXT    NOT NULL,
    stream    TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT;

CREATE TABLE vault (
    tenant     INTEGER NOT NULL,
    commitment TEXT    NOT NULL,
    subject    TEXT,
    stream     TEXT    NOT NULL,
    field      TEXT    NOT NULL,
    salt       BLOB    NOT NULL,
    value      TEXT    NOT NULL,
    PRIMARY KEY (tenant, commitment)
) STRICT;
CREATE INDEX vault_stream ON vault (tenant, stream, commitment);
CREATE INDEX vault_subject ON vault (tenant, subject) WHERE subject IS NOT NULL;

CREATE TABLE documents (
    tenant  INTEGER NOT NULL,
    digest  TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    source  TEXT    NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT;
CREATE INDEX documents_name ON documents (tenant, kind, name, version);

CREATE TABLE numbers (
    tenant INTEGER NOT NULL,
    unit   TEXT    NOT NULL,
    day    TEXT    NOT NULL,
    next   INTEGER NOT NULL,
    PRIMARY KEY (tenant, unit, day)
) STRICT;

CREATE TABLE users (
    tenant   INTEGER NOT NULL,
    subject  TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    password TEXT    NOT NULL,
    admin    INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    changed  INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject),
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE sessions (
    tenant  INTEGER NOT NULL,
    token   TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant, token)
) STRICT;

CREATE TABLE keys (
    tenant    INTEGER NOT NULL,
    id        TEXT    NOT NULL,
    hash      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    title     TEXT    NOT NULL,
    read_only INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    expires   INTEGER,
    revoked   INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE files (
    tenant INTEGER NOT NULL,
    digest TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    size   INTEGER NOT NULL,
    sender TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    gone   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, digest)
) STRICT;
CREATE INDEX files_at ON files (tenant, at);
-- What is gone has bytes that are still to be removed.
CREATE INDEX files_gone ON files (digest) WHERE gone = 1;

-- Who sent which file: the same bytes may come from several people, and each of them may name them.
CREATE TABLE file_senders (
    tenant  INTEGER NOT NULL,
    digest  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    PRIMARY KEY (tenant, digest, subject)
) STRICT, WITHOUT ROWID;

-- Which value names which file. The commitment is that of the vault; without one the value stands in a record.
CREATE TABLE file_uses (
    tenant     INTEGER NOT NULL,
    digest     TEXT    NOT NULL,
    commitment TEXT    NOT NULL,
    stream     TEXT    NOT NULL,
    PRIMARY KEY (tenant, digest, commitment, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_uses_commitment ON file_uses (tenant, commitment) WHERE commitment <> '';

CREATE TABLE saved_views (
    tenant  INTEGER NOT NULL,
    subject TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    title   TEXT    NOT NULL,
    filter  TEXT    NOT NULL,
    PRIMARY KEY (tenant, subject, id)
) STRICT;
