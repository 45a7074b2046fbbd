// Sends a file from disk: ETag, conditional requests and single byte ranges (RFC 9110 §13, §14).
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { errorCode } from '../base/error-code.ts';
import { notFound } from '../base/errors.ts';
import { withLocalFile } from '../base/local-file.ts';
import { earlyStatus, ifRangeHolds } from './preconditions.ts';

/** What is sent: bytes with what HTTP wants to know of them. */
export type Content = {
  sizeBytes: number;
  modifiedAt: Date;
  /** A word that is another one for other bytes, without quotes. */
  etag: string;
  /** Streams from the first to the last byte given, both included. */
  read(range: { start: number; end: number }): Readable | Promise<Readable>;
};

export type Sending = {
  contentType: string;
  /** Seconds a client may keep it without asking, for content that never changes under its address. */
  immutableSec?: number;
  /** What the file is called for the person who saves it. */
  fileName?: string;
};

export type Download = Sending & { path: string | Buffer; what: string };

/** Streams the file. Throws not_found when it is gone; answers 304, 206, 412 and 416 by itself. */
export async function sendFile(req: Request, res: Response, download: Download): Promise<void> {
  await withLocalFile(download.path, async (file) => {
    if (file === undefined) throw notFound(download.what);
    await sendContent(req, res, file, download);
  });
}

/** Streams the content; answers 304, 206, 412 and 416 by itself. */
export async function sendContent(
  req: Request,
  res: Response,
  content: Content,
  { contentType, immutableSec, fileName }: Sending,
): Promise<void> {
  const { sizeBytes } = content;
  const etag = `"${content.etag}"`;
  const modified = new Date(Math.floor(content.modifiedAt.getTime() / 1000) * 1000);
  res.setHeader('ETag', etag);
  res.setHeader('Last-Modified', modified.toUTCString());
  res.setHeader('Accept-Ranges', 'bytes');
  res.setHeader(
    'Cache-Control',
    immutableSec === undefined ? 'private, no-cache' : `private, max-age=${immutableSec}, immutable`,
  );
  const status = earlyStatus(req, { etag, modified });
  if (status !== undefined) {
    res.status(status).end();
    return;
  }
  res.setHeader('Content-Type', contentType);
  if (fileName !== undefined) res.setHeader('Content-Disposition', attachment(fileName));
  const range =
    req.headers.range === undefined || !ifRangeHolds(req, { etag, modified })
      ? 'all'
      : parseRange(req.headers.range, sizeBytes);
  if (range === 'unsatisfiable') {
    res.setHeader('Content-Range', `bytes */${sizeBytes}`);
    res.status(416).end();
    return;
  }
  const [start, end] = range === 'all' ? [0, sizeBytes - 1] : range;
  if (range !== 'all') {
    res.status(206);
    res.setHeader('Content-Range', `bytes ${start}-${end}/${sizeBytes}`);
  }
  res.setHeader('Content-Length', end - start + 1);
  if (req.method === 'HEAD' || sizeBytes === 0) {
    res.end();
    return;
  }
  await pipeline(await content.read({ start, end }), res).catch((error: unknown) => {
    // A client that leaves half way is nothing to report.
    if (!res.destroyed || !isLeaving(error)) throw error;
  });
}

const isLeaving = (error: unknown): boolean =>
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(errorCode(error)));

/** First and last byte of a single range; other units are ignored, several ranges refused (as KoShelf does). */
export function parseRange(header: string, size: number): [number, number] | 'all' | 'unsatisfiable' {
  if (!/^bytes=/i.test(header)) return 'all';
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header);
  if (match === null || (match[1] === '' && match[2] === '')) return 'unsatisfiable';
  const [, first = '', last = ''] = match;
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || size === 0 ? 'unsatisfiable' : [Math.max(0, size - suffix), size - 1];
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || end < start ? 'unsatisfiable' : [start, end];
}

/** Content-Disposition of a file to be saved under this name, whatever letters it has (RFC 6266 §4.1). */
export const attachment = (fileName: string): string =>
  `attachment; filename*=UTF-8''${encodeExtended(fileName)}`;

/** RFC 8187 §3.2: percent-encoded UTF-8, only attribute characters as they are. */
const encodeExtended = (name: string) =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
