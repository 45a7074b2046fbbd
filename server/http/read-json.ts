// Reads the JSON body of a request, once it is known who sends it.
import { isUtf8 } from 'node:buffer';
import express from 'express';
import type { Request, Response } from 'express';
import { AppError, invalid } from '../base/errors.ts';
import { parseJson } from './json-text.ts';
import type { JsonBounds } from './json-text.ts';

/** `large` is for what a device that was offline for long sends at once: thousands of books. */
export type BodySize = 'usual' | 'large';

/** Large enough for a batch of books, small enough to hold in memory. */
const LIMITS: Record<BodySize, string> = { usual: '2mb', large: '32mb' };

/** A batch of fifty thousand books with thirty fields each, and no book that is as long as a library. */
const BOUNDS: Record<BodySize, JsonBounds> = {
  usual: { mostValues: 200_000, mostInRow: 200_000 },
  large: { mostValues: 3_000_000, mostInRow: 50_000 },
};

const JSON_TYPES = ['application/json', 'application/*+json'];

/** Throws unsupported for a body that is said to be something else (RFC 9110 §15.5.16). */
export function refuseOtherTypes(req: Request): void {
  // None at all lacks what is asked for, whatever it would have been.
  if (req.headers['content-length'] === '0') return;
  if (req.is(JSON_TYPES) === false)
    throw new AppError('unsupported', 'the request body must be JSON, sent as application/json');
}

const readerOf = (limit: string) => express.raw({ limit, type: JSON_TYPES });
const readers = { usual: readerOf(LIMITS.usual), large: readerOf(LIMITS.large) };

/**
 * Returns the body, undefined when there is none or it is of another type. Throws what body-parser finds wrong with it,
 * invalid for what is no JSON, too_large for more values than anybody sends.
 */
export async function readJson(req: Request, res: Response, size: BodySize): Promise<unknown> {
  const bytes = await new Promise<unknown>((resolve, reject) => {
    readers[size](req, res, (error?: unknown) => {
      if (error === undefined) resolve(req.body);
      else reject(error);
    });
  });
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return undefined;
  const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(req.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new AppError('unsupported', 'The request is in an encoding this server does not read.');
  // Decoding would put question marks where a person's words were (RFC 8259 §8.1: JSON is UTF-8).
  if (!isUtf8(bytes)) throw invalid('The request is not valid UTF-8.');
  const value = await parseJson(bytes, BOUNDS[size]);
  if (typeof value !== 'object' || value === null) throw invalid('The request body is not valid JSON.');
  return value;
}
