/**
 * Segments beside each other: a column for each combination that somebody is in, as high as there
 * are people in exactly these segments, with a dot for each of them (the drawing of Lex and
 * others, "UpSet: Visualization of Intersecting Sets", 2014).
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { number, sentence } from '@/ui/format';
import { tickWords } from '../growth/words';
import type { Overlap, OverlapRegion } from '../types';
import { regionWords } from './regions';
import classes from './UpSet.module.css';

/** So many combinations are drawn, the largest ones; the rest is one click away. */
const DRAWN = 16;
const BARS = 150;

interface UpSetProps {
  overlap: Overlap;
  /** The segment whose page this is: its combinations have the accent. */
  own: string;
  chosen: OverlapRegion | undefined;
  onChoose: (region: OverlapRegion) => void;
}

export function UpSet({ overlap, own, chosen, onChoose }: UpSetProps) {
  const { sets, regions, exact } = overlap;
  const [all, setAll] = useState(false);
  const drawn = all ? regions : regions.slice(0, DRAWN);
  const most = Math.max(1, ...regions.map(({ count }) => count));
  const largest = Math.max(1, ...sets.map(({ size }) => size));
  const walk = (event: KeyboardEvent<HTMLElement>, index: number) => {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: drawn.length - 1 }[
      event.key
    ];
    const next = to === undefined ? undefined : drawn[to];
    if (!next) return;
    event.preventDefault();
    onChoose(next);
    const column = event.currentTarget.parentElement?.children[drawn.indexOf(next)];
    if (column instanceof HTMLElement) column.focus();
  };
  return (
    <div className={classes.upset}>
      <ul className={classes.sets}>
        {sets.map((set) => (
          <li key={set.key} data-on={chosen?.in.includes(set.key) || undefined}>
            {set.key === own ? (
              <strong title={set.name}>{set.name}</strong>
            ) : (
              <Link to="/segments/$key" params={{ key: set.key }} title={set.name}>
                {set.name}
              </Link>
            )}
            <span className={classes.size}>{tickWords(set.size)}</span>
            <span className={classes.sizeBar}>
              <span style={{ width: `${(100 * set.size) / largest}%` }} />
            </span>
          </li>
        ))}
      </ul>
      <div className={classes.scroll}>
        <div
          className={classes.columns}
          role="group"
          aria-label={t`Combinations, the largest first`}
        >
          {drawn.map((region, index) => {
            const dots = sets.map(({ key }) => region.in.includes(key));
            const first = dots.indexOf(true);
            const last = dots.lastIndexOf(true);
            const on = region === chosen;
            return (
              <button
                key={region.in.join(' ')}
                type="button"
                className={classes.column}
                data-own={region.in.includes(own) || undefined}
                aria-pressed={on}
                aria-label={sentence(regionWords(overlap, region))}
                tabIndex={on || (!chosen && index === 0) ? 0 : -1}
                onClick={() => onChoose(region)}
                onKeyDown={(event) => walk(event, index)}
              >
                <span className={classes.barSpace} style={{ height: BARS + 18 }}>
                  <span className={classes.count} title={number(region.count)}>
                    {exact ? '' : '~'}
                    {tickWords(region.count)}
                  </span>
                  <span
                    className={classes.bar}
                    style={{ height: Math.max(2, (BARS * region.count) / most) }}
                  />
                </span>
                <span className={classes.dots}>
                  {last > first && (
                    <span
                      className={classes.joint}
                      style={{
                        top: `calc(var(--row) * ${first} + var(--row) / 2)`,
                        height: `calc(var(--row) * ${last - first})`,
                      }}
                    />
                  )}
                  {dots.map((dot, i) => (
                    <span key={sets[i]?.key} className={classes.cell}>
                      <span className={classes.dot} data-on={dot || undefined} />
                    </span>
                  ))}
                </span>
              </button>
            );
          })}
          {!all && regions.length > DRAWN && (
            <button type="button" className={classes.rest} onClick={() => setAll(true)}>
              <Trans>{number(regions.length - DRAWN)} smaller</Trans>
            </button>
          )}
        </div>
      </div>
    </div>
  );
}
