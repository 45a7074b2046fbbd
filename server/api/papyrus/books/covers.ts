// Endpoints of the cover of a book.
import { notFound } from '../../../base/errors.ts';
import { form, json } from '../../../http/bodies.ts';
import { sendFile } from '../../../http/downloads.ts';
import { withUpload } from '../../../http/uploads.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Books } from '../../../library/books.ts';
import type { Covers } from '../../../library/covers.ts';
import type { Files } from '../../../files/files.ts';
import { MOST_COVER_BYTES } from '../../../files/uploads.ts';
import type { Uploads } from '../../../files/uploads.ts';
import type { FileBytes } from '../../../storage/file-bytes.ts';
import { userEndpoint } from '../auth.ts';
import { presentBook } from './present.ts';
import { Book, BookParams } from './schemas.ts';
import { CoverQuery, FetchCoverRequest, UploadCoverRequest } from '../files/schemas.ts';
import { sendsStored } from '../files/send-stored.ts';

const COVER = { tag: 'Books', access: 'user', path: '/books/{book_id}/cover', params: BookParams } as const;

/** Covers keep the type they came in. */
export const COVER_MEDIA_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'] as const;

type Parts = {
  books: Books;
  covers: Covers;
  files: Files;
  uploads: Uploads;
  fileBytes: FileBytes;
  stagingDir: string;
  linkBase: LinkBase;
};

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function coverEndpoints(parts: Parts) {
  const { books, covers, files, uploads, fileBytes, stagingDir, linkBase } = parts;
  const sendStored = sendsStored(fileBytes);
  return [
    userEndpoint(
      {
        ...COVER,
        method: 'get',
        summary: "Sends a book's cover.",
        sends: [...COVER_MEDIA_TYPES],
        inParts: true,
        redirects: 'The cover is at the address the person gave for it.',
        errors: ['not_found'],
      },
      async ({ caller, params: { book_id: bookId }, req, res }) => {
        const { coverHash, coverImageUrl } = books.get(caller.userId, bookId);
        const uploaded = files.coverOf(caller.userId, bookId);
        if (uploaded !== undefined) {
          await sendStored(req, res, uploaded, { inline: true });
          return;
        }
        const path = coverHash === null ? undefined : await covers.pathOf(caller.userId, bookId, 'large');
        if (path !== undefined) await sendFile(req, res, { path, contentType: 'image/webp', what: 'cover' });
        else if (coverImageUrl !== null) res.redirect(302, coverImageUrl);
        else throw notFound('cover');
      },
    ),
    userEndpoint(
      {
        ...COVER,
        method: 'put',
        summary: 'Gives a book the cover you send, or the one at an address.',
        query: CoverQuery,
        body: [json(FetchCoverRequest, { optional: true }), form(UploadCoverRequest)],
        limit: 'upload',
        answers: { 200: Book },
        errors: ['not_found', 'too_large', 'unavailable'],
      },
      async ({ caller, params: { book_id: bookId }, query, body, req }) => {
        books.get(caller.userId, bookId);
        const url = body?.url ?? query.url;
        if (url === undefined) {
          await withUpload(req, { dir: stagingDir, mostBytes: MOST_COVER_BYTES }, ({ file }) =>
            uploads.giveCover(caller.userId, bookId, file, { countQuota: false }),
          );
        } else await uploads.fetchCover(caller.userId, bookId, url);
        return presentBook(books.get(caller.userId, bookId), linkBase(req));
      },
    ),
  ];
}
