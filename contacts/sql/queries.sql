-- The set work of the room `contacts`. Arrays come in by unnest, instants are computed before.

-- name: lock_lanes
-- Two contacts are to be joined: nothing else may happen in their lanes. Ascending, as everywhere.
SELECT lane FROM lane WHERE lane = ANY(%(lanes)s) ORDER BY lane FOR UPDATE

-- name: lock_contacts
-- The rows that will be worked on, in the order of their ids, so that two who lock sets of them
-- wait for one another instead of dying. Index: contact_pkey.
SELECT c.id, c.external_id, c.email, c.first_name, c.last_name, c.phone, c.city, c.country,
    c.timezone, c.language, c.lead_stage, c.opportunity_stage, c.owner, c.created_at,
    c.last_seen_at, c.score, c.unsubscribed_at, c.complained_at, c.hard_bounced_at,
    c.soft_bounces, c.fields, c.field_times
FROM contact c
WHERE (c.id, c.lane) IN (
    SELECT k.id, k.lane FROM unnest(%(ids)s::bigint[], %(lanes)s::smallint[]) AS k (id, lane))
ORDER BY c.id
FOR NO KEY UPDATE OF c

-- name: hold_contacts
-- Which of these contacts exist; they can't be deleted until the transaction ends.
-- Index: contact_pkey.
SELECT c.id FROM contact c
WHERE (c.id, c.lane) IN (
    SELECT k.id, k.lane FROM unnest(%(ids)s::bigint[], %(lanes)s::smallint[]) AS k (id, lane))
ORDER BY c.id
FOR KEY SHARE OF c

-- name: contact_ids
-- Ids for new contacts; how many is known beforehand, so none is wasted and lanes stay even.
SELECT nextval('contact_id_seq') FROM generate_series(1, %(n)s)

-- name: event_ids
-- Ids for new events, ascending.
SELECT nextval('event_id_seq') FROM generate_series(1, %(n)s)

-- name: insert_contacts
-- New contacts.
COPY contact (id, lane, external_id, email, first_name, last_name, phone, city, country, timezone,
    language, lead_stage, opportunity_stage, owner, created_at, last_seen_at, score,
    unsubscribed_at, complained_at, hard_bounced_at, soft_bounces, fields, field_times) FROM STDIN

-- name: update_contacts
-- Whole rows of known contacts, which the caller has locked. Index: contact_pkey.
UPDATE contact c SET
    external_id = n.external_id, email = n.email, first_name = n.first_name,
    last_name = n.last_name, phone = n.phone, city = n.city, country = n.country,
    timezone = n.timezone, language = n.language, lead_stage = n.lead_stage,
    opportunity_stage = n.opportunity_stage, owner = n.owner, created_at = n.created_at,
    last_seen_at = n.last_seen_at, score = n.score, unsubscribed_at = n.unsubscribed_at,
    complained_at = n.complained_at, hard_bounced_at = n.hard_bounced_at,
    soft_bounces = n.soft_bounces, fields = n.fields, field_times = n.field_times
FROM unnest(
    %(id)s::bigint[], %(lane)s::smallint[], %(external_id)s::text[], %(email)s::text[],
    %(first_name)s::text[], %(last_name)s::text[], %(phone)s::text[], %(city)s::text[],
    %(country)s::text[], %(timezone)s::text[], %(language)s::text[], %(lead_stage)s::text[],
    %(opportunity_stage)s::text[], %(owner)s::text[], %(created_at)s::timestamptz[],
    %(last_seen_at)s::timestamptz[], %(score)s::double precision[],
    %(unsubscribed_at)s::timestamptz[], %(complained_at)s::timestamptz[],
    %(hard_bounced_at)s::timestamptz[], %(soft_bounces)s::integer[], %(fields)s::jsonb[],
    %(field_times)s::jsonb[]
) AS n (id, lane, external_id, email, first_name, last_name, phone, city, country, timezone,
    language, lead_stage, opportunity_stage, owner, created_at, last_seen_at, score,
    unsubscribed_at, complained_at, hard_bounced_at, soft_bounces, fields, field_times)
