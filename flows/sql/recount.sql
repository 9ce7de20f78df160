-- The counters of flows, counted anew. The one statement reads whole tables and no lane: it is for a check, not for the pulse.

-- name: differences
-- Every live counter that is not what the rows say, both taken from one snapshot, so that nothing need stand still. A
-- step's branch is told by the step after it. What has been cleaned up counts on (`flow_past`). Reads all visits and steps once,
-- and the steps once more.
WITH recounted AS (
  SELECT flow_id, '' AS node, 'entered' AS what, count(*) AS n FROM visit GROUP BY flow_id
  UNION ALL
  SELECT flow_id, '', state, count(*) FROM visit WHERE state <> 'inside' GROUP BY flow_id, state
  UNION ALL
  SELECT flow_id, node, 'failed', count(*) FROM visit WHERE state = 'failed' GROUP BY flow_id, node
  UNION ALL
  SELECT flow_id, node, 'out:' || left_by, count(*) FROM visit WHERE state NOT IN ('inside', 'failed') GROUP BY flow_id, node, left_by
  UNION ALL
  SELECT flow_id, node, 'in', count(*) FROM step GROUP BY flow_id, node
  UNION ALL
  SELECT s.flow_id, s.node, 'out:' || n.came_by, count(*)
  FROM step s JOIN step n ON n.lane = s.lane AND n.visit_id = s.visit_id AND n.number = s.number + 1
  GROUP BY s.flow_id, s.node, n.came_by
  UNION ALL
  SELECT flow_id, node, what, n FROM flow_past),
both_ways AS (
  SELECT flow_id, node, what, 0::bigint AS counted, n::bigint FROM recounted
  UNION ALL
  SELECT flow_id, node, what, n, 0 FROM flow_count)
SELECT flow_id, node, what, sum(counted)::bigint, sum(n)::bigint FROM both_ways
GROUP BY flow_id, node, what HAVING sum(counted) <> sum(n) ORDER BY flow_id, node, what

-- name: one_repair
-- Two repairs at once would mend twice.
SELECT pg_advisory_xact_lock(%(lock)s)

-- name: memory
-- The steps are joined with themselves; on disk that takes many times as long.
SET LOCAL work_mem = '256MB'

-- name: hold_lane
-- The lane in whose rows the difference is made good, as whoever counts in them holds it.
SELECT lane FROM lane WHERE lane = %(lane)s FOR UPDATE
