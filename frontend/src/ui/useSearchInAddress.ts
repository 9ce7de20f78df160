/** What is searched for, kept in the address: it can be shared, and "back" from a row finds it. */
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback, useState } from 'react';

/** The words of `?search=`, and how to change them. */
export function useSearchInAddress(): [string, (typed: string) => void] {
  const navigate = useNavigate();
  const { history } = useRouter();
  const [here] = useState(() => history.location.pathname);
  const words = useSearch({
    strict: false,
    select: ({ search }: { search?: string }) => search ?? '',
  });
  const search = useCallback(
    (typed: string) => {
      // Whoever has gone to a row meanwhile is not called back.
      if (history.location.pathname !== here) return;
      void navigate({
        to: '.',
        search: ({ search: _before, ...others }: Record<string, unknown>) =>
          typed ? { ...others, search: typed } : others,
        replace: true,
      });
    },
    [navigate, history, here],
  );
  return [words, search];
}
