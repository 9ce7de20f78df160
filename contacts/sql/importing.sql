-- The set work of imports. The tables are in migrations/0002_imports.py.

-- name: add_chunk
-- The next part of a file.
INSERT INTO contact_import_chunk (import_id, number, data)
VALUES (%(import)s, %(number)s, %(data)s)

-- name: read_chunk
-- One part of a file. Index: contact_import_chunk_pkey.
SELECT data FROM contact_import_chunk WHERE import_id = %(import)s AND number = %(number)s

-- name: keys_begin
-- A table of this connection's own for the keys of a whole file: only those that it has more than
-- once are worth keeping.
CREATE TEMPORARY TABLE IF NOT EXISTS import_key (hash bigint NOT NULL, line bigint NOT NULL)

-- name: keys_empty
TRUNCATE import_key

-- name: keys_add
COPY import_key (hash, line) FROM STDIN

-- name: keys_end
DROP TABLE IF EXISTS import_key

-- name: repeats_forget
-- Index: contact_import_repeat_pkey.
DELETE FROM contact_import_repeat WHERE import_id = %(import)s

-- name: repeats_keep
-- Keys that are there more than once, and on which line last.
INSERT INTO contact_import_repeat (import_id, hash, last_line)
SELECT %(import)s, hash, max(line) FROM import_key GROUP BY hash HAVING count(*) > 1

-- name: repeats_of
-- Which of these keys come more than once. Index: contact_import_repeat_pkey.
SELECT r.hash, r.last_line FROM contact_import_repeat r
WHERE r.import_id = %(import)s AND r.hash = ANY(%(hashes)s::bigint[])

-- name: held_add
-- Rows that wait for the last one of their key.
COPY contact_import_held (import_id, hash, line, cells) FROM STDIN

-- name: held_page
-- Rows that waited, in order, a page at a time. Index: contact_import_held_pkey.
SELECT h.hash, h.line, h.cells FROM contact_import_held h
WHERE h.import_id = %(import)s AND h.hash = ANY(%(hashes)s::bigint[])
    AND (h.hash, h.line) > (%(after_hash)s, %(after_line)s)
ORDER BY h.hash, h.line LIMIT %(limit)s

-- name: faults_add
-- Lines for the report. A line is there once, whatever was tried before.
INSERT INTO contact_import_fault (import_id, line, refused, reason, cells)
SELECT %(import)s, f.line, f.refused, f.reason, f.cells
FROM unnest(%(lines)s::bigint[], %(refused)s::boolean[], %(reasons)s::text[], %(cells)s::jsonb[])
    AS f (line, refused, reason, cells)
ON CONFLICT (import_id, line) DO NOTHING

-- name: faults_page
-- The report in the order of lines, a page at a time. Index: contact_import_fault_pkey.
SELECT line, refused, reason, cells FROM contact_import_fault
WHERE import_id = %(import)s AND line > %(after)s
ORDER BY line LIMIT %(limit)s

-- name: faults_count
-- Index: contact_import_fault_pkey.
SELECT count(*) FROM contact_import_fault WHERE import_id = %(import)s

-- name: consents_of
-- What contacts chose for some topics. Index: consent_once.
SELECT c.contact_id, c.topic, c.state FROM consent c
WHERE (c.lane, c.contact_id) IN (
    SELECT k.lane, k.id FROM unnest(%(lanes)s::smallint[], %(ids)s::bigint[]) AS k (lane, id))
    AND c.topic = ANY(%(topics)s)

-- name: import_locked
-- Where an import stands; nobody else carries it on until the transaction ends.
SELECT position FROM contact_import WHERE id = %(import)s FOR UPDATE

-- name: import_advance
-- An import has come so far.
UPDATE contact_import SET position = %(position)s, line = %(line)s, broken = %(broken)s,
    counts = %(counts)s::jsonb, joining = %(joining)s::bigint[]
WHERE id = %(import)s

-- name: import_joining
-- Where an import stands, and whom its last piece wrote who are not in the segment yet.
SELECT position, joining FROM contact_import WHERE id = %(import)s

-- name: import_joined
-- They are in it, unless merging has put another there meanwhile.
UPDATE contact_import SET joining = '{}', counts = %(counts)s::jsonb
WHERE id = %(import)s AND joining = %(joining)s::bigint[]

-- name: is_queue_long
-- Whether more touches than this wait for an engine that is there. Index: touch_pkey, read no further.
SELECT (SELECT count(*) > %(long)s FROM (SELECT FROM touch LIMIT %(long)s + 1) t)
    AND EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'millrace engine%%')

-- name: files_forget
-- The files of imports that ended, or never began, before an instant, and what was kept for them.
WITH old AS (
    UPDATE contact_import i SET file_gone_at = %(now)s
    WHERE i.file_gone_at IS NULL AND (
        i.finished_at < %(before)s
        OR i.status = 'ready' AND i.created_at < %(before)s
        OR i.status = 'uploading' AND i.created_at < %(stuck_before)s)
    RETURNING i.id),
held AS (DELETE FROM contact_import_held h USING old WHERE h.import_id = old.id),
repeats AS (DELETE FROM contact_import_repeat r USING old WHERE r.import_id = old.id),
chunks AS (DELETE FROM contact_import_chunk c USING old WHERE c.import_id = old.id)
SELECT count(*) FROM old

-- name: reports_forget
-- The reports of imports that ended before an instant.
WITH old AS (
    UPDATE contact_import i SET report_gone_at = %(now)s
    WHERE i.report_gone_at IS NULL AND i.finished_at < %(before)s
    RETURNING i.id),
faults AS (DELETE FROM contact_import_fault f USING old WHERE f.import_id = old.id)
SELECT count(*) FROM old
