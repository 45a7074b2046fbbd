// Sends the bytes of a file of storage, wherever they lie.
import type { Request, Response } from 'express';
import { sendContent, sendFile } from '../../../http/downloads.ts';
import type { FileContent, FileRecord } from '../../../storage/files.ts';

/** Streams the file under its own name; `inline` leaves the name out, for pictures that are shown. */
export async function sendStored(
  req: Request,
  res: Response,
  file: FileRecord,
  content: FileContent,
  { inline = false }: { inline?: boolean } = {},
): Promise<void> {
  const sending = { contentType: file.contentType, ...(inline ? {} : { fileName: file.name }) };
  if ('path' in content) await sendFile(req, res, { ...sending, path: content.path, what: 'file' });
  else await sendContent(req, res, content, sending);
}
