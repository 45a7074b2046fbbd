// Endpoints of books that were removed while their files are still there.
import { z } from 'zod';
import type { RemovedBooks } from '../../sources/removed-books.ts';
import { deskEndpoint } from './auth.ts';
import { presentJob, presentRemovedBook } from './present.ts';
import { JobList, RemovedBookList } from './schemas.ts';

const SHOWN = 200;
const REMOVED = { tag: 'Removed books', access: 'desk' } as const;
const FileParams = z.object({ file_id: z.uuid() });

export type RemovedBookParts = { removedBooks: RemovedBooks };

/** Returns the endpoints. */
export const removedBookEndpoints = ({ removedBooks }: RemovedBookParts) => [
  deskEndpoint(
    {
      ...REMOVED,
      method: 'get',
      path: '/removed-books',
      summary: 'Lists files in your folders whose book was removed, the last removed first.',
      answers: { 200: RemovedBookList },
    },
    ({ caller }) => {
      const { files, total } = removedBooks.list(caller.ownerId, SHOWN);
      return { books: files.map(presentRemovedBook), total };
    },
  ),
  deskEndpoint(
    {
      ...REMOVED,
      method: 'post',
      path: '/removed-books/{file_id}/bring-back',
      summary: 'Takes the file into the library again.',
      params: FileParams,
      answers: { 202: JobList },
      errors: ['not_found'],
    },
    ({ caller, params }) => ({
      jobs: removedBooks.bringBack(caller.ownerId, params.file_id).map(presentJob),
    }),
  ),
];
