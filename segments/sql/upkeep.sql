-- What segments and scores have to clean up.

-- name: hold_lane
-- Nothing about these contacts changes meanwhile. Index: lane pk.
SELECT lane FROM lane WHERE lane = %(lane)s FOR UPDATE

-- name: old_changes
-- Joins and leaves. The oldest come first in the primary key: only these are looked at.
DELETE FROM membership_change m USING (
    SELECT id, lane FROM membership_change ORDER BY id, lane LIMIT %(bite)s) f
WHERE m.lane = f.lane AND m.id = f.id AND m.at < %(before)s

-- name: condense_scores
-- Old entries of the ledger become one per contact, at the instant of the last of them. Entries of an
-- award go with it, once it fades no more and its event is gone; a balance alone is left alone.
-- Index: score_change_in_time, score_award pk, event pk, score_change_of_contact.
WITH old AS (
    SELECT s.id, s.contact_id, s.delta, s.at, s.award_id FROM score_change s
    LEFT JOIN score_award a ON a.lane = s.lane AND a.id = s.award_id
    WHERE s.lane = %(lane)s AND s.at < %(before)s
        AND (s.award_id IS NULL OR a.id IS NULL
            OR (a.next_decay_at IS NULL AND a.event_id IS NOT NULL AND NOT a.surplus
                AND NOT EXISTS (SELECT FROM event e WHERE e.lane = a.lane AND e.id = a.event_id)))
        AND (s.reason <> %(opening)s OR EXISTS (
            SELECT FROM score_change t WHERE t.lane = s.lane AND t.contact_id = s.contact_id
                AND t.at < %(before)s AND t.id <> s.id AND t.award_id IS NULL))
    ORDER BY s.at LIMIT %(bite)s),
gone AS (
    DELETE FROM score_change s USING old o WHERE s.lane = %(lane)s AND s.id = o.id
    RETURNING o.contact_id, o.delta, o.at, o.award_id),
awards AS (
    DELETE FROM score_award a USING gone g WHERE a.lane = %(lane)s AND a.id = g.award_id
        AND NOT EXISTS (SELECT FROM score_change s WHERE s.lane = a.lane AND s.award_id = a.id
            AND s.at >= %(before)s)),
made AS (
    INSERT INTO score_change (lane, contact_id, delta, at, reason)
    SELECT %(lane)s, contact_id, sum(delta), max(at), %(opening)s FROM gone GROUP BY contact_id
    RETURNING id)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM made)
