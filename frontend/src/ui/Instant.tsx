import { exactInstant, shortInstant } from './format';

/** An instant as a date and a time of day, in the viewer's zone, with the exact one on hover. */
export function Instant({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={exactInstant(at)} className={className}>
      {shortInstant(at)}
    </time>
  );
}
