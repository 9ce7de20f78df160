/** How many steps of a path are shown: what comes while one watches is walked one by one. */
import { useEffect, useRef, useState } from 'react';
import { HOP, still } from '@/trial/usePlayer';

/** More than so many at once are not walked but jumped over. */
const MOST = 6;

export function useSteps(visit: number, length: number): { upTo: number; walks: boolean } {
  const [shown, setShown] = useState({ visit, length });
  const walks = useRef(false);
  const isSame = shown.visit === visit;
  const behind = isSame ? length - shown.length : 0;
  const jumps = !isSame || behind < 0 || behind > MOST || still();
  const now = jumps ? length : shown.length;
  useEffect(() => {
    if (jumps) {
      walks.current = false;
      setShown((before) =>
        before.visit === visit && before.length === length ? before : { visit, length },
      );
      return undefined;
    }
    if (behind === 0) return undefined;
    walks.current = true;
    const next = setTimeout(() => setShown({ visit, length: shown.length + 1 }), HOP);
    return () => clearTimeout(next);
  }, [visit, length, shown.length, behind, jumps]);
  return { upTo: now - 1, walks: walks.current && !jumps };
}
