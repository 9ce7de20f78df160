/** A rule as text on the clipboard: the language's own JSON, so that it also fits an API call. Pure. */
import type { Condition, ConditionType, Rule } from './rule';

/** What the builder cannot draw a condition without; a condition that lacks it asks for it. */
const NEEDED: { [Type in ConditionType]: Omit<Extract<Condition, { type: Type }>, 'type'> } = {
  field: { field: '', op: 'eq' },
  event: { name: '' },
  segment: { segment: '', op: 'in' },
  consent: { topic: '', op: 'subscribed' },
  reachable: { channel: 'email' },
  sample: { percent: 10, salt: '' },
  score_change: { op: 'gte', value: 10 },
  flow: { flow: '', op: 'inside' },
  trigger: { property: '', op: 'eq' },
  flow_email: { node: '', op: 'clicked' },
  everyone: {},
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A rule from JSON of unknown origin; null where it, or anything within it, is none. */
export function ruleFrom(value: unknown): Rule | null {
  if (!isObject(value) || typeof value.type !== 'string') return null;
  if (value.type === 'all' || value.type === 'any') {
    if (!Array.isArray(value.rules)) return null;
    const rules = value.rules.flatMap((inner) => ruleFrom(inner) ?? []);
    return rules.length === value.rules.length ? { type: value.type, rules } : null;
  }
  if (value.type === 'not') {
    const rule = ruleFrom(value.rule);
    return rule && { type: 'not', rule };
  }
  const needed = Object.entries(NEEDED).find(([type]) => type === value.type)?.[1];
  if (!needed) return null;
  const fits = Object.entries(needed).every(([key, fallback]) => {
    const given = value[key];
    const several = key === 'name' && Array.isArray(given);
    return given === undefined || several || typeof given === typeof fallback;
  });
  return fits ? ({ ...needed, ...value } as Rule) : null;
}

export const ruleText = (rule: Rule): string => JSON.stringify(rule, null, 2);

/** The rule that a copied text is; also `{"rule": …}`, as the API takes and gives it. */
export function ruleFromText(text: string): Rule | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return ruleFrom(value) ?? (isObject(value) ? ruleFrom(value.rule) : null);
}
