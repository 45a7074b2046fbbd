// Endpoints that give annotations as a file (papyrus.md "Export of annotations").
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { json } from '../../../http/bodies.ts';
import { attachment } from '../../../http/downloads.ts';
import type { MediaOf } from '../../../http/bodies.ts';
import type { ExportedFile, ExportFormat, MarkExport } from '../../../marks/export.ts';
import { userEndpoint } from '../auth.ts';
import { enveloped } from './present-export.ts';
import { BookParams } from '../books/schemas.ts';
import { BookExportQuery, ExportAnswer, ExportQuery, ExportRequest } from './export-schemas.ts';

const EXPORT = {
  tag: 'Annotations',
  access: 'user',
  description:
    'The file itself; asked for with Accept: application/json or envelope=true, JSON with format, filename, encoding and content. csv is as Readwise imports it, anki a text file with its headers. The header X-Export-Notice is there when a PDF lacks letters that no font of the server has; HTML has them all.',
  sends: [
    'text/markdown',
    'application/pdf',
    'text/plain',
    { type: 'application/json', schema: ExportAnswer },
    'text/html',
    'text/csv',
  ] as MediaOf[],
} as const;

/** Returns the endpoints. */
export function annotationExportEndpoints({ markExport }: { markExport: MarkExport }) {
  return [
    userEndpoint(
      {
        ...EXPORT,
        method: 'post',
        path: '/annotations/export',
        summary: 'Gives your highlights as a file.',
        query: ExportQuery,
        body: json(ExportRequest),
        errors: ['unavailable'],
      },
      async ({ caller, query, body, req, res }) => {
        const file = await markExport.all(caller.userId, {
          format: body.format,
          ...(body.book_ids == null ? {} : { bookIds: body.book_ids }),
          ...(body.colors == null ? {} : { colors: body.colors }),
          includeNotes: body.include_notes,
          includeContext: body.include_context,
          groupBy: body.group_by,
        });
        await send(req, res, file, { format: body.format, envelope: query.envelope });
      },
    ),
    userEndpoint(
      {
        ...EXPORT,
        method: 'get',
        path: '/books/{book_id}/annotations/export',
        summary: 'Gives the highlights of a book as a file.',
        params: BookParams,
        query: BookExportQuery,
        errors: ['not_found', 'unavailable'],
      },
      async ({ caller, params, query, req, res }) => {
        const { format, envelope, include_notes: includeNotes, include_context: includeContext } = query;
        const asked = { format, includeNotes, includeContext };
        const file = await markExport.ofBook(caller.userId, params.book_id, asked);
        await send(req, res, file, { format, envelope });
      },
    ),
  ];
}

/** Sends the file while it is made; a client that leaves ends the making. */
async function send(
  req: Request,
  res: Response,
  file: ExportedFile,
  { format, envelope }: { format: ExportFormat; envelope: boolean | undefined },
): Promise<void> {
  const asksForJson = /(^|,)\s*application\/json\s*(;|,|$)/i.test(req.headers.accept ?? '');
  const isEnveloped = envelope ?? (asksForJson && format !== 'json');
  res.setHeader('Content-Type', isEnveloped ? 'application/json; charset=utf-8' : file.contentType);
  if (!isEnveloped) res.setHeader('Content-Disposition', attachment(file.name));
  res.setHeader('Cache-Control', 'private, no-store');
  if (file.notice !== undefined) res.setHeader('X-Export-Notice', file.notice);
  const pieces = isEnveloped ? enveloped(format, file) : file.pieces;
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), res);
  } catch (error) {
    // A client that leaves half way is nothing to report.
    if (!isAbandoned(error)) throw error;
  } finally {
    await file.pieces.return();
  }
}

const isAbandoned = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
