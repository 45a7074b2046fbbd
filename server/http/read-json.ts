// Reads the JSON body of a request, once it is known who sends it.
import { isUtf8 } from 'node:buffer';
import express from 'express';
import type { Request, Response } from 'express';
import { AppError, invalid } from '../base/errors.ts';

/** `large` is for what a device that was offline for long sends at once: thousands of books. */
export type BodySize = 'usual' | 'large';

/** Large enough for a batch of books, small enough to hold in memory. */
const LIMITS: Record<BodySize, string> = { usual: '2mb', large: '32mb' };

const JSON_TYPES = ['application/json', 'application/*+json'];

/** Throws unsupported for a body that is said to be something else (RFC 9110 §15.5.16). */
export function refuseOtherTypes(req: Request): void {
  // None at all lacks what is asked for, whatever it would have been.
  if (req.headers['content-length'] === '0') return;
  if (req.is(JSON_TYPES) === false)
    throw new AppError('unsupported', 'the request body must be JSON, sent as application/json');
}

/** Requests that announced a body and had none in it, of which body-parser makes an object. */
const empty = new WeakSet<object>();

const readerOf = (limit: string) => express.json({ limit, type: JSON_TYPES, verify: refuseBrokenText });
const readers = { usual: readerOf(LIMITS.usual), large: readerOf(LIMITS.large) };

/** Returns the body, undefined when there is none or it is of another type. Throws what body-parser finds wrong with it. */
export const readJson = (req: Request, res: Response, size: BodySize): Promise<unknown> =>
  new Promise((resolve, reject) => {
    readers[size](req, res, (error?: unknown) => {
      if (error === undefined) resolve(empty.has(req) ? undefined : req.body);
      else reject(error);
    });
  });

/** Decoding would put question marks where a person's words were (RFC 8259 §8.1: JSON is UTF-8). */
function refuseBrokenText(req: object, _res: unknown, bytes: Buffer): void {
  if (bytes.length === 0) empty.add(req);
  if (!isUtf8(bytes)) throw invalid('The request is not valid UTF-8.');
}
