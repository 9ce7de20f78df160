/** A line of the last minute or so, without axes: only its shape is meant. */

const WIDTH = 58;
const HEIGHT = 14;

export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 3 || values.every((value) => value === 0))
    return <svg width={WIDTH} height={HEIGHT} aria-hidden />;
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, index) => {
    const share = range === 0 ? 0.3 : (value - low) / range;
    return `${(index * step).toFixed(1)},${(HEIGHT - 2 - share * (HEIGHT - 4)).toFixed(1)}`;
  });
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden>
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
}
