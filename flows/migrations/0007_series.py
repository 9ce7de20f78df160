"""The counts of flows over time, by slots of five minutes."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

TABLE = """
-- What a flow's counters grew by in each slot: in the lane in whose rows the pulse counts. `what` is
-- as in flow_count, but all ways out are `out`, and `mended` is what `failed` lost again. The slot at
-- 1970 holds what was before; so all slots together come to the counters.
CREATE TABLE flow_series (
    flow_id bigint NOT NULL,
    at timestamptz NOT NULL,
    lane smallint NOT NULL,
    node varchar(100) NOT NULL,
    what varchar(10) NOT NULL,
    n bigint NOT NULL,
    -- The canvas reads a flow's slots in a period; the pulse adds to one.
    CONSTRAINT flow_series_pkey PRIMARY KEY (flow_id, at, lane, node, what)
) WITH (fillfactor = 80);
INSERT INTO flow_series (flow_id, at, lane, node, what, n)
SELECT flow_id, to_timestamp(0), 0, node,
    CASE WHEN what LIKE 'out:%' THEN 'out' ELSE what END, sum(n)
FROM flow_count GROUP BY 1, 4, 5;
-- From when on there are slots.
INSERT INTO upkeep_mark (what, lane, at, id) VALUES ('flow_series_from', -1, now(), 0);
"""

GONE = "DELETE FROM upkeep_mark WHERE what LIKE 'flow_series%'; DROP TABLE flow_series;"


class Migration(migrations.Migration):
    """The counts of flows over time."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("flows", "0006_trials"),
        ("common", "0003_upkeep"),
    ]

    operations: ClassVar[list[Operation]] = [migrations.RunSQL(TABLE, GONE)]
