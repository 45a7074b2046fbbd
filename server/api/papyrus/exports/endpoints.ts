// Endpoints of taking a library out and bringing it back.
import type { BookArchive } from '../../../portability/book-archive.ts';
import type { LibraryExport } from '../../../portability/library-export.ts';
import type { LibraryImport } from '../../../portability/library-import.ts';
import { json, raw } from '../../../http/bodies.ts';
import { sendFile } from '../../../http/downloads.ts';
import { sendStream } from '../../../http/send-stream.ts';
import { waitLonger } from '../../../http/patience.ts';
import { userEndpoint } from '../auth.ts';
import {
  ExportBooksRequest,
  ExportLibraryRequest,
  LibraryDocument,
  LibraryImportReport,
  LibraryToTakeIn,
} from './schemas.ts';

const TYPES = { json: 'application/json', csv: 'text/csv; charset=utf-8', opml: 'application/xml' } as const;

export type ExportParts = {
  libraryExport: LibraryExport;
  bookArchive: BookArchive;
  libraryImport: LibraryImport;
};

/** Returns the endpoints. */
export function exportEndpoints({ libraryExport, bookArchive, libraryImport }: ExportParts) {
  return [
    userEndpoint(
      {
        method: 'post',
        path: '/export/library',
        summary:
          'Returns the library as a file: all of it as JSON, its books as a table, or its shelves as outlines.',
        description: 'The JSON can be brought back with POST /import/library.',
        tag: 'Books',
        access: 'user',
        limit: 'batch',
        body: json(ExportLibraryRequest),
        sends: [{ type: 'application/json', schema: LibraryDocument }, 'text/csv', 'application/xml'],
        errors: ['not_found'],
      },
      async ({ caller, body, req, res }) => {
        const parts = new Set(
          (['books', 'annotations', 'notes', 'progress'] as const).filter((part) => body[`include_${part}`]),
        );
        const request = { format: body.format, parts, shelfIds: body.shelf_ids, tagIds: body.tag_ids };
        const file = await libraryExport.write(caller.userId, request);
        try {
          const fileName = body.format === 'csv' ? 'books.csv' : `library.${body.format}`;
          await sendFile(req, res, {
            path: file.path,
            contentType: TYPES[body.format],
            fileName,
            what: 'export',
          });
        } finally {
          await file.remove();
        }
      },
    ),
    userEndpoint(
      {
        method: 'post',
        path: '/export/books',
        summary: 'Returns the files of books as a ZIP with a manifest.',
        description: 'Only files that are on this server; the manifest says which books have none.',
        tag: 'Files',
        access: 'user',
        limit: 'batch',
        body: json(ExportBooksRequest),
        sends: ['application/zip'],
        errors: ['not_found'],
      },
      ({ caller, body, res }) => {
        const request = { bookIds: body.book_ids, withMetadata: body.include_metadata };
        const stream = bookArchive.stream(caller.userId, request);
        return sendStream(res, { stream, contentType: 'application/zip', fileName: 'books.zip' });
      },
    ),
    userEndpoint(
      {
        method: 'post',
        path: '/import/library',
        summary:
          'Takes a JSON export in: what is not here is added, what is here is changed where the export is newer.',
        description: 'Nothing is written when any of it is wrong. Sent again, it changes nothing more.',
        tag: 'Books',
        access: 'user',
        limit: 'upload',
        body: raw({ type: 'application/json', schema: LibraryToTakeIn }),
        answers: { 200: LibraryImportReport },
        errors: ['invalid', 'conflict', 'too_large'],
      },
      async ({ caller, req }) => {
        // Years of reading over a slow line.
        waitLonger(req);
        const report = await libraryImport.takeIn(caller.userId, req, caller.sessionId);
        return { exported_at: report.exportedAt, sections: report.sections };
      },
    ),
  ];
}
