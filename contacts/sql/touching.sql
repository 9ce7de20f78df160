-- What rooms downstream tell the engine about contacts.

-- name: write_touches
-- Touches of contacts that exist, in the order given. Index: contact (lane, id).
INSERT INTO touch (lane, contact_id, kind, name, detail, at)
SELECT x.lane, x.contact_id, x.kind, x.name, x.detail, %(now)s
FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[], %(kinds)s::text[], %(names)s::text[], %(details)s::jsonb[])
  WITH ORDINALITY x (lane, contact_id, kind, name, detail, i)
JOIN contact c ON c.lane = x.lane AND c.id = x.contact_id
ORDER BY x.i
