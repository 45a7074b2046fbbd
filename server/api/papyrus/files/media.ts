// Endpoints of media: the same files and covers by ids, as the app asks for them.
import { notFound } from '../../../base/errors.ts';
import { form } from '../../../http/bodies.ts';
import { sendFile } from '../../../http/downloads.ts';
import { withUpload } from '../../../http/uploads.ts';
import type { Covers } from '../../../library/covers.ts';
import { BOOK_MEDIA_TYPES } from '../../../library/book-files.ts';
import { COVER_MEDIA_TYPES } from '../books/covers.ts';
import { asMediaError } from '../../../files/media.ts';
import type { MediaFiles } from '../../../files/media.ts';
import type { FileBytes } from '../../../storage/file-bytes.ts';
import { userEndpoint } from '../auth.ts';
import { acceptFields } from '../errors.ts';
import { presentAsset, presentUsage } from './present.ts';
import { AssetParams, MediaAsset, MediaFields, MediaUsage, UploadMediaRequest } from './schemas.ts';
import { sendsStored } from './send-stored.ts';

const MEDIA = { tag: 'Media', access: 'user' } as const;

type Parts = {
  media: MediaFiles;
  covers: Covers;
  fileBytes: FileBytes;
  stagingDir: string;
  mostBytes: number;
};

/** Returns the endpoints. */
export function mediaEndpoints({ media, covers, fileBytes, stagingDir, mostBytes }: Parts) {
  const sendStored = sendsStored(fileBytes);
  return [
    userEndpoint(
      {
        ...MEDIA,
        method: 'post',
        path: '/media',
        summary: 'Gives a book its file or its cover, in place of one it was given before.',
        body: form(UploadMediaRequest),
        answers: { 201: MediaAsset },
        limit: 'upload',
        errors: ['not_found', 'conflict', 'unavailable'],
      },
      ({ caller, req }) =>
        withUpload(req, { dir: stagingDir, mostBytes }, async ({ file, fields }) => {
          const { book_id: bookId, kind } = acceptFields(MediaFields, fields);
          return presentAsset(await media.give(caller.userId, { bookId, kind }, file));
        }).catch((error: unknown) => {
          throw asMediaError(error);
        }),
    ),
    userEndpoint(
      {
        ...MEDIA,
        method: 'get',
        path: '/media/usage',
        summary: 'Returns how much room your files take and have.',
        answers: { 200: MediaUsage },
      },
      ({ caller }) => presentUsage(media.usage(caller.userId)),
    ),
    userEndpoint(
      {
        ...MEDIA,
        method: 'get',
        path: '/media/{asset_id}',
        summary: 'Sends a file or a cover, whole or in part.',
        params: AssetParams,
        sends: [...BOOK_MEDIA_TYPES, ...COVER_MEDIA_TYPES, 'application/octet-stream'],
        inParts: true,
        errors: ['not_found'],
      },
      async ({ caller, params, req, res }) => {
        const found = media.get(caller.userId, params.asset_id);
        if ('file' in found) {
          await sendStored(req, res, found.file);
          return;
        }
        const path = await covers.pathOf(caller.userId, found.coverOf, 'large');
        if (path === undefined) throw notFound('asset');
        await sendFile(req, res, { path, contentType: 'image/webp', fileName: 'cover.webp', what: 'asset' });
      },
    ),
    userEndpoint(
      {
        ...MEDIA,
        method: 'delete',
        path: '/media/{asset_id}',
        summary: 'Deletes a file or a cover you uploaded.',
        params: AssetParams,
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => media.remove(caller.userId, params.asset_id),
    ),
  ];
}
