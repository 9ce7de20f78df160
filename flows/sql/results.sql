-- What came of a flow: read by people, over all lanes; and what the home page shows.

-- name: visit_since
-- A visit's id before which nobody entered since an instant: found by halves, as ids grow with time.
-- Index: visit pk.
WITH RECURSIVE look (low, high) AS (
    SELECT (SELECT min(id) FROM visit), (SELECT max(id) + 1 FROM visit)
    UNION ALL
    SELECT CASE WHEN p.at < %(at)s THEN l.middle + 1 ELSE l.low END,
        CASE WHEN p.at < %(at)s THEN l.high ELSE l.middle END
    FROM (SELECT low, high, (low + high) / 2 AS middle FROM look WHERE low < high) l
    LEFT JOIN LATERAL (
        SELECT entered_at AS at FROM visit WHERE id >= l.middle ORDER BY id LIMIT 1) p ON true
)
SELECT max(low) FROM look

-- name: message_since
-- Likewise of messages. Index: message pk.
WITH RECURSIVE look (low, high) AS (
    SELECT (SELECT min(id) FROM message), (SELECT max(id) + 1 FROM message)
    UNION ALL
    SELECT CASE WHEN p.at < %(at)s THEN l.middle + 1 ELSE l.low END,
        CASE WHEN p.at < %(at)s THEN l.high ELSE l.middle END
    FROM (SELECT low, high, (low + high) / 2 AS middle FROM look WHERE low < high) l
    LEFT JOIN LATERAL (
        SELECT created_at AS at FROM message WHERE id >= l.middle ORDER BY id LIMIT 1) p ON true
)
SELECT max(low) FROM look

-- name: cohort
-- Whom the question is about: those who entered in a period, one version's, one segment's. It is a
-- table for this transaction alone. Indexes: visit_of_flow, membership pk.
CREATE TEMPORARY TABLE cohort ON COMMIT DROP AS
SELECT v.lane, v.id, v.contact_id, v.state, v.node, v.entered_at, v.left_at, v.left_by
FROM visit v
WHERE v.flow_id = %(flow)s AND v.id >= %(first)s
    AND v.entered_at >= %(from)s AND v.entered_at < %(to)s
    AND (%(version)s::bigint IS NULL OR v.version_id = %(version)s::bigint)
    AND (%(segment)s::bigint IS NULL OR EXISTS (
        SELECT FROM membership m WHERE m.lane = v.lane AND m.segment_id = %(segment)s::bigint
            AND m.contact_id = v.contact_id))

-- name: memory
-- Sorted and hashed in memory; on disk that takes several times as long.
SET LOCAL work_mem = '128MB'

-- name: analyse_cohort
-- So that the planner knows how many there are.
ANALYZE cohort

-- name: outcomes
-- How they stand, and where: of the cohort alone.
SELECT state, node, count(*) FROM cohort GROUP BY state, node

-- name: goal_by_day
-- How many of those who entered on a day reached the goal: of the cohort alone.
SELECT date_trunc('day', entered_at, %(zone)s) AS day, count(*),
    count(*) FILTER (WHERE state = 'converted')
FROM cohort GROUP BY day ORDER BY day

-- name: goal_time
-- How long they took, by the median: of the cohort alone.
SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY left_at - entered_at))::float
FROM cohort WHERE state = 'converted'

-- name: arrivals
-- How many arrivals there were at each node, and whether anybody was moved there. Index: step pk.
SELECT s.node, count(*), bool_or(s.came_by = 'moved')
FROM cohort c JOIN step s ON s.lane = c.lane AND s.visit_id = c.id
GROUP BY s.node

-- name: once_each
-- How many came at least once to each of some nodes to which they may have come again. Index: step pk.
SELECT node, count(*) FROM (
    SELECT s.node COLLATE "C" AS node, s.visit_id FROM cohort c
    JOIN step s ON s.lane = c.lane AND s.visit_id = c.id AND s.node = ANY(%(nodes)s::text[])
    GROUP BY s.visit_id, s.node COLLATE "C"
) reached GROUP BY node

-- name: branches
-- Which way they took out of some nodes the first time, and how many of those reached the goal.
-- Index: step pk.
WITH taken AS (
    SELECT DISTINCT ON (c.id, s.node COLLATE "C") s.node, coalesce(n.came_by, c.left_by) AS branch, c.state
    FROM cohort c
    JOIN step s ON s.lane = c.lane AND s.visit_id = c.id AND s.node = ANY(%(nodes)s::text[])
    LEFT JOIN step n ON n.lane = s.lane AND n.visit_id = s.visit_id AND n.number = s.number + 1
    ORDER BY c.id, s.node COLLATE "C", s.number
)
SELECT node, branch, count(*), count(*) FILTER (WHERE state = 'converted')
FROM taken GROUP BY node, branch

-- name: emails
-- What became of the e-mails sent to them, by node: how many messages, and of how many there was
-- each event since. Indexes: message_once (lane, visit_id, step), event_of_contact.
WITH mails AS MATERIALIZED (
    SELECT m.id, m.lane, m.contact_id, m.node, m.status, m.created_at
    FROM cohort c JOIN message m ON m.lane = c.lane AND m.visit_id = c.id
    WHERE m.purpose = 'marketing'
),
heard AS (
    SELECT DISTINCT m.node, e.name, m.id
    FROM (SELECT DISTINCT lane, contact_id FROM mails WHERE status = 'sent') w
    JOIN event e ON e.lane = w.lane AND e.contact_id = w.contact_id
        AND e.name = ANY(%(events)s::text[])
    JOIN mails m ON m.lane = e.lane AND m.contact_id = e.contact_id
        AND e.properties ->> 'message' = m.id::text
)
SELECT node, status, count(*) FROM mails GROUP BY node, status
UNION ALL
SELECT node, name, count(*) FROM heard GROUP BY node, name

-- name: joined_by_day
-- Joins and leaves of all segments since a day. Index: segment_day_of_segment.
SELECT d.day, sum(d.joined)::bigint, sum(d.parted)::bigint
FROM segment s JOIN segment_day d ON d.segment_id = s.id AND d.day >= %(since)s
WHERE NOT s.system GROUP BY d.day

-- name: messages_by_day
-- What became of the messages since an instant. Index: message pk from the first one on.
SELECT date_trunc('day', created_at, %(zone)s) AS day,
    count(*) FILTER (WHERE status = 'sent'),
    count(*) FILTER (WHERE status IN ('withheld', 'held_back')),
    count(*) FILTER (WHERE status = 'failed')
FROM message WHERE id >= %(first)s AND created_at >= %(from)s GROUP BY day

-- name: events_lately
-- How many messages of sources came in since an instant. Index: event_message_received.
SELECT count(*) FROM event_message WHERE received_at > %(from)s
