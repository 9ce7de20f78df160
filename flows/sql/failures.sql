-- Failures and the people inside: who is chosen, and what is done to them. Every statement names `lane`.

-- name: note_failures
-- When visits have failed and of what kind; only those for which something failed are written twice. Index: visit_lane_id.
UPDATE visit v SET failed_at = %(now)s, failure = x.failure
FROM unnest(%(ids)s::bigint[], %(visit_lanes)s::smallint[], %(failures)s::text[]) x (id, lane, failure)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s)

-- name: failure_groups
-- The failures of a flow by step and kind. Index: visit_failed, and nothing but that.
SELECT node, failure, count(*), min(failed_at), max(failed_at), max(id) FROM visit
WHERE flow_id = %(flow)s AND state = 'failed' AND lane = ANY(%(lanes)s)
GROUP BY node, failure ORDER BY count(*) DESC, node, failure LIMIT %(limit)s

-- name: chosen
-- A fragment, put where {chosen} stands: whom a person means among the visits v of a flow. What is
-- not asked for falls away when the statement is planned.
v.flow_id = %(flow)s AND v.lane = ANY(%(lanes)s) AND {states}
  AND coalesce(v.failed_at, v.arrived_at) <= %(asked_at)s
  AND (%(visits)s::bigint[] IS NULL OR v.id = ANY(%(visits)s::bigint[]))
  AND (%(contacts)s::bigint[] IS NULL OR v.contact_id = ANY(%(contacts)s::bigint[]))
  AND (%(nodes)s::text[] IS NULL OR v.node = ANY(%(nodes)s::text[]))
  AND (%(kind)s::text IS NULL OR v.failure = %(kind)s::text)
  AND (%(but)s::text IS NULL OR v.state = 'failed' OR v.node <> %(but)s::text)

-- name: count_chosen
-- How many are meant, by version and step. Index: visit_failed or visit_resting, visit_of_contact, visit pk.
SELECT v.version_id, v.node, count(*) FROM visit v WHERE {chosen} GROUP BY v.version_id, v.node

-- name: lanes_chosen
-- In which lanes they are. Index: as count_chosen.
SELECT DISTINCT v.lane FROM visit v WHERE {chosen}

-- name: take_chosen
-- The next of those who are meant, by id; the lanes must be held. Index: as count_chosen.
SELECT v.id, v.lane, v.contact_id, v.version_id, v.node, v.state = 'failed', v.steps
FROM visit v WHERE {chosen} AND v.id > %(after)s ORDER BY v.id LIMIT %(limit)s

-- name: lock_some_lanes
-- Hold some lanes, in ascending order, as a pulse holds them.
SELECT lane FROM lane WHERE lane = ANY(%(lanes)s) ORDER BY lane FOR UPDATE

-- name: run_again
-- The step where a visit stands is decided anew at once: after a failure, or before its rest is over. Index: visit_lane_id.
UPDATE visit v SET state = 'inside', version_id = x.version_id, due_at = %(now)s, held_due_at = NULL, error = '', failed_at = NULL, failure = ''
FROM unnest(%(ids)s::bigint[], %(visit_lanes)s::smallint[], %(versions)s::bigint[]) x (id, lane, version_id)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s)

-- name: send_on
-- To another step: a step there, by a branch or `moved`, and it is decided at once. Index: visit_lane_id; step pk keeps the step exactly once.
WITH sent AS (
  UPDATE visit v SET state = 'inside', version_id = x.version_id, node = x.target, arrived_at = %(now)s, due_at = %(now)s, held_due_at = NULL,
                     steps = v.steps + 1, error = '', failed_at = NULL, failure = ''
  FROM unnest(%(ids)s::bigint[], %(visit_lanes)s::smallint[], %(versions)s::bigint[], %(targets)s::text[], %(branches)s::text[]) x (id, lane, version_id, target, branch)
  WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s)
  RETURNING v.lane, v.id, v.steps - 1 AS number, v.node, x.branch)
INSERT INTO step (lane, visit_id, number, flow_id, node, at, came_by)
SELECT s.lane, s.id, s.number, %(flow)s, s.node, %(now)s, s.branch FROM sent s

-- name: end_chosen
-- Visits end where they stand. Index: visit_lane_id.
UPDATE visit v SET state = %(state)s, left_at = %(now)s, left_by = x.branch, reason = %(reason)s, due_at = NULL, held_due_at = NULL, error = '',
                   failed_at = NULL, failure = ''
FROM unnest(%(ids)s::bigint[], %(visit_lanes)s::smallint[], %(branches)s::text[]) x (id, lane, branch)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s)

