// What the desk knows of the server: one query for each subject, and how each change refreshes them.
import { QueryCache, QueryClient, MutationCache, queryOptions } from '@tanstack/react-query';
import { api, isSignedOut, Unreachable } from '../shared/api.ts';
import { openDesk } from './open-desk.ts';
import { withNewest } from './shelf.ts';
import type { Shelf } from './shelf.ts';

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => openDesk(signal),
  refetchOnWindowFocus: 'always',
});
export const foldersQuery = queryOptions({
  queryKey: ['folders'],
  queryFn: ({ signal }) => api.folders(signal),
});
export const statisticsFilesQuery = queryOptions({
  queryKey: ['statistics-files'],
  queryFn: ({ signal }) => api.statisticsFiles(signal),
});
export const jobsQuery = queryOptions({ queryKey: ['jobs'], queryFn: ({ signal }) => api.jobs(signal) });
export const failuresQuery = queryOptions({
  queryKey: ['failures'],
  queryFn: ({ signal }) => api.failures(signal),
});
export const protectedBooksQuery = queryOptions({
  queryKey: ['protected-books'],
  queryFn: ({ signal }) => api.protectedBooks(signal),
});
export const removedBooksQuery = queryOptions({
  queryKey: ['removed-books'],
  queryFn: ({ signal }) => api.removedBooks(signal),
});
export const backupsQuery = queryOptions({
  queryKey: ['backups'],
  queryFn: ({ signal }) => api.backups(signal),
});
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => api.settings(signal),
});
export const lettersQuery = queryOptions({
  queryKey: ['letters'],
  queryFn: ({ signal }) => api.letters(signal),
  // Nothing tells of them: people are no part of the library's news.
  refetchInterval: 30_000,
  refetchOnWindowFocus: 'always',
});
export const missingPasswordsQuery = queryOptions({
  queryKey: ['missing-passwords'],
  queryFn: ({ signal }) => api.missingPasswords(signal),
  // They are given in another program: nothing tells the desk of it.
  refetchInterval: 30_000,
  refetchOnWindowFocus: 'always',
});
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => api.people(signal),
  // An hour ends and an invitation is used without a word to the desk.
  refetchInterval: 30_000,
  refetchOnWindowFocus: 'always',
});
export const shelfQuery = queryOptions({
  queryKey: ['shelf'],
  queryFn: async ({ signal, client }): Promise<Shelf> => {
    const page = await api.shelf(undefined, signal);
    return withNewest(client.getQueryData<Shelf>(['shelf']), page);
  },
});

/** The cache of everything the server said. It asks again for as long as the server is silent. */
export function createQueryClient(): QueryClient {
  const recheckSession = (error: unknown): void => {
    if (isSignedOut(error)) void client.invalidateQueries({ queryKey: statusQuery.queryKey });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[0] !== statusQuery.queryKey[0]) recheckSession(error);
      },
    }),
    mutationCache: new MutationCache({ onError: recheckSession }),
    defaultOptions: {
      queries: {
        // The server is this computer: being off the internet says nothing about reaching it.
        networkMode: 'always',
        // The event stream says when something changed.
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        retry: (_failures, error) => error instanceof Unreachable,
        retryDelay: (failures) => Math.min(5_000, 500 * 2 ** failures),
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
