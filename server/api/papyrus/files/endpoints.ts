// Endpoints of the files of books: upload, download, links that are good for a while.
import { form } from '../../../http/bodies.ts';
import { withUpload } from '../../../http/uploads.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Files } from '../../../files/files.ts';
import type { Links } from '../../../files/links.ts';
import type { Uploads } from '../../../files/uploads.ts';
import type { FileBytes } from '../../../storage/file-bytes.ts';
import { BOOK_MEDIA_TYPES } from '../../../library/book-files.ts';
import { linkEndpoint, userEndpoint } from '../auth.ts';
import { COVER_MEDIA_TYPES } from '../books/covers.ts';
import { acceptFields } from '../errors.ts';
import { presentFile } from './present.ts';
import { BookParams } from '../books/schemas.ts';
import { FileInfo, FileLink, FilePathParams, LinkQuery, UploadFields, UploadFileRequest } from './schemas.ts';
import { sendsStored } from './send-stored.ts';

const FILES = { tag: 'Files', access: 'user' } as const;

type Parts = {
  files: Files;
  uploads: Uploads;
  links: Links;
  fileBytes: FileBytes;
  stagingDir: string;
  mostBytes: number;
  linkBase: LinkBase;
};

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function fileEndpoints(parts: Parts) {
  const { files, uploads, links, fileBytes, stagingDir, mostBytes, linkBase } = parts;
  const sendStored = sendsStored(fileBytes);
  return [
    userEndpoint(
      {
        ...FILES,
        method: 'post',
        path: '/files/upload',
        summary: 'Takes the file of a book, up to 2048 MB; a book claims it by its file_path within a day.',
        body: form(UploadFileRequest),
        answers: { 201: FileInfo },
        limit: 'upload',
        errors: ['too_large', 'unsupported', 'unavailable'],
      },
      ({ caller, req }) =>
        withUpload(req, { dir: stagingDir, mostBytes }, async ({ file, fields }) => {
          const { storage_backend_id: backendId } = acceptFields(UploadFields, fields);
          return presentFile(await uploads.takeBook(caller.userId, file, backendId));
        }),
    ),
    linkEndpoint(
      {
        tag: 'Files',
        access: 'link',
        method: 'get',
        path: '/files/download/{file_path}',
        summary: 'Sends a file, whole or in part.',
        description: 'Needs a token, or the signature of a link from /books/{book_id}/file.',
        params: FilePathParams,
        wildcard: 'file_path',
        query: LinkQuery,
        sends: [...BOOK_MEDIA_TYPES, ...COVER_MEDIA_TYPES, 'application/octet-stream'],
        inParts: true,
        errors: ['not_found'],
      },
      async ({ caller, params, query, req, res }) => {
        const key = params.file_path;
        if (caller === undefined)
          await links.check(key, { expires: query.exp ?? 0, signature: query.sig ?? '' });
        const file = caller === undefined ? files.getSigned(key) : files.get(caller.userId, key);
        await sendStored(req, res, file);
      },
    ),
    userEndpoint(
      {
        ...FILES,
        method: 'get',
        path: '/files/info/{file_path}',
        summary: 'Returns what is known of a file.',
        params: FilePathParams,
        wildcard: 'file_path',
        answers: { 200: FileInfo },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentFile(files.get(caller.userId, params.file_path)),
    ),
    userEndpoint(
      {
        ...FILES,
        method: 'delete',
        path: '/files/{file_path}',
        summary: 'Deletes a file you uploaded; one in a library folder is not touched.',
        params: FilePathParams,
        wildcard: 'file_path',
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => files.remove(caller.userId, params.file_path),
    ),
    userEndpoint(
      {
        ...FILES,
        method: 'get',
        path: '/books/{book_id}/file',
        summary: "Returns a link to a book's file, good for 15 minutes without signing in.",
        params: BookParams,
        answers: { 200: FileLink },
        errors: ['not_found'],
      },
      async ({ caller, params, req }) => {
        const { key } = files.ofBook(caller.userId, params.book_id);
        const { expires, expiresAt, signature } = await links.make(key);
        return {
          download_url: `${linkBase(req)}${req.baseUrl}/files/download/${inUrl(key)}?exp=${expires}&sig=${signature}`,
          expires_at: expiresAt.toISOString(),
        };
      },
    ),
    userEndpoint(
      {
        ...FILES,
        method: 'delete',
        path: '/books/{book_id}/file',
        summary: 'Deletes the file you gave to a book; one in a library folder is not touched.',
        params: BookParams,
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => files.removeOfBook(caller.userId, params.book_id),
    ),
  ];
}

const inUrl = (key: string) =>
  key
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