WHERE c.id = n.id AND c.lane = n.lane

-- name: see_contacts
-- Known contacts of whom nothing changed but when they were last seen. Index: contact_pkey.
UPDATE contact c SET last_seen_at = n.last_seen_at
FROM unnest(%(id)s::bigint[], %(lane)s::smallint[], %(last_seen_at)s::timestamptz[])
    AS n (id, lane, last_seen_at)
WHERE c.id = n.id AND c.lane = n.lane

-- name: identities_owners
-- To whom identities lead. Index: identity_pkey.
SELECT i.kind, i.value, i.contact_id FROM identity i
WHERE (i.kind, i.value) IN (SELECT k.kind, k.value
    FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS k (kind, value))

-- name: release_identities
-- Addresses that their contacts no longer have. Index: identity_pkey.
DELETE FROM identity i
USING unnest(%(kinds)s::text[], %(values)s::text[], %(lanes)s::smallint[], %(ids)s::bigint[])
    AS k (kind, value, lane, contact_id)
WHERE i.kind = k.kind AND i.value = k.value AND i.lane = k.lane AND i.contact_id = k.contact_id

-- name: claim_identities
-- New identities. Who meanwhile claimed one by another door makes this fail, and the set is taken
-- again with what is known then.
INSERT INTO identity (kind, value, lane, contact_id)
SELECT k.kind, k.value, k.lane, k.contact_id
FROM unnest(%(kinds)s::text[], %(values)s::text[], %(lanes)s::smallint[], %(ids)s::bigint[])
    AS k (kind, value, lane, contact_id)

-- name: claim_free_identities
-- As claim_identities, but what is somebody else's stays so.
INSERT INTO identity (kind, value, lane, contact_id)
SELECT k.kind, k.value, k.lane, k.contact_id
FROM unnest(%(kinds)s::text[], %(values)s::text[], %(lanes)s::smallint[], %(ids)s::bigint[])
    AS k (kind, value, lane, contact_id)
ON CONFLICT (kind, value) DO NOTHING

-- name: insert_events
-- New events, in ascending order of their ids.
COPY event (id, lane, contact_id, name, at, properties, touch, message_id, received_at, source_id)
FROM STDIN

-- name: insert_touches
-- What changed about whom, for the engine to look at.
COPY touch (lane, contact_id, kind, name, event_id, at) FROM STDIN

-- name: know_messages
-- Of these message ids, those that had not been taken in before. Index: event_message_pkey.
INSERT INTO event_message (message_id, received_at)
SELECT m.message_id, m.received_at
FROM unnest(%(ids)s::text[], %(received)s::timestamptz[]) AS m (message_id, received_at)
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id

-- name: register_fields
-- Fields that nobody knew, with the type of their first value.
INSERT INTO field (key, name, type, builtin, created_at)
SELECT f.key, f.name, f.type, false, %(now)s
FROM unnest(%(keys)s::text[], %(names)s::text[], %(types)s::text[]) AS f (key, name, type)
ON CONFLICT (key) DO NOTHING

-- name: warn_fields
-- Values that did not fit, counted where a person sees it. Index: field_key_key.
UPDATE field f SET warnings = f.warnings + w.n, last_warning = w.reason
FROM unnest(%(keys)s::text[], %(counts)s::integer[], %(reasons)s::text[]) AS w (key, n, reason)
WHERE f.key = w.key

-- name: register_topics
-- Topics that nobody knew: whoever may unsubscribe from one can be shown it.
INSERT INTO topic (key, name)
SELECT t.key, t.key FROM unnest(%(keys)s::text[]) AS t (key)
WHERE (SELECT count(*) FROM topic) < %(most)s
ON CONFLICT (key) DO NOTHING

