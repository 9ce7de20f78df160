/** Operators by type of value: their words, and what kind of input their value takes. Pure. */
import { t } from '@lingui/core/macro';
import type { CompareOperator, FieldType, Operator, RuleValue } from './rule';

/** What a value looks like in the editor. */
export type ValueShape =
  | 'none'
  | 'text'
  | 'texts'
  | 'number'
  | 'numbers'
  | 'range'
  | 'boolean'
  | 'instant'
  | 'duration';

export interface OperatorWords {
  op: Operator;
  /** Before the value, as in "plan *is* trial". */
  label: string;
  /** After the value, as in "more than 30 days *ago*". */
  suffix?: string;
  shape: ValueShape;
}

const PRESENCE: readonly OperatorWords[] = [
  { op: 'set', label: t`is known`, shape: 'none' },
  { op: 'not_set', label: t`is not known`, shape: 'none' },
];

export const OPERATORS: Record<FieldType, readonly OperatorWords[]> = {
  string: [
    { op: 'eq', label: t({ message: 'is', context: 'before a value' }), shape: 'text' },
    { op: 'ne', label: t`is not`, shape: 'text' },
    { op: 'in', label: t`is one of`, shape: 'texts' },
    { op: 'not_in', label: t`is none of`, shape: 'texts' },
    { op: 'contains', label: t`contains`, shape: 'text' },
    { op: 'not_contains', label: t`does not contain`, shape: 'text' },
    { op: 'starts_with', label: t`starts with`, shape: 'text' },
    { op: 'ends_with', label: t`ends with`, shape: 'text' },
    ...PRESENCE,
  ],
  number: [
    { op: 'eq', label: t({ message: 'is', context: 'before a value' }), shape: 'number' },
    { op: 'ne', label: t`is not`, shape: 'number' },
    { op: 'gte', label: t`is at least`, shape: 'number' },
    { op: 'gt', label: t`is more than`, shape: 'number' },
    { op: 'lte', label: t`is at most`, shape: 'number' },
    { op: 'lt', label: t`is less than`, shape: 'number' },
    { op: 'between', label: t`is between`, shape: 'range' },
    { op: 'in', label: t`is one of`, shape: 'numbers' },
    { op: 'not_in', label: t`is none of`, shape: 'numbers' },
    ...PRESENCE,
  ],
  boolean: [
    { op: 'eq', label: t({ message: 'is', context: 'before a value' }), shape: 'boolean' },
    { op: 'ne', label: t`is not`, shape: 'boolean' },
    ...PRESENCE,
  ],
  datetime: [
    { op: 'in_last', label: t`is in the last`, shape: 'duration' },
    {
      op: 'older_than',
      label: t`is more than`,
      suffix: t({ message: 'ago', context: 'after a span' }),
      shape: 'duration',
    },
    { op: 'in_next', label: t`is in the next`, shape: 'duration' },
    {
      op: 'beyond',
      label: t`is more than`,
      suffix: t({ message: 'from now', context: 'after a span' }),
      shape: 'duration',
    },
    { op: 'before', label: t`is before`, shape: 'instant' },
    { op: 'after', label: t`is after`, shape: 'instant' },
    ...PRESENCE,
  ],
  list: [
    { op: 'contains', label: t`contains`, shape: 'text' },
    { op: 'not_contains', label: t`does not contain`, shape: 'text' },
    { op: 'contains_any', label: t`contains any of`, shape: 'texts' },
    { op: 'contains_all', label: t`contains all of`, shape: 'texts' },
    ...PRESENCE,
  ],
};

export const COMPARE: readonly { op: CompareOperator; label: string }[] = [
  { op: 'gte', label: t`at least` },
  { op: 'gt', label: t`more than` },
  { op: 'eq', label: t`exactly` },
  { op: 'lte', label: t`at most` },
  { op: 'lt', label: t`fewer than` },
  { op: 'ne', label: t`anything but` },
];

export function compareWords(op: CompareOperator | undefined): string {
  return COMPARE.find((each) => each.op === (op ?? 'gte'))?.label ?? t`at least`;
}

/** The operator's words for a type; an operator of another type is shown by its own name. */
export function operatorWords(type: FieldType, op: Operator): OperatorWords {
  return (
    OPERATORS[type].find((each) => each.op === op) ?? {
      op,
      label: op.replaceAll('_', ' '),
      shape: 'text',
    }
  );
}

/**
 * The type that a property condition means, judged by its operator and its value where nothing is
 * known of the property: an event's properties have no registry of types.
 */
export function impliedType(condition: Compared): FieldType {
  const { op, value } = condition;
  if (['before', 'after', 'in_last', 'older_than', 'in_next', 'beyond'].includes(op)) {
    return 'datetime';
  }
  if (op === 'contains_any' || op === 'contains_all') return 'list';
  if (['gt', 'gte', 'lt', 'lte', 'between'].includes(op)) return 'number';
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'number') return 'number';
  if (typeof first === 'boolean') return 'boolean';
  return 'string';
}

/** The value an operator starts with, keeping the old one where it still fits. */
export function fittingValue(shape: ValueShape, old: RuleValue | undefined): RuleValue | undefined {
  const first = Array.isArray(old) ? (old[0] ?? null) : (old ?? null);
  switch (shape) {
    case 'none':
      return undefined;
    case 'text':
      return typeof first === 'string' && !/^P[\dT]/.test(first) ? first : '';
    case 'texts':
      if (Array.isArray(old)) return old.filter((each) => typeof each === 'string');
      return typeof first === 'string' && first ? [first] : [];
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'numbers':
      if (Array.isArray(old)) return old.filter((each) => typeof each === 'number');
      return typeof first === 'number' ? [first] : [];
    case 'range':
      return Array.isArray(old) && old.length === 2
        ? old
        : typeof first === 'number'
          ? [first, first]
          : [0, 100];
    case 'boolean':
      return typeof first === 'boolean' ? first : true;
    case 'duration':
      return typeof first === 'string' && /^P[\dT]/.test(first) ? first : 'P7D';
    case 'instant':
      return typeof first === 'string' && /^\d{4}-\d\d-\d\d/.test(first) ? first : null;
  }
}

/** What has an operator and a value: a field's, a property's or a trigger's condition. */
export type Compared = { op: Operator; value?: RuleValue };

/** The condition with another operator: the value follows the operator's shape. */
export function withOperator<Kind extends Compared>(
  condition: Kind,
  type: FieldType,
  op: Operator,
): Kind {
  const { value: old, ...rest } = condition;
  const value = fittingValue(operatorWords(type, op).shape, old);
  const next = value === undefined ? { ...rest, op } : { ...rest, op, value };
  return next as Kind;
}

/** The condition for a field or property of another type: its operator stays if the type has it. */
export function withType<Kind extends Compared>(condition: Kind, type: FieldType): Kind {
  const known = OPERATORS[type].some((each) => each.op === condition.op);
  const fallback = OPERATORS[type][0]?.op ?? 'eq';
  return withOperator(condition, type, known ? condition.op : fallback);
}
