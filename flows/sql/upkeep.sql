-- What flows have to clean up, a bite at a time and under its lane; what goes is kept as sums.

-- name: hold_lane
-- Nothing about these contacts changes meanwhile, and nobody counts. Index: lane pk.
SELECT lane FROM lane WHERE lane = %(lane)s FOR UPDATE

-- name: ended_visits
-- Visits that ended before an instant, from where the last look left off. Index: visit_ended.
SELECT v.id, v.left_at FROM visit v
WHERE v.lane = %(lane)s AND v.left_at < %(before)s
    AND (v.left_at, v.id) > (%(at)s, %(id)s)
ORDER BY v.left_at, v.id LIMIT %(bite)s

-- name: visits_before_these
-- Earlier visits of the same contacts to the same flows: the last one stays, by which re-entry is
-- decided. Index: visit pk, visit_of_contact.
SELECT DISTINCT o.id FROM visit v
JOIN visit o ON o.lane = v.lane AND o.contact_id = v.contact_id AND o.flow_id = v.flow_id
    AND o.id < v.id
WHERE v.lane = %(lane)s AND v.id = ANY(%(visits)s::bigint[])
    AND o.state NOT IN ('inside', 'failed') AND o.left_at < %(before)s

-- name: forget_steps
-- The steps of visits; what they had added to the counters is kept. Index: step pk, flow_past pk.
WITH gone AS (
    DELETE FROM step s WHERE s.lane = %(lane)s AND s.visit_id = ANY(%(visits)s::bigint[])
    RETURNING s.visit_id, s.number, s.flow_id, s.node, s.came_by),
walked AS (
    SELECT g.flow_id, g.node, g.came_by, b.node AS before
    FROM gone g LEFT JOIN gone b ON b.visit_id = g.visit_id AND b.number = g.number - 1),
past AS (
    SELECT flow_id, node, 'in' AS what FROM walked
    UNION ALL SELECT flow_id, before, 'out:' || came_by FROM walked WHERE before IS NOT NULL),
kept AS (
    INSERT INTO flow_past AS f (lane, flow_id, node, what, n)
    SELECT %(lane)s, flow_id, node, what, count(*) FROM past GROUP BY flow_id, node, what
    ON CONFLICT (lane, flow_id, node, what) DO UPDATE SET n = f.n + excluded.n)
SELECT count(*) FROM gone

-- name: forget_visits
-- Visits, likewise; their steps are gone already. Index: visit pk, flow_past pk.
WITH gone AS (
    DELETE FROM visit v WHERE v.lane = %(lane)s AND v.id = ANY(%(visits)s::bigint[])
    RETURNING v.flow_id, v.state, v.node, v.left_by),
past AS (
    SELECT flow_id, '' AS node, 'entered' AS what FROM gone
    UNION ALL SELECT flow_id, '', state FROM gone
    UNION ALL SELECT flow_id, node, 'out:' || left_by FROM gone),
kept AS (
    INSERT INTO flow_past AS f (lane, flow_id, node, what, n)
    SELECT %(lane)s, flow_id, node, what, count(*) FROM past GROUP BY flow_id, node, what
    ON CONFLICT (lane, flow_id, node, what) DO UPDATE SET n = f.n + excluded.n)
SELECT count(*) FROM gone
