"""The database's shape, as the steps that led to it. Append-only: a step users have run is never edited."""

from __future__ import annotations

# 1: conversations and their message trees, settings.
#
# `key` is a row's place in the order of writing, which the clock has no part in; it stays through a
# VACUUM, so an index for full-text search can point at it. `activity` puts the conversation last worked
# in on top: a counter, because clocks go backwards. `parts` is what a message holds once it is written;
# `deltas` is what came in since, a row for each append, so that streaming into a long answer costs the
# same as into a short one; finishing moves deltas into parts. A parent is in the same conversation; the
# check waits for the commit, so that deleting a conversation deletes its messages in one pass (a cascade
# from parent to child may be 1,000 levels deep at most).
_FIRST = """
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    activity INTEGER NOT NULL,
    leaf_id TEXT,
    preset_id TEXT NOT NULL,
    system_prompt TEXT,
    overrides TEXT NOT NULL,
    draft TEXT NOT NULL,
    trashed_at REAL
) STRICT;
CREATE INDEX conversations_by_activity ON conversations (activity);

CREATE TABLE messages (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_id TEXT,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at REAL NOT NULL,
    origin TEXT,
    error TEXT NOT NULL,
    owner TEXT NOT NULL,
    UNIQUE (conversation_id, id),
    FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id)
        DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id, position);
CREATE INDEX messages_streaming ON messages (owner) WHERE status = 'streaming';

CREATE TABLE parts (
    key INTEGER PRIMARY KEY,
    message_key INTEGER NOT NULL REFERENCES messages (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (message_key, position)
) STRICT;

CREATE TABLE deltas (
    key INTEGER PRIMARY KEY,
    message_key INTEGER NOT NULL REFERENCES messages (key) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX deltas_by_message ON deltas (message_key);

CREATE TABLE settings (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;
"""

# 2: folders, pins, ratings, the trash, what of a message the model is sent, full-text search.
#
# A row of `trash` is one deletion and its way back: of a whole conversation where `message_id` is NULL, else
# of the branch that begins there, whose messages then name it in `trash_key`. `stamp` is the trash's own
# clock, see `storage.trash`. `characters` and `lines` measure a message's text for those who need no more
# than its size.
#
# The search tables hold words only and take the text from the tables they index; triggers keep them, so
# that no way of writing can forget to. The columns `chat` (the conversation's id) and `model` are there to
# narrow a search down inside the index: they stand in `parts` because a row must be taken out of the index
# with the very words it was put in with, and by then its message may be gone. `fill_search` puts in what is
# there already.
_SECOND = """
CREATE TABLE folders (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT REFERENCES folders (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT;
CREATE INDEX folders_by_parent ON folders (parent_id, position);

ALTER TABLE conversations ADD COLUMN folder_id TEXT REFERENCES folders (id) ON DELETE SET NULL;
ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_by_folder ON conversations (folder_id);

CREATE TABLE trash (
    key INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    message_id TEXT,
    leaf_id TEXT,
    trashed_at REAL NOT NULL,
    stamp REAL NOT NULL,
    UNIQUE (conversation_id, message_id)
) STRICT;
INSERT INTO trash (conversation_id, trashed_at, stamp)
    SELECT id, trashed_at, 0 FROM conversations WHERE trashed_at IS NOT NULL;

ALTER TABLE messages ADD COLUMN trash_key INTEGER REFERENCES trash (key) ON DELETE SET NULL;
ALTER TABLE messages ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN comment TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN lines INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_in_trash ON messages (trash_key) WHERE trash_key IS NOT NULL;
UPDATE messages SET (characters, lines) = (
    SELECT coalesce(sum(length(text)), 0),
        coalesce(sum(length(text) - length(replace(text, char(10), ''))), 0)
    FROM parts WHERE message_key = messages.key AND kind = 'text'
);

ALTER TABLE parts ADD COLUMN chat TEXT NOT NULL DEFAULT '';
ALTER TABLE parts ADD COLUMN model TEXT NOT NULL DEFAULT '';
UPDATE parts SET (chat, model) = (
    SELECT conversation_id,
        coalesce(CASE WHEN json_valid(origin) THEN json_extract(origin, '$.model_name') END, '')
    FROM messages WHERE key = parts.message_key
) WHERE message_key IN (SELECT key FROM messages);

CREATE VIRTUAL TABLE parts_search USING fts5 (
    text, name, chat, model,
    content = 'parts', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER parts_search_insert AFTER INSERT ON parts BEGIN
    INSERT INTO parts_search (rowid, text, name, chat, model)
    VALUES (new.key, new.text, new.name, new.chat, new.model);
END;
CREATE TRIGGER parts_search_delete AFTER DELETE ON parts BEGIN
    INSERT INTO parts_search (parts_search, rowid, text, name, chat, model)
    VALUES ('delete', old.key, old.text, old.name, old.chat, old.model);
END;
CREATE TRIGGER parts_search_update AFTER UPDATE ON parts BEGIN
    INSERT INTO parts_search (parts_search, rowid, text, name, chat, model)
    VALUES ('delete', old.key, old.text, old.name, old.chat, old.model);
    INSERT INTO parts_search (rowid, text, name, chat, model)
    VALUES (new.key, new.text, new.name, new.chat, new.model);
END;

CREATE VIRTUAL TABLE titles_search USING fts5 (
    title, content = 'conversations', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER titles_search_insert AFTER INSERT ON conversations BEGIN
    INSERT INTO titles_search (rowid, title) VALUES (new.key, new.title);
END;
CREATE TRIGGER titles_search_delete AFTER DELETE ON conversations BEGIN
    INSERT INTO titles_search (titles_search, rowid, title) VALUES ('delete', old.key, old.title);
END;
CREATE TRIGGER titles_search_update AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO titles_search (titles_search, rowid, title) VALUES ('delete', old.key, old.title);
    INSERT INTO titles_search (rowid, title) VALUES (new.key, new.title);
END;
"""

