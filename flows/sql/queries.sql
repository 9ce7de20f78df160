-- The set work of the engine. Every statement names `lane`, in its inner queries and joins too.

-- name: running_flows
-- Which flows let in, carry or hold contacts now, and by which version. Index: flow pk (a small table).
SELECT id, key, name, status, live_version_id, moving_to FROM flow WHERE status IN ('live', 'paused') ORDER BY id

-- name: lock_lanes
-- Take a share of the lanes that have work and that no other worker holds, going round. Index: touch (lane, id), visit_due, visit_goal.
SELECT l.lane FROM lane l
WHERE l.lane = ANY(%(lanes)s)
  AND (EXISTS (SELECT FROM touch t WHERE t.lane = l.lane)
       OR EXISTS (SELECT FROM visit v WHERE v.lane = l.lane AND v.due_at <= %(now)s)
       OR EXISTS (SELECT FROM visit g WHERE g.lane = l.lane AND g.goal_at <= %(now)s AND g.state IN ('inside', 'failed'))
       OR l.lane = ANY(%(moved)s::smallint[]))
ORDER BY l.lane < %(first)s, l.lane
LIMIT %(share)s
FOR UPDATE OF l SKIP LOCKED

-- name: engines
-- How many engine workers are connected to this database.
SELECT count(DISTINCT application_name) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'millrace engine%%'

-- name: take_touches
-- Take the oldest touches of the locked lanes out of the queue, with the events they speak of; somebody new weighs more. Index: touch pk, event pk.
-- One snapshot for all parts, so what is deleted up to the last id of a lane is just what was chosen. Joining by
-- lane and not by id keeps the plan sound when the planner takes the queue for empty, as it does after a vacuum.
WITH last AS MATERIALIZED (
  SELECT q.lane, max(q.id) AS id FROM unnest(%(lanes)s::smallint[]) l
  CROSS JOIN LATERAL (
    SELECT w.id, w.lane FROM (
      SELECT h.id, h.lane, sum(CASE WHEN h.kind <> 'new' THEN 1 WHEN h.name = 'imported' THEN %(imported)s ELSE %(new)s END) OVER (ORDER BY h.id ROWS
        BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT id, lane, kind, name FROM touch WHERE lane = l ORDER BY id LIMIT %(per_lane)s) h) w
    WHERE coalesce(w.before, 0) < %(per_lane)s) q
  GROUP BY q.lane),
taken AS (
  DELETE FROM touch t USING last o WHERE t.lane = o.lane AND t.id <= o.id
  RETURNING t.id, t.lane, t.contact_id, t.kind, t.name, t.event_id, t.detail, t.at)
SELECT t.id, t.lane, t.contact_id, t.kind, t.name, t.event_id, t.detail, (extract(epoch FROM t.at) * 1000000)::bigint,
       (extract(epoch FROM e.at) * 1000000)::bigint, e.properties, e.touch
FROM taken t LEFT JOIN event e ON e.lane = t.lane AND e.id = t.event_id
ORDER BY t.id

-- name: visits_inside
-- The visits that these contacts have open in these flows, parked ones too. `OFFSET 0` has each contact looked up for itself: joined freely,
-- the planner would rather walk through everybody who is inside. Index: visit_one_at_a_time.
SELECT v.id, v.lane, v.contact_id, v.flow_id, v.version_id, v.node,
       (extract(epoch FROM v.arrived_at) * 1000000)::bigint, (extract(epoch FROM v.entered_at) * 1000000)::bigint,
       (extract(epoch FROM v.entry_at) * 1000000)::bigint, v.trigger, v.steps, v.state = 'failed'
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)
CROSS JOIN LATERAL (
  SELECT * FROM visit o
  WHERE o.lane = x.lane AND o.contact_id = x.contact_id AND o.flow_id = ANY(%(flows)s) AND o.state IN ('inside', 'failed')
  OFFSET 0) v
WHERE x.lane = ANY(%(lanes)s)

-- name: visits_due
-- Whose rest is over, in versions that can be walked. Index: visit_due.
SELECT v.id, v.lane, v.contact_id, v.flow_id, v.version_id, v.node,
       (extract(epoch FROM v.arrived_at) * 1000000)::bigint, (extract(epoch FROM v.entered_at) * 1000000)::bigint,
       (extract(epoch FROM v.entry_at) * 1000000)::bigint, v.trigger, v.steps, v.state = 'failed'
FROM visit v
WHERE v.lane = ANY(%(lanes)s) AND v.due_at <= %(until)s AND v.version_id = ANY(%(versions)s)
LIMIT %(limit)s

