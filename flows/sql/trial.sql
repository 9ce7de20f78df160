-- What a backtest needs: the structure of the real tables, and pieces of their rows. `{source}` is
-- the schema of the real tables; names without a schema are those of the trial's own.

-- name: tables
-- The tables that a trial has, too. A partitioned one is a plain table there.
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT c.relname LIKE ANY(%(left_out)s) ORDER BY c.relname

-- name: sequences
-- The sequences behind columns that are filled by default (those of identity columns follow alone).
SELECT s.relname, t.relname, a.attname
FROM pg_class s
JOIN pg_namespace n ON n.oid = s.relnamespace
JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE n.nspname = %(source)s AND s.relkind = 'S' AND NOT t.relname LIKE ANY(%(left_out)s)
ORDER BY s.relname

-- name: collations
-- The collations that the rooms have made.
SELECT c.collname FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname = %(source)s ORDER BY c.collname

-- name: functions
-- The functions that the rooms have made: not those of extensions and of the jobs.
SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %(source)s AND p.prokind = 'f' AND NOT p.proname LIKE 'procrastinate\_%%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid

-- name: constraints
-- Keys and checks; what refers to another table is left out, as rows of those may be.
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND k.contype IN ('p', 'u', 'c', 'x') AND NOT c.relispartition
    AND c.relkind IN ('r', 'p') AND NOT c.relname LIKE ANY(%(left_out)s)
ORDER BY k.contype = 'c', c.relname, k.conname

-- name: indexes
-- The indexes behind which no key stands.
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND NOT c.relispartition AND c.relkind IN ('r', 'p')
    AND NOT c.relname LIKE ANY(%(left_out)s)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid

-- name: triggers
-- The triggers that the rooms have made.
SELECT pg_get_triggerdef(t.oid)
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND NOT t.tgisinternal AND NOT c.relispartition
    AND NOT c.relname LIKE ANY(%(left_out)s)
ORDER BY t.oid

-- name: trials
-- The schemas of trials.
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'trial\_%%' ORDER BY nspname

-- name: columns
-- The columns of a table of the trial that are written.
SELECT a.attname FROM pg_attribute a
WHERE a.attrelid = (current_schema() || '.' || %(table)s)::regclass AND a.attnum > 0
    AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