-- name: set_consents
-- What contacts chose, one choice per contact and topic; returns the choices that changed.
-- Index: consent_once.
INSERT INTO consent AS c (lane, contact_id, topic, state, at)
SELECT n.lane, n.contact_id, n.topic, n.state, n.at
FROM unnest(%(lanes)s::smallint[], %(ids)s::bigint[], %(topics)s::text[], %(states)s::text[],
    %(ats)s::timestamptz[]) AS n (lane, contact_id, topic, state, at)
ON CONFLICT (lane, contact_id, topic) DO UPDATE SET state = EXCLUDED.state, at = EXCLUDED.at
WHERE c.state <> EXCLUDED.state
RETURNING c.contact_id, c.topic

-- name: insert_score_changes
-- Entries of the score ledger.
COPY score_change (lane, contact_id, delta, at, reason) FROM STDIN

-- name: inbox_sizes
-- The oldest batches and how many messages each holds, without reading the messages.
-- Index: inbox_pkey.
SELECT id, size FROM inbox ORDER BY id LIMIT %(limit)s

-- name: inbox_read
-- Some batches in order of arrival. Index: inbox_pkey.
SELECT id, received_at, source_id, payload FROM inbox WHERE id = ANY(%(ids)s) ORDER BY id

-- name: inbox_remove
-- Batches that have been taken in. Index: inbox_pkey.
DELETE FROM inbox WHERE id = ANY(%(ids)s)

-- name: inbox_append
-- Make a batch durable, if its source has not been removed. Index: source_pkey.
INSERT INTO inbox (received_at, source_id, kind, size, payload)
SELECT %(received_at)s, %(source_id)s, %(kind)s, %(size)s, %(payload)s::jsonb
WHERE %(source_id)s::bigint IS NULL OR EXISTS (SELECT FROM source WHERE id = %(source_id)s)
RETURNING id

-- name: inbox_oldest
-- Up to when everything accepted has been taken in. Index: inbox_received.
SELECT min(received_at) FROM inbox

-- name: set_aside
-- Messages that can't be taken in, with the reason.
INSERT INTO rejected_message (received_at, source_id, payload, code, reason)
SELECT r.received_at, r.source_id, r.payload, r.code, r.reason
FROM unnest(%(received)s::timestamptz[], %(sources)s::bigint[], %(payloads)s::jsonb[],
    %(codes)s::text[], %(reasons)s::text[]) AS r (received_at, source_id, payload, code, reason)

-- name: merge_events
-- What the lost did, the kept did. Index: event_of_contact. Returns names, for segments to look at.
WITH moved AS (
    UPDATE event e SET lane = p.kept_lane, contact_id = p.kept_id
    FROM unnest(%(lost_lanes)s::smallint[], %(lost_ids)s::bigint[], %(kept_lanes)s::smallint[],
        %(kept_ids)s::bigint[]) AS p (lost_lane, lost_id, kept_lane, kept_id)
    WHERE e.lane = p.lost_lane AND e.contact_id = p.lost_id
    RETURNING e.contact_id, e.name)
SELECT DISTINCT contact_id, name FROM moved ORDER BY contact_id, name

-- name: merge_identities
-- Index: identity_of_contact.
UPDATE identity i SET lane = p.kept_lane, contact_id = p.kept_id
FROM unnest(%(lost_lanes)s::smallint[], %(lost_ids)s::bigint[], %(kept_lanes)s::smallint[],
    %(kept_ids)s::bigint[]) AS p (lost_lane, lost_id, kept_lane, kept_id)
WHERE i.lane = p.lost_lane AND i.contact_id = p.lost_id

-- name: merge_scores
-- Index: score_change_of_contact.
UPDATE score_change s SET lane = p.kept_lane, contact_id = p.kept_id
FROM unnest(%(lost_lanes)s::smallint[], %(lost_ids)s::bigint[], %(kept_lanes)s::smallint[],
    %(kept_ids)s::bigint[]) AS p (lost_lane, lost_id, kept_lane, kept_id)
WHERE s.lane = p.lost_lane AND s.contact_id = p.lost_id
RETURNING s.contact_id