-- name: hold_due
-- What fell due in a paused flow is set aside until it is resumed. Index: visit_due.
UPDATE visit v SET held_due_at = v.due_at, due_at = NULL
WHERE v.lane = ANY(%(lanes)s) AND v.due_at <= %(until)s AND v.flow_id = ANY(%(flows)s)

-- name: last_visits
-- How the last visit of a contact to a flow stands. Index: visit_of_contact.
SELECT x.i, p.state, p.left_at
FROM unnest(%(flows)s::bigint[], %(contact_lanes)s::smallint[], %(contacts)s::bigint[]) WITH ORDINALITY x (flow_id, lane, contact_id, i)
JOIN LATERAL (
  SELECT v.state, v.left_at FROM visit v
  WHERE v.lane = x.lane AND v.contact_id = x.contact_id AND v.flow_id = x.flow_id
  ORDER BY v.id DESC LIMIT 1) p ON true

-- name: entered_too_often
-- Who has entered a flow so many times since an instant. Index: visit_of_contact, read no further than that many.
SELECT x.i
FROM unnest(%(flows)s::bigint[], %(contact_lanes)s::smallint[], %(contacts)s::bigint[]) WITH ORDINALITY x (flow_id, lane, contact_id, i)
JOIN LATERAL (
  SELECT v.entered_at FROM visit v
  WHERE v.lane = x.lane AND v.contact_id = x.contact_id AND v.flow_id = x.flow_id
  ORDER BY v.id DESC OFFSET %(most)s - 1 LIMIT 1) p ON p.entered_at > %(since)s

-- name: living_contacts
-- Which of these contacts exist. Index: contact (lane, id).
SELECT c.id FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)
JOIN contact c ON c.lane = x.lane AND c.id = x.contact_id

-- name: members_of
-- Which of these contacts are members of any of these segments. Index: membership (lane, segment_id, contact_id).
SELECT DISTINCT m.contact_id
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)
JOIN segment s ON s.key = ANY(%(segments)s)
JOIN membership m ON m.lane = x.lane AND m.segment_id = s.id AND m.contact_id = x.contact_id

-- name: take_visit_ids
-- Numbers for new visits.
SELECT nextval('visit_id_seq') FROM generate_series(1, %(n)s)

-- name: insert_visits
-- New visits, as they stand after their first pass. Rows come in binary form (common.binary).
COPY visit (id, lane, flow_id, version_id, contact_id, steps, state, node, arrived_at, due_at, entered_at, entry_at, left_at, left_by, reason, error, trigger)
FROM STDIN (FORMAT BINARY)

-- name: update_visits
-- Where visits stand after a pass. Index: visit_lane_id.
UPDATE visit v SET state = x.state, node = x.node, arrived_at = x.arrived_at, due_at = x.due_at, held_due_at = NULL, left_at = x.left_at, left_by = x.left_by,
                   reason = x.reason, error = x.error, steps = x.steps
FROM unnest(%(ids)s::bigint[], %(visit_lanes)s::smallint[], %(states)s::text[], %(nodes)s::text[], %(arrived)s::timestamptz[], %(due)s::timestamptz[],
            %(left)s::timestamptz[], %(left_by)s::text[], %(reasons)s::text[], %(errors)s::text[], %(steps)s::int[])
  x (id, lane, state, node, arrived_at, due_at, left_at, left_by, reason, error, steps)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s)

-- name: insert_steps
-- The steps of a pass, in binary form. Index: step pk keeps each exactly once.
COPY step (lane, visit_id, number, flow_id, node, at, came_by) FROM STDIN (FORMAT BINARY)

-- name: bump_counts
-- The live counters, and what they grow by in the slot of an instant (`flows.series`), in the rows of one lane that this pulse holds, so that no two
-- workers meet here. Index: flow_count pk, flow_series pk.
WITH grown AS MATERIALIZED (
  SELECT x.flow_id, x.node, x.what, x.n
  FROM unnest(%(flows)s::bigint[], %(nodes)s::text[], %(whats)s::text[], %(ns)s::bigint[]) x (flow_id, node, what, n)),
slot AS (
  INSERT INTO flow_series AS s (flow_id, at, lane, node, what, n)
  SELECT g.flow_id, date_bin('5 minutes', %(at)s::timestamptz, to_timestamp(0)), %(lane)s, g.node, k.kind, sum(g.n)
  FROM grown g, LATERAL (
    SELECT CASE WHEN g.what LIKE 'out:%%' THEN 'out' WHEN g.what = 'failed' AND g.n < 0 THEN 'mended' ELSE g.what END AS kind) k
  GROUP BY g.flow_id, g.node, k.kind
  ON CONFLICT (flow_id, at, lane, node, what) DO UPDATE SET n = s.n + excluded.n)
