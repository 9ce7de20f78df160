-- What contacts have to clean up: a bite at a time, along an index.

-- name: old_message_ids
-- By which messages that come twice are known. Index: event_message_received.
DELETE FROM event_message WHERE message_id IN (
    SELECT message_id FROM event_message WHERE received_at < %(before)s
    ORDER BY received_at LIMIT %(bite)s)

-- name: old_rejected
-- Messages that were set aside. The oldest come first in the primary key: only these are looked at.
DELETE FROM rejected_message r USING (
    SELECT id FROM rejected_message ORDER BY id LIMIT %(bite)s) f
WHERE r.id = f.id AND r.received_at < %(before)s

-- name: event_names_in_lane
-- The names of a lane's events, each by one look into the index. Index: event_named.
WITH RECURSIVE named AS (
    (SELECT e.name FROM event e WHERE e.lane = %(lane)s ORDER BY e.name LIMIT 1)
    UNION ALL
    SELECT (SELECT e.name FROM event e WHERE e.lane = %(lane)s AND e.name > n.name
            ORDER BY e.name LIMIT 1)
    FROM named n WHERE n.name IS NOT NULL)
SELECT name FROM named WHERE name IS NOT NULL

-- name: old_events
-- The oldest events of a name. Index: event_named, event pk.
DELETE FROM event e USING (
    SELECT o.id FROM event o WHERE o.lane = %(lane)s AND o.name = %(name)s AND o.at < %(before)s
    ORDER BY o.at LIMIT %(bite)s) f
WHERE e.lane = %(lane)s AND e.id = f.id
