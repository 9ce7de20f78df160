/** Properties of an event as a small table; what is nested is written with dots. */
import type { Json, JsonObject } from '@/api/types';
import classes from './Properties.module.css';

/** `{cart: {total: 1}}` → `[["cart.total", 1]]`; a list stays whole. */
export function flat(value: JsonObject, prefix = ''): [string, Json][] {
  return Object.entries(value).flatMap(([key, inner]): [string, Json][] =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flat(inner, `${prefix}${key}.`)
      : [[`${prefix}${key}`, inner]],
  );
}

export function Properties({ value }: { value: JsonObject }) {
  return (
    <dl className={classes.properties}>
      {flat(value).map(([key, inner]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{typeof inner === 'string' ? inner : JSON.stringify(inner)}</dd>
        </div>
      ))}
    </dl>
  );
}