INSERT INTO flow_count AS f (lane, flow_id, node, what, n)
SELECT %(lane)s, g.flow_id, g.node, g.what, g.n FROM grown g
ON CONFLICT (lane, flow_id, node, what) DO UPDATE SET n = f.n + excluded.n

-- name: touch_flows
-- Ask the engine to add contacts to a flow or take them out.
INSERT INTO touch (lane, contact_id, kind, name, detail, at)
SELECT x.lane, x.contact_id, 'flow', %(flow)s, %(detail)s, %(now)s
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)

-- name: counts_of
-- The counters of some flows, added up over the lanes. Index: flow_count pk (lane, flow_id).
SELECT flow_id, node, what, sum(n)::bigint AS n FROM flow_count WHERE flow_id = ANY(%(flows)s) GROUP BY flow_id, node, what

-- name: next_due
-- When the next visit leaves each node by time. Index: visit_resting.
SELECT node, min(due_at) AS due_at FROM visit WHERE flow_id = %(flow)s AND state = 'inside' AND due_at IS NOT NULL GROUP BY node

-- name: merge_open
-- The open visits of two contacts, the earlier first. Index: visit_one_at_a_time.
SELECT v.id, v.lane, v.contact_id, v.flow_id, v.node, v.state FROM visit v
WHERE v.state IN ('inside', 'failed')
  AND ((v.lane = %(kept_lane)s AND v.contact_id = %(kept_id)s) OR (v.lane = %(lost_lane)s AND v.contact_id = %(lost_id)s))
ORDER BY v.entered_at, v.id

-- name: merge_end
-- Of two open visits of one flow the later ends. Index: visit pk.
UPDATE visit v SET state = 'exited', left_at = %(now)s, reason = 'merged with another contact', due_at = NULL, held_due_at = NULL
WHERE v.lane = %(lane)s AND v.id = ANY(%(visits)s)

-- name: merge_steps
-- The steps of the lost contact's visits go along. Index: step pk, visit_of_contact.
UPDATE step s SET lane = %(kept_lane)s
FROM visit v
WHERE v.lane = %(lost_lane)s AND v.contact_id = %(lost_id)s AND s.lane = %(lost_lane)s AND s.visit_id = v.id AND %(kept_lane)s <> %(lost_lane)s

-- name: merge_visits
-- The visits of the lost contact become the kept one's. Index: visit_of_contact.
UPDATE visit v SET lane = %(kept_lane)s, contact_id = %(kept_id)s
WHERE v.lane = %(lost_lane)s AND v.contact_id = %(lost_id)s

-- name: forget_counts
-- A contact is deleted with all its data: the counters lose what it had added. Index: visit_of_contact, step pk.
WITH mine AS (
  SELECT v.id, v.lane, v.flow_id, v.node, v.state, v.left_by FROM visit v WHERE v.lane = %(lane)s AND v.contact_id = %(contact)s),
walked AS (
  SELECT s.flow_id, s.node, s.came_by, lag(s.node) OVER (PARTITION BY s.visit_id ORDER BY s.number) AS before
  FROM mine m JOIN step s ON s.lane = m.lane AND s.visit_id = m.id WHERE s.lane = %(lane)s),
lost AS (
  SELECT flow_id, ''::text AS node, 'entered' AS what FROM mine
  UNION ALL SELECT flow_id, '', state FROM mine WHERE state <> 'inside'
  UNION ALL SELECT flow_id, node, 'failed' FROM mine WHERE state = 'failed'
  UNION ALL SELECT flow_id, node, 'out:' || left_by FROM mine WHERE state NOT IN ('inside', 'failed')
  UNION ALL SELECT flow_id, node, 'in' FROM walked
  UNION ALL SELECT flow_id, before, 'out:' || came_by FROM walked WHERE before IS NOT NULL),
taken AS (
  INSERT INTO flow_series AS s (flow_id, at, lane, node, what, n)
  SELECT l.flow_id, to_timestamp(0), %(lane)s, l.node, k.kind, -count(*)
  FROM lost l, LATERAL (SELECT CASE WHEN l.what LIKE 'out:%%' THEN 'out' ELSE l.what END AS kind) k
  GROUP BY l.flow_id, l.node, k.kind
  ON CONFLICT (flow_id, at, lane, node, what) DO UPDATE SET n = s.n + excluded.n)
INSERT INTO flow_count AS f (lane, flow_id, node, what, n)
SELECT %(lane)s, flow_id, node, what, -count(*) FROM lost GROUP BY flow_id, node, what
ON CONFLICT (lane, flow_id, node, what) DO UPDATE SET n = f.n + excluded.n

-- name: counters
-- Every live counter, added up over the lanes.
SELECT flow_id, node, what, sum(n)::bigint FROM flow_count GROUP BY flow_id, node, what

