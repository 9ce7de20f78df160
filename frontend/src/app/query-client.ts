import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';

/** A refusal stays a refusal: only a server that could not be reached or failed is asked again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) =>
        count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
