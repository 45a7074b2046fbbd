// Sends what an endpoint answers: kept bytes with their tag, or a long answer made in slices.
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Kept } from './answer-cache.ts';
import { codingFor } from './compress.ts';
import { isFresh } from './preconditions.ts';
import { bytesOfLong } from './long-answer.ts';
import type { LongAnswer } from './long-answer.ts';

/** Sends kept bytes, packed as their reader takes them; 304 when the reader has them (RFC 9110 §13.1.2). */
export async function sendKept(req: Request, res: Response, kept: Kept): Promise<void> {
  const { bytes, etag, status, type } = kept;
  const coding = codingFor(req, bytes.length);
  res.vary('Accept-Encoding');
  res.setHeader('ETag', coding === undefined ? etag : `W/${etag}`);
  res.setHeader('Cache-Control', 'private, no-cache');
  if (isFresh(req, { etag })) {
    res.status(304).end();
    return;
  }
  const sent = coding === undefined ? bytes : await kept.packed(coding);
  res.setHeader('Content-Type', /^text\/|[/+](json|xml)$/.test(type) ? `${type}; charset=utf-8` : type);
  res.status(status);
  if (coding !== undefined) res.setHeader('Content-Encoding', coding);
  res.setHeader('Content-Length', sent.length);
  res.end(req.method === 'HEAD' ? undefined : sent);
}

/** Sends a long answer once all of it is made; with a schema it is checked first. */
export async function sendLong(
  req: Request,
  res: Response,
  answer: LongAnswer<string, unknown, object>,
  schema: z.ZodType | undefined,
): Promise<void> {
  const parts = await bytesOfLong(res, answer);
  if (parts === undefined) return;
  schema?.parse(JSON.parse(Buffer.concat(parts).toString()));
  res.setHeader(
    'Content-Length',
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  if (req.method !== 'HEAD') for (const part of parts) res.write(part);
  res.end();
}