# 3: between which keys the parts of a day lie, so that a search in some time need not look at all others.
#
# `key` is the day since 1970, in UTC. Deleting leaves it as it is: the range stays true, if wide.
_THIRD = """
CREATE TABLE days (
    key INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
INSERT INTO days
    SELECT CAST(created_at / 86400 AS INTEGER) AS day, min(parts.key), max(parts.key)
    FROM parts JOIN messages ON messages.key = parts.message_key GROUP BY day;
CREATE TRIGGER days_insert AFTER INSERT ON parts BEGIN
    INSERT INTO days
        SELECT CAST(created_at / 86400 AS INTEGER), new.key, new.key
        FROM messages WHERE key = new.message_key
    ON CONFLICT (key) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last);
END;
"""

# 4: which models have answered, so that a search for some of them need not look through the index for names.
_FOURTH = """
CREATE TABLE models (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO models (name) SELECT DISTINCT model FROM parts WHERE model <> '';
CREATE TRIGGER models_insert AFTER INSERT ON parts WHEN new.model <> '' BEGIN
    INSERT INTO models (name) VALUES (new.model) ON CONFLICT (name) DO NOTHING;
END;
"""

# 5: the files of what is typed and not sent yet. The name stands before the text, so that reading names alone
# touches none of the pages that a long text goes on on.
_FIFTH = """
CREATE TABLE draft_parts (
    key INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (conversation_id, position)
) STRICT;
"""

# 6: words are found in scripts that put no spaces between them. The search tables index what these views say,
# see `storage.words`, and are filled anew.
_SIXTH = """
DROP TRIGGER parts_search_insert;
DROP TRIGGER parts_search_delete;
DROP TRIGGER parts_search_update;
DROP TABLE parts_search;
CREATE VIEW parts_words (key, text, name, chat, model) AS SELECT
    key, CAST(spaced(CAST(text AS BLOB)) AS TEXT), CAST(spaced(CAST(name AS BLOB)) AS TEXT), chat, model
FROM parts;
CREATE VIRTUAL TABLE parts_search USING fts5 (
    text, name, chat, model,
    content = 'parts_words', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER parts_search_insert AFTER INSERT ON parts BEGIN
    INSERT INTO parts_search (rowid, text, name, chat, model)
    SELECT key, text, name, chat, model FROM parts_words WHERE key = new.key;
END;
CREATE TRIGGER parts_search_delete BEFORE DELETE ON parts BEGIN
    INSERT INTO parts_search (parts_search, rowid, text, name, chat, model)
    SELECT 'delete', key, text, name, chat, model FROM parts_words WHERE key = old.key;
END;
CREATE TRIGGER parts_search_update_before BEFORE UPDATE ON parts BEGIN
    INSERT INTO parts_search (parts_search, rowid, text, name, chat, model)
    SELECT 'delete', key, text, name, chat, model FROM parts_words WHERE key = old.key;
END;
CREATE TRIGGER parts_search_update AFTER UPDATE ON parts BEGIN
    INSERT INTO parts_search (rowid, text, name, chat, model)
    SELECT key, text, name, chat, model FROM parts_words WHERE key = new.key;
END;

DROP TRIGGER titles_search_insert;
DROP TRIGGER titles_search_delete;
DROP TRIGGER titles_search_update;
DROP TABLE titles_search;
CREATE VIEW titles_words (key, title) AS
    SELECT key, CAST(spaced(CAST(title AS BLOB)) AS TEXT) FROM conversations;
CREATE VIRTUAL TABLE titles_search USING fts5 (
    title, content = 'titles_words', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER titles_search_insert AFTER INSERT ON conversations BEGIN
    INSERT INTO titles_search (rowid, title) SELECT key, title FROM titles_words WHERE key = new.key;
END;
CREATE TRIGGER titles_search_delete BEFORE DELETE ON conversations BEGIN
    INSERT INTO titles_search (titles_search, rowid, title)
    SELECT 'delete', key, title FROM titles_words WHERE key = old.key;
END;
CREATE TRIGGER titles_search_update_before BEFORE UPDATE OF title ON conversations BEGIN
    INSERT INTO titles_search (titles_search, rowid, title)
    SELECT 'delete', key, title FROM titles_words WHERE key = old.key;
END;
CREATE TRIGGER titles_search_update AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO titles_search (rowid, title) SELECT key, title FROM titles_words WHERE key = new.key;
END;
"""

STEPS: tuple[str, ...] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH)
