-- Editions: who is inside where, and what publishing does to them. Every statement about contacts
-- names `lane`, but for the counts of the preview, which read a whole flow.

-- name: lock_all_lanes
-- Hold still every lane, in ascending order, for a change that concerns a whole flow.
SELECT lane FROM lane ORDER BY lane FOR UPDATE

-- name: inside_by_place
-- How many stand at each node of each version, and how many of them are parked. Index: visit_resting.
SELECT version_id, node, count(*), count(*) FILTER (WHERE state = 'failed')
FROM visit WHERE flow_id = %(flow)s AND state IN ('inside', 'failed') AND lane = ANY(%(lanes)s)
GROUP BY version_id, node

-- name: visits_at_places
-- Who stands at some nodes of some versions, parked ones too, and when their rest ends. Index: visit_resting.
SELECT v.id, v.lane, v.contact_id, v.version_id, v.node,
       (extract(epoch FROM v.arrived_at) * 1000000)::bigint, (extract(epoch FROM v.entered_at) * 1000000)::bigint,
       (extract(epoch FROM v.entry_at) * 1000000)::bigint, v.trigger, v.steps, v.state = 'failed',
       coalesce(v.due_at, v.held_due_at)
FROM unnest(%(versions)s::bigint[], %(nodes)s::text[]) x (version_id, node)
JOIN visit v ON v.flow_id = %(flow)s AND v.version_id = x.version_id AND v.node = x.node
WHERE v.state IN ('inside', 'failed') AND v.lane = ANY(%(lanes)s)

-- name: move_staying
-- To another version, at nodes that mean the same in it: nothing else changes, so no index does; but who comes under
-- another goal (`ask`) is asked for it. Index: visit_resting.
UPDATE visit v SET version_id = %(version)s, goal_at = CASE WHEN x.ask THEN %(now)s ELSE v.goal_at END
FROM unnest(%(versions)s::bigint[], %(nodes)s::text[], %(ask)s::boolean[]) x (version_id, node, ask)
WHERE v.flow_id = %(flow)s AND v.version_id = x.version_id AND v.node = x.node
  AND v.state IN ('inside', 'failed') AND v.lane = ANY(%(lanes)s)

-- name: move_visits
-- To another version, with a new end of the rest, and perhaps another node. Index: visit pk.
UPDATE visit v SET version_id = %(version)s, state = x.state, node = x.node, arrived_at = x.arrived_at, due_at = x.due_at,
                   held_due_at = NULL, steps = x.steps,
                   goal_at = CASE WHEN x.ask THEN %(now)s ELSE v.goal_at END,
                   error = CASE WHEN x.state = 'failed' THEN v.error ELSE '' END,
                   failed_at = CASE WHEN x.state = 'failed' THEN v.failed_at END,
                   failure = CASE WHEN x.state = 'failed' THEN v.failure ELSE '' END
FROM unnest(%(ids)s::bigint[], %(visit_lanes)s::smallint[], %(states)s::text[], %(nodes)s::text[], %(arrived)s::timestamptz[],
            %(due)s::timestamptz[], %(steps)s::int[], %(ask)s::boolean[])
  x (id, lane, state, node, arrived_at, due_at, steps, ask)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s)

-- name: insert_moved_steps
-- The step to another node. Index: step pk keeps each exactly once.
INSERT INTO step (lane, visit_id, number, flow_id, node, at, came_by)
SELECT x.lane, x.visit_id, x.number, %(flow)s, x.node, %(now)s, 'moved'
FROM unnest(%(step_lanes)s::smallint[], %(visits)s::bigint[], %(numbers)s::int[], %(nodes)s::text[]) x (lane, visit_id, number, node)

-- name: end_visits
-- Everybody inside a flow leaves: all of them, or those at some nodes of some versions. Index: visit_resting.
WITH ended AS (
  UPDATE visit v SET state = 'exited', left_at = %(now)s, reason = %(reason)s, due_at = NULL, held_due_at = NULL,
                     failed_at = NULL, failure = ''
  WHERE v.flow_id = %(flow)s AND v.lane = ANY(%(lanes)s) AND v.state IN ('inside', 'failed')
    AND (%(everybody)s OR (v.version_id, v.node) IN (SELECT * FROM unnest(%(versions)s::bigint[], %(nodes)s::text[])))
  RETURNING v.lane, v.id, v.contact_id, v.node, v.error)
SELECT lane, id, contact_id, node, error <> '' FROM ended

-- name: suppress_inside
-- Who has been moved to a version that suppresses a segment they are in is asked to leave. Index: visit_resting, membership (lane, segment_id, contact_id).
INSERT INTO touch (lane, contact_id, kind, name, detail, at)
SELECT v.lane, v.contact_id, 'flow', %(flow_key)s, %(detail)s, %(now)s
FROM segment s JOIN membership m ON m.segment_id = s.id JOIN visit v ON v.lane = m.lane AND v.contact_id = m.contact_id
WHERE s.key = %(segment)s AND v.flow_id = %(flow)s AND v.version_id = %(version)s AND v.state = 'inside' AND v.lane = ANY(%(lanes)s) AND m.lane = ANY(%(lanes)s)

