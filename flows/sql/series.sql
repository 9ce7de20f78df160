-- The counts of flows over time. What the pulse writes of them is in `bump_counts` (queries.sql).

-- name: series
-- A flow's counts in a period, by slots of so many seconds; and, without a slot, its counters as they
-- stand at the same instant. Indexes: flow_series pk, flow_count pk.
SELECT date_bin(make_interval(secs => %(step)s), s.at, to_timestamp(0)) AS slot, s.node, s.what, sum(s.n)::bigint
FROM flow_series s
WHERE s.flow_id = %(flow)s AND s.at >= %(from)s AND s.at < %(to)s
GROUP BY slot, s.node, s.what
UNION ALL
SELECT NULL, c.node, c.what, sum(c.n)::bigint
FROM flow_count c WHERE c.flow_id = %(flow)s
GROUP BY c.node, c.what

-- name: series_by_day
-- Likewise, by days of the workspace's zone. Indexes: flow_series pk, flow_count pk.
SELECT date_trunc('day', s.at, %(zone)s) AS slot, s.node, s.what, sum(s.n)::bigint
FROM flow_series s
WHERE s.flow_id = %(flow)s AND s.at >= %(from)s AND s.at < %(to)s
GROUP BY slot, s.node, s.what
UNION ALL
SELECT NULL, c.node, c.what, sum(c.n)::bigint
FROM flow_count c WHERE c.flow_id = %(flow)s
GROUP BY c.node, c.what

-- name: series_of_flows
-- What entered, converted and moved in some flows, by hour, since an instant. Index: flow_series pk.
SELECT s.flow_id, date_trunc('hour', s.at, 'UTC') AS hour, s.what, sum(s.n)::bigint
FROM flow_series s
WHERE s.flow_id = ANY(%(flows)s::bigint[]) AND s.at >= %(from)s AND s.what = ANY(%(whats)s::text[])
    AND s.node = ''
GROUP BY s.flow_id, hour, s.what

-- name: moved_lately
-- How many steps were taken in some flows since an instant. Index: flow_series pk.
SELECT coalesce(sum(s.n), 0)::bigint FROM flow_series s
WHERE s.flow_id = ANY(%(flows)s::bigint[]) AND s.at >= %(from)s AND s.what = 'in' AND s.node <> ''

-- name: entered_lately
-- How many entered some flows since an instant. Index: flow_series pk.
SELECT s.flow_id, sum(s.n)::bigint FROM flow_series s
WHERE s.flow_id = ANY(%(flows)s::bigint[]) AND s.at >= %(from)s AND s.what = 'entered'
    AND s.node = ''
GROUP BY s.flow_id

-- name: next_slot
-- The first slot of any flow from an instant on. Index: flow_series pk, one probe per flow.
SELECT min(first.at) FROM flow f, LATERAL (
    SELECT s.at FROM flow_series s WHERE s.flow_id = f.id AND s.at >= %(from)s AND s.at < %(to)s
    ORDER BY s.at LIMIT 1) first

-- name: fold
-- The rows of a period become one row per count, of one lane, in the slot `into`; says how many rows
-- went. Index: flow_series pk.
WITH gone AS (
    DELETE FROM flow_series s
    WHERE s.flow_id IN (SELECT id FROM flow) AND s.at >= %(from)s AND s.at < %(to)s
        AND (s.at <> %(into)s OR s.lane <> 0)
    RETURNING s.flow_id, s.node, s.what, s.n),
folded AS (
    INSERT INTO flow_series AS s (flow_id, at, lane, node, what, n)
    SELECT flow_id, %(into)s, 0, node, what, sum(n) FROM gone GROUP BY flow_id, node, what
    ON CONFLICT (flow_id, at, lane, node, what) DO UPDATE SET n = s.n + excluded.n)
SELECT count(*) FROM gone
