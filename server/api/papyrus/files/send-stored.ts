// Sends the bytes of a file a person has, wherever they lie.
import type { Request, Response } from 'express';
import type { FileRecord } from '../../../files/files.ts';
import { sendContent } from '../../../http/downloads.ts';
import type { FileBytes } from '../../../storage/file-bytes.ts';

/** Returns what streams a file under its own name; `inline` leaves the name out, for pictures that are shown. */
export const sendsStored =
  (fileBytes: FileBytes) =>
  (req: Request, res: Response, file: FileRecord, { inline = false } = {}): Promise<void> => {
    const sending = { contentType: file.contentType, ...(inline ? {} : { fileName: file.name }) };
    return fileBytes.open(file.fileId, (content) => sendContent(req, res, content, sending));
  };
