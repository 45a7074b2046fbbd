// Covers, book files and share images under /assets, for whoever may read the library.
import { notFound } from '../../base/errors.ts';
import { sendContent, sendFile } from '../../http/downloads.ts';
import type { Books } from '../../library/books.ts';
import type { Covers } from '../../library/covers.ts';
import { BOOK_MEDIA_TYPES, mediaTypeOf } from '../../library/book-files.ts';
import type { FileBytes } from '../../storage/file-bytes.ts';
import { parseShareFileName } from '../../reading/share-images/share-images.ts';
import type { ShareFileName } from '../../reading/share-images/share-images.ts';
import { koshelfEndpoint } from './auth.ts';
import { CoverParams, CoverQuery } from './schemas.ts';

const YEAR_SEC = 31_536_000;

type Parts = { books: Books; covers: Covers; fileBytes: FileBytes };

/** Returns the endpoints, under /assets instead of /api. */
export function assetEndpoints({ books, covers, fileBytes }: Parts) {
  return [
    koshelfEndpoint(
      {
        method: 'get',
        path: '/covers/{file}',
        summary: "Sends an item's cover, {id}.webp.",
        tag: 'Assets',
        access: 'reader',
        params: CoverParams,
        query: CoverQuery,
        sends: ['image/webp'],
        inParts: true,
        errors: ['not_found'],
      },
      async ({ caller: { ownerId }, params: { file }, query: { v: version }, req, res }) => {
        const [, id = ''] = /^([0-9a-f-]{32,36})\.webp$/i.exec(file) ?? [];
        const bookId = books.idOf(ownerId, id);
        const path = await covers.pathOf(ownerId, bookId, 'large');
        if (path === undefined) throw notFound('cover');
        const isThatOne =
          version !== undefined && version.length >= 8 && covers.hashOf(ownerId, bookId)?.startsWith(version);
        await sendFile(req, res, {
          path,
          contentType: 'image/webp',
          ...(isThatOne === true ? { immutableSec: YEAR_SEC } : {}),
          what: 'cover',
        });
      },
    ),
    koshelfEndpoint(
      {
        method: 'get',
        path: '/files/{file}',
        summary: "Sends an item's book file, {id}.{format}.",
        tag: 'Assets',
        access: 'reader',
        params: CoverParams,
        sends: [...BOOK_MEDIA_TYPES, 'application/octet-stream'],
        inParts: true,
        errors: ['not_found'],
      },
      async ({ caller, params, req, res }) => {
        const [, id = '', format] = /^([0-9a-f-]{32,36})\.(\w+)$/i.exec(params.file) ?? [];
        const file = books
          .files(caller.ownerId, books.idOf(caller.ownerId, id))
          .find((each) => each.format === format);
        if (file === undefined) throw notFound('file');
        const sending = { contentType: mediaTypeOf(file.format), fileName: file.name };
        await fileBytes.open(file.fileId, (content) => sendContent(req, res, content, sending));
      },
    ),
  ];
}

export type RecapParts = {
  /** Where a year's picture lies, drawn if need be; undefined for a year without finished books. */
  recapPicture: (ownerId: string, picture: ShareFileName) => Promise<string | undefined>;
};

/** Returns the endpoint of the pictures of a reading year, under /assets instead of /api. */
export function recapEndpoints({ recapPicture }: RecapParts) {
  return [
    koshelfEndpoint(
      {
        method: 'get',
        path: '/recap/{file}',
        summary: "Sends a year's share image, {year}_share_{story, square or banner}.{webp or svg}.",
        tag: 'Assets',
        access: 'reader',
        params: CoverParams,
        sends: ['image/webp', 'image/svg+xml'],
        inParts: true,
        errors: ['not_found'],
      },
      async ({ caller, params: { file }, req, res }) => {
        const picture = parseShareFileName(file);
        if (picture === undefined) throw notFound('picture');
        const path = await recapPicture(caller.ownerId, picture);
        if (path === undefined) throw notFound('picture');
        const contentType = picture.kind === 'svg' ? 'image/svg+xml' : 'image/webp';
        await sendFile(req, res, { path, contentType, what: 'picture' });
      },
    ),
  ];
}