-- name: flows_using_segments
-- Which flows name which segments and by what: a node's type, an exit, `suppress` or `rule` (a
-- condition or the goal); in the draft or the live version. No index: as many rows as there are
-- flows.
WITH drawn AS (
    SELECT f.key, f.name, f.graph, f.settings FROM flow f WHERE f.status <> 'archived'
    UNION ALL
    SELECT f.key, f.name, v.graph, v.settings
    FROM flow f JOIN flow_version v ON v.id = f.live_version_id WHERE f.status <> 'archived'
),
named AS (
    SELECT d.key, d.name, node->>'type' AS by, node->'config'->'segment' AS segment
    FROM drawn d, jsonb_path_query(d.graph, '$.nodes[*]') node
    UNION ALL
    SELECT d.key, d.name, 'once', segment
    FROM drawn d, jsonb_path_query(d.graph, '$.nodes[*] ? (@.type == "once").config.segments[*]') segment
    UNION ALL
    SELECT d.key, d.name, 'once_without', segment
    FROM drawn d, jsonb_path_query(d.graph, '$.nodes[*] ? (@.type == "once").config.exclude[*]') segment
    UNION ALL
    SELECT d.key, d.name, 'rule', segment
    FROM drawn d, jsonb_path_query(d.graph,
        'strict $.nodes[*].config.** ? (@.type == "segment").segment', silent => true) segment
    UNION ALL
    SELECT d.key, d.name, 'exit_' || (leave->>'type'), leave->'segment'
    FROM drawn d, jsonb_path_query(d.settings, '$.exit_when[*]') leave
    UNION ALL
    SELECT d.key, d.name, 'suppress', segment
    FROM drawn d, jsonb_path_query(d.settings, '$.suppress[*]') segment
    UNION ALL
    SELECT d.key, d.name, 'goal', segment
    FROM drawn d, jsonb_path_query(d.settings,
        'strict $.goal.** ? (@.type == "segment").segment', silent => true) segment
)
SELECT DISTINCT segment #>> '{}', key, name, by FROM named WHERE jsonb_typeof(segment) = 'string'

-- name: flows_follow_segment
-- Whether the text of a running flow's version holds a segment's key. It may be the key of something
-- else: then touches are written for nothing. Index: flow_version (flow_id, number).
SELECT EXISTS (SELECT FROM flow f JOIN flow_version v ON v.flow_id = f.id
    WHERE f.status IN ('live', 'paused')
        AND strpos(v.graph::text || v.settings::text, %(quoted)s) > 0)

-- name: live_flows_of_segment
-- The flows that let contacts in, out or not at all by the joins and leaves of a segment, as they
-- are live now. No index: as many rows as there are flows.
SELECT f.id, f.key, f.name, f.status, v.settings,
    jsonb_path_exists(v.graph,
        '$.nodes[*] ? (@.type == "segment_entered" && @.config.segment == $key)',
        jsonb_build_object('key', %(key)s::text)) AS lets_joining_in,
    jsonb_path_exists(v.graph,
        '$.nodes[*] ? (@.type == "segment_left" && @.config.segment == $key)',
        jsonb_build_object('key', %(key)s::text)) AS lets_leaving_in
FROM flow f JOIN flow_version v ON v.id = f.live_version_id
WHERE f.status = 'live'
ORDER BY f.name, f.key

-- name: count_may_enter
-- How many of these contacts the gate would let into a flow (`flows.engine.gate`): not inside now, the
-- last visit long enough ago, not suppressed, and not at the goal (`{goal}`). Indexes: contact pk,
-- visit_of_contact, membership pk.
SELECT count(*)
FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)
JOIN contact c ON c.lane = x.lane AND c.id = x.contact_id
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT v.state, v.left_at FROM visit v
        WHERE v.lane = x.lane AND v.contact_id = x.contact_id AND v.flow_id = %(flow)s
        ORDER BY v.id DESC LIMIT 1
    ) last
    WHERE %(gap)s::float IS NULL OR last.state IN ('inside', 'failed')
        OR last.left_at + make_interval(secs => %(gap)s::float) > %(now)s)
    AND NOT EXISTS (
        SELECT FROM membership m JOIN segment s ON s.id = m.segment_id
        WHERE m.lane = x.lane AND m.contact_id = x.contact_id AND s.key = ANY(%(suppress)s))
    AND NOT ({goal})

-- name: count_inside
-- How many of these contacts are inside a flow. Index: visit_of_contact.
SELECT count(DISTINCT x.contact_id)
FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)
JOIN visit v ON v.lane = x.lane AND v.contact_id = x.contact_id AND v.flow_id = %(flow)s
    AND v.state = 'inside'