-- name: enter_existing
-- Who was a member of a segment at publishing is asked to enter a flow at a trigger. Who has joined since has come in by
-- joining. Index: membership (lane, segment_id, …).
INSERT INTO touch (lane, contact_id, kind, name, detail, at)
SELECT m.lane, m.contact_id, 'flow', %(flow_key)s, %(detail)s, %(now)s
FROM membership m JOIN segment s ON s.id = m.segment_id
WHERE s.key = %(segment)s AND m.lane = ANY(%(lanes)s) AND m.since <= %(began)s

-- name: resume_held
-- What fell due in a paused flow goes on. Index: visit_held.
UPDATE visit v SET due_at = v.held_due_at, held_due_at = NULL
WHERE v.flow_id = %(flow)s AND v.lane = ANY(%(lanes)s) AND v.held_due_at IS NOT NULL

-- name: look_anew
-- Who rests where data may end the rest is decided anew. Index: visit_resting.
UPDATE visit v SET due_at = %(now)s
WHERE v.flow_id = %(flow)s AND v.lane = ANY(%(lanes)s) AND v.state = 'inside' AND v.node = ANY(%(nodes)s)

-- name: members_of_segments
-- How many members some segments have, added up over the lanes. Index: segment_size pk.
SELECT coalesce(sum(z.n), 0)::bigint FROM segment_size z JOIN segment s ON s.id = z.segment_id WHERE s.key = ANY(%(segments)s)

-- name: rollout_lanes_insert
-- A rollout is to be done in every lane.
INSERT INTO rollout_lane (lane, rollout_id) SELECT lane, %(rollout)s FROM lane

-- name: rollouts_open
-- The oldest rollout that is not over. Index: rollout_open (a table of a few rows).
SELECT id FROM rollout WHERE finished_at IS NULL ORDER BY id LIMIT 1

-- name: rollout_lock_lanes
-- Some lanes in which a rollout is still to be done and that no other worker holds. Index: rollout_lane pk.
SELECT l.lane FROM lane l
WHERE EXISTS (SELECT FROM rollout_lane r WHERE r.lane = l.lane AND r.rollout_id = %(rollout)s)
ORDER BY l.lane LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED

-- name: rollout_lanes_left
-- Which of these lanes are still to be done: another worker may have done them before they were locked. Index: rollout_lane pk.
SELECT lane FROM rollout_lane WHERE rollout_id = %(rollout)s AND lane = ANY(%(lanes)s)

-- name: rollout_lanes_done
-- These lanes are done. Index: rollout_lane pk.
DELETE FROM rollout_lane WHERE rollout_id = %(rollout)s AND lane = ANY(%(lanes)s)

-- name: merge_turns
-- Visits that move to the lane of the contact that is kept bring their turn along, where theirs was still to come: that
-- lane is done again. Members would be let in again, so not where these enter. Index: rollout_lane pk.
INSERT INTO rollout_lane (lane, rollout_id)
SELECT %(kept_lane)s, r.rollout_id FROM rollout_lane r JOIN rollout o ON o.id = r.rollout_id
WHERE r.lane = %(lost_lane)s AND o.entering = '[]'
ON CONFLICT (lane, rollout_id) DO NOTHING

-- name: rollout_finish
-- A rollout is over once no lane is left; its flow goes on whole.
WITH over AS (
  UPDATE rollout o SET finished_at = %(now)s
  WHERE o.id = %(rollout)s AND o.finished_at IS NULL
    AND (%(anyhow)s OR NOT EXISTS (SELECT FROM rollout_lane r WHERE r.rollout_id = o.id))
  RETURNING o.id, o.flow_id, o.version_id, o.kind)
UPDATE flow f SET moving_to = CASE WHEN o.kind = 'publish' AND f.moving_to = o.version_id THEN NULL ELSE f.moving_to END
FROM over o WHERE f.id = o.flow_id
RETURNING f.key

-- name: count_entering
-- How many of some people (`{people}`: lane, contact_id) the gate would let into a flow (`flows.engine.gate`): not inside
-- now, the last visit long enough ago, not suppressed, not at the goal (`{goal}`). Indexes: contact (lane, id), visit_of_contact, membership pk.
SELECT count(*)
FROM (SELECT DISTINCT lane, contact_id FROM ({people}) every) x
JOIN contact c ON c.lane = x.lane AND c.id = x.contact_id
WHERE NOT EXISTS (
    SELECT FROM visit v WHERE v.lane = x.lane AND v.contact_id = x.contact_id AND v.flow_id = %(flow)s
      AND (%(gap)s::float IS NULL OR v.state IN ('inside', 'failed') OR v.left_at + make_interval(secs => %(gap)s::float) > %(now)s))
  AND NOT EXISTS (
    SELECT FROM membership m JOIN segment s ON s.id = m.segment_id
    WHERE m.lane = x.lane AND m.contact_id = x.contact_id AND s.key = ANY(%(suppress)s))
  AND NOT ({goal})

-- name: members_people
-- A piece of `count_entering`: the members of a segment (`{name}` is its parameter). Index: membership (lane, segment_id, …).
SELECT m.lane, m.contact_id FROM membership m JOIN segment s ON s.id = m.segment_id WHERE s.key = %({name})s
