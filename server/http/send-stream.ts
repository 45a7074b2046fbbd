// Sends what is being made while it is sent.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { attachment } from './downloads.ts';

/** Sends a stream of unknown length. A client sees by the broken answer that it broke off. Throws while nothing was sent. */
export async function sendStream(
  res: Response,
  download: { stream: Readable; contentType: string; fileName: string },
): Promise<void> {
  res.setHeader('Content-Type', download.contentType);
  res.setHeader('Content-Disposition', attachment(download.fileName));
  res.setHeader('Cache-Control', 'private, no-store');
  await pipeline(download.stream, res).catch((error: unknown) => {
    // A client that leaves half way is nothing to report; after the first byte there is no other way to say it failed.
    if (!res.destroyed && !res.headersSent) throw error;
  });
}