-- name: merge_touches
-- What the engine has not looked at yet, it looks at for the kept. A contact that is no more is not
-- new, and of its fields those have changed that the kept takes over: they are touched anew. Index:
-- touch_pkey (within the lane).
UPDATE touch t SET lane = p.kept_lane, contact_id = p.kept_id
FROM unnest(%(lost_lanes)s::smallint[], %(lost_ids)s::bigint[], %(kept_lanes)s::smallint[],
    %(kept_ids)s::bigint[]) AS p (lost_lane, lost_id, kept_lane, kept_id)
WHERE t.lane = p.lost_lane AND t.contact_id = p.lost_id AND t.kind NOT IN ('new', 'field')

-- name: merge_consents
-- Of two choices for a topic the later one counts, of two at one instant the refusal.
-- Index: consent_once. Returns the choices that changed.
INSERT INTO consent AS c (lane, contact_id, topic, state, at)
SELECT DISTINCT ON (p.kept_id, l.topic) p.kept_lane, p.kept_id, l.topic, l.state, l.at
FROM unnest(%(lost_lanes)s::smallint[], %(lost_ids)s::bigint[], %(kept_lanes)s::smallint[],
    %(kept_ids)s::bigint[]) AS p (lost_lane, lost_id, kept_lane, kept_id)
JOIN consent l ON l.lane = p.lost_lane AND l.contact_id = p.lost_id
ORDER BY p.kept_id, l.topic, l.at DESC, l.state DESC
ON CONFLICT (lane, contact_id, topic) DO UPDATE SET state = EXCLUDED.state, at = EXCLUDED.at
WHERE (EXCLUDED.at, EXCLUDED.state) > (c.at, c.state)
RETURNING c.contact_id, c.topic

-- name: merge_joining
-- Whom imports have yet to put into a segment goes on as the kept contact. Index: contact_import_joining.
UPDATE contact_import i SET joining = ARRAY(
    SELECT coalesce(k.kept, j) FROM unnest(i.joining) j
    LEFT JOIN unnest(%(lost_ids)s::bigint[], %(kept_ids)s::bigint[]) AS k (lost, kept) ON k.lost = j)
WHERE i.joining <> '{}' AND i.joining && %(lost_ids)s::bigint[]

-- name: delete_contacts
-- Contacts; what is theirs goes with them by foreign keys and by statement triggers. Index: contact_pkey.
DELETE FROM contact c
USING unnest(%(lanes)s::smallint[], %(ids)s::bigint[]) AS k (lane, id)
WHERE c.lane = k.lane AND c.id = k.id

-- name: delete_touches
-- Index: touch_pkey (within the lane).
DELETE FROM touch t
USING unnest(%(lanes)s::smallint[], %(ids)s::bigint[]) AS k (lane, id)
WHERE t.lane = k.lane AND t.contact_id = k.id

-- name: event_names
-- The names of recent events, how often each came, and when last: of a bounded number of events,
-- so that the answer does not grow slower with the years. Index: event_pkey.
SELECT name, count(*) AS count, max(at) AS last_at
FROM (SELECT name, at FROM event ORDER BY id DESC LIMIT %(sample)s) AS recent
GROUP BY name ORDER BY count(*) DESC, name LIMIT %(limit)s

-- name: event_properties
-- Properties of the latest events of one name, whatever their lane. Index: event_named.
SELECT p.key AS property, jsonb_typeof(p.value) AS type, count(*) AS count
FROM (
    SELECT s.properties
    FROM lane l
    CROSS JOIN LATERAL (
        SELECT e.properties FROM event e
        WHERE e.lane = l.lane AND e.name = %(name)s
        ORDER BY e.at DESC LIMIT %(per_lane)s) AS s
) AS recent
CROSS JOIN LATERAL jsonb_each(recent.properties) AS p
GROUP BY p.key, jsonb_typeof(p.value)
ORDER BY count(*) DESC, p.key LIMIT %(limit)s
