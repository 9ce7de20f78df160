/** Values of fields as people read and write them. Pure. */
import { t } from '@lingui/core/macro';
import type { FieldType, Json } from '@/api/types';
import { exactInstant } from '@/ui/format';

/** A value for the screen; empty for what is missing. */
export function shown(value: Json | undefined, type: FieldType): string {
  if (value === null || value === undefined || value === '') return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (typeof value === 'boolean') return value ? t`yes` : t`no`;
  if (typeof value === 'object') return JSON.stringify(value);
  if (type === 'number') return Number(value).toLocaleString('en-GB', { maximumFractionDigits: 6 });
  if (type === 'datetime' && !Number.isNaN(Date.parse(String(value)))) {
    return exactInstant(String(value));
  }
  return String(value);
}

/** A value as the text of an input. */
export function written(value: Json | undefined, type: FieldType): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (type === 'datetime' && !Number.isNaN(Date.parse(String(value)))) {
    return new Date(String(value)).toISOString().slice(0, 16);
  }
  return String(value);
}

/** What was typed as a value; null erases the field; undefined is not of this type. */
export function parsed(typed: string, type: FieldType): Json | undefined {
  const text = typed.trim();
  if (text === '') return null;
  switch (type) {
    case 'number':
      return Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'datetime': {
      const at = new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
      return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
    }
    case 'list':
      return text
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean);
    default:
      return typed;
  }
}
