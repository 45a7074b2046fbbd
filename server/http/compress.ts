// Answers are sent as small as their reader understands: Brotli or gzip, for text of more than a kilobyte.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';

/** Smaller answers fit in one packet as they are. */
const LEAST_BYTES = 1_024;

export type Coding = 'br' | 'gzip';
const CODINGS: Coding[] = ['br', 'gzip'];

/** Half the time of the library's own, for a few parts in a hundred more bytes. */
const BROTLI_QUALITY = 4;
const brotli = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };

/**
 * Packs what is sent while it is sent. Never parts of files, files to be saved, event streams and other answers that are read
 * as they come, nor what is packed by itself.
 */
export const compressAnswers: RequestHandler[] = [
  weakenTags,
  compression({
    threshold: LEAST_BYTES,
    brotli: { params: brotli },
    filter: (req, res) =>
      res.statusCode !== 206 &&
      !res.hasHeader('Content-Range') &&
      !res.hasHeader('Content-Disposition') &&
      !/event-stream|ndjson/.test(String(res.getHeader('Content-Type'))) &&
      compression.filter(req, res),
  }),
];

/** Packed bytes are others than the tag and the ranges were said of: it is the same answer, but not byte by byte (RFC 9110 §8.8.1). */
function weakenTags(_req: Request, res: Response, next: () => void): void {
  const writeHead = res.writeHead.bind(res) as (...given: unknown[]) => Response;
  res.writeHead = ((...given: unknown[]) => {
    if (res.hasHeader('Content-Encoding')) {
      const tag = res.getHeader('ETag');
      if (typeof tag === 'string' && tag.startsWith('"')) res.setHeader('ETag', `W/${tag}`);
      res.removeHeader('Accept-Ranges');
    }
    return writeHead(...given);
  }) as typeof res.writeHead;
  next();
}

/** Returns how the reader of so many bytes of text takes them packed, the smaller way first; undefined for as they are. */
export const codingFor = (req: Request, sizeBytes: number): Coding | undefined =>
  sizeBytes < LEAST_BYTES || req.headers['accept-encoding'] === undefined
    ? undefined
    : CODINGS.find((coding) => req.acceptsEncodings(coding) === coding);

const packers = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, {
      params: { ...brotli, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
};

/** Packs bytes that are kept, beside everything else that goes on. */
export const pack = (bytes: Buffer, coding: Coding): Promise<Buffer> => packers[coding](bytes);
