/** A small line without axes: only its shape is meant. Above `WIDTH / 2` points several are one. */
import { memo } from 'react';
import { squeezed } from '@/model/course';

const WIDTH = 52;
const HEIGHT = 14;

export const Sparkline = memo(function Sparkline({
  values,
  label,
}: {
  values: readonly number[];
  label?: string;
}) {
  const shown = squeezed(values, WIDTH / 2);
  if (shown.length < 3 || shown.every((value) => value === 0))
    return <svg width={WIDTH} height={HEIGHT} aria-hidden />;
  const most = Math.max(...shown);
  const step = WIDTH / (shown.length - 1);
  const points = shown.map(
    (value, index) =>
      `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`,
  );
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--ink-3)"
        strokeWidth={1.2}
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
});
