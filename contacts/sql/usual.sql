-- What is usual: bounded samples, for whoever writes a rule.

-- name: reckoned
-- How many contacts there are, as PostgreSQL last reckoned.
SELECT reltuples::bigint FROM pg_class WHERE oid = 'contact'::regclass

-- name: field_values
-- The usual values of a field among some contacts, and how many were looked at. `{value}` reads it.
-- No index: only so many of the table's pages are read as hold the sample.
WITH sampled AS MATERIALIZED (
    SELECT {value} AS value
    FROM contact c TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (1)
    LIMIT %(sample)s
),
single AS (
    SELECT s.value FROM sampled s WHERE jsonb_typeof(s.value) NOT IN ('null', 'array', 'object')
    UNION ALL
    SELECT one FROM sampled s, jsonb_array_elements(s.value) one
    WHERE jsonb_typeof(s.value) = 'array'
)
SELECT v.value, count(*), (SELECT count(*) FROM sampled) FROM single v
WHERE %(search)s = '' OR position(%(search)s IN lower(v.value #>> '{}')) > 0
GROUP BY v.value
UNION ALL
SELECT NULL, 0, (SELECT count(*) FROM sampled)
ORDER BY 2 DESC, 1 LIMIT %(limit)s

-- name: event_values
-- The usual values of a property of the latest events of one name, whatever their lane, and how many
-- were looked at. Index: event_named.
WITH sampled AS MATERIALIZED (
    SELECT s.properties #> %(path)s::text[] AS value
    FROM lane l
    CROSS JOIN LATERAL (
        SELECT e.properties FROM event e
        WHERE e.lane = l.lane AND e.name = %(name)s
        ORDER BY e.at DESC LIMIT %(per_lane)s) AS s
),
single AS (
    SELECT s.value FROM sampled s WHERE jsonb_typeof(s.value) NOT IN ('null', 'array', 'object')
    UNION ALL
    SELECT one FROM sampled s, jsonb_array_elements(s.value) one
    WHERE jsonb_typeof(s.value) = 'array' AND jsonb_typeof(one) NOT IN ('null', 'array', 'object')
)
SELECT v.value, count(*), (SELECT count(*) FROM sampled) FROM single v
WHERE %(search)s = '' OR position(%(search)s IN lower(v.value #>> '{}')) > 0
GROUP BY v.value
UNION ALL
SELECT NULL, 0, (SELECT count(*) FROM sampled)
ORDER BY 2 DESC, 1 LIMIT %(limit)s