-- name: suppressed_among
-- Of these contacts, those in a segment that a version suppresses. Index: membership (lane, segment_id, contact_id).
SELECT DISTINCT m.lane, m.contact_id, s.key
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, contact_id)
JOIN segment s ON s.key = ANY(%(segments)s)
JOIN membership m ON m.lane = x.lane AND m.segment_id = s.id AND m.contact_id = x.contact_id

-- name: failed_now
-- How many have failed at each step of the flows that run. Index: flow_count_failed.
SELECT c.flow_id, c.node, sum(c.n)::bigint FROM flow_count c WHERE c.what = 'failed' AND c.node <> ''
GROUP BY c.flow_id, c.node HAVING sum(c.n) > 0

-- name: failing_since
-- Since when somebody is parked at some steps: a look at the first of each lane. Index: visit_failed.
SELECT x.flow_id, x.node, min(f.failed_at)
FROM unnest(%(flows)s::bigint[], %(nodes)s::text[]) x (flow_id, node)
CROSS JOIN unnest(%(lanes)s::smallint[]) l (lane)
CROSS JOIN LATERAL (
  SELECT v.failed_at FROM visit v
  WHERE v.flow_id = x.flow_id AND v.node = x.node AND v.lane = l.lane AND v.state = 'failed'
  ORDER BY v.failed_at LIMIT 1) f
GROUP BY x.flow_id, x.node

-- name: oldest_waiting
-- The oldest of what waits for the engine: in the inbox, touched, due. Index: inbox pk, touch pk and visit_due, one look per lane.
SELECT (SELECT received_at FROM inbox ORDER BY id LIMIT 1),
       (SELECT min(t.at) FROM unnest(%(lanes)s::smallint[]) l (lane)
         CROSS JOIN LATERAL (SELECT q.at FROM touch q WHERE q.lane = l.lane ORDER BY q.id LIMIT 1) t),
       (SELECT min(d.due_at) FROM unnest(%(lanes)s::smallint[]) l (lane)
         CROSS JOIN LATERAL (SELECT v.due_at FROM visit v WHERE v.lane = l.lane AND v.due_at <= %(now)s ORDER BY v.due_at LIMIT 1) d)

-- name: put_aside
-- Touches that nobody can process leave the engine's way; of contacts that are still there. Index: contact (lane, id).
INSERT INTO set_aside (lane, contact_id, kind, name, event_id, detail, at, error, aside_at)
SELECT x.lane, x.contact_id, x.kind, x.name, x.event_id, x.detail, coalesce(x.at, %(now)s), %(error)s, %(now)s
FROM unnest(%(touch_lanes)s::smallint[], %(contacts)s::bigint[], %(kinds)s::text[], %(names)s::text[], %(events)s::bigint[], %(details)s::jsonb[], %(ats)s::timestamptz[])
  x (lane, contact_id, kind, name, event_id, detail, at)
JOIN contact c ON c.lane = x.lane AND c.id = x.contact_id

-- name: put_stage_aside
-- A stage of the pulse has failed: one row for as long as it does. Index: set_aside_stage.
INSERT INTO set_aside (lane, kind, name, at, error, aside_at) VALUES (%(lane)s, 'stage', %(stage)s, %(now)s, %(error)s, %(now)s)
ON CONFLICT (lane, name) WHERE contact_id IS NULL DO UPDATE SET error = excluded.error, aside_at = excluded.aside_at,
  at = CASE WHEN set_aside.aside_at < excluded.aside_at - interval '10 minutes' THEN excluded.at ELSE set_aside.at END

-- name: take_back
-- What was set aside goes into the engine's queue again, in the order in which it first came. Index: set_aside pk.
WITH back AS (
  DELETE FROM set_aside s WHERE s.contact_id IS NOT NULL AND (%(ids)s::bigint[] IS NULL OR s.id = ANY(%(ids)s::bigint[]))
  RETURNING s.id, s.lane, s.contact_id, s.kind, s.name, s.event_id, s.detail, s.at)
INSERT INTO touch (lane, contact_id, kind, name, event_id, detail, at)
SELECT b.lane, b.contact_id, b.kind, b.name, b.event_id, b.detail, b.at FROM back b ORDER BY b.id

-- name: merge_aside
-- What was set aside of the lost contact becomes the kept one's. Index: set_aside_of_contact.
UPDATE set_aside s SET lane = %(kept_lane)s, contact_id = %(kept_id)s WHERE s.lane = %(lost_lane)s AND s.contact_id = %(lost_id)s

-- name: aside_now
-- What is set aside: touches ever since, stages that have failed lately. No index: there is nothing there when all is well.
SELECT kind = 'stage', count(*), min(at), max(name), max(error) FROM set_aside WHERE kind <> 'stage' OR aside_at > %(lately)s
GROUP BY kind = 'stage'

-- name: flow_is_there
-- Whether a flow has not been deleted. Index: flow_key_key (a small table).
SELECT id FROM flow WHERE key = %(flow)s
