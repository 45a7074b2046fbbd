// What a request may bring along, as data of its endpoint, and the JSON body read once it is known who sends it.
import { isUtf8 } from 'node:buffer';
import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { AppError, invalid } from '../base/errors.ts';
import { parseJson } from './json-text.ts';
import type { JsonBounds } from './json-text.ts';

/** A media type; of JSON also what is in it. */
export type MediaOf = string | { type: string; schema: z.ZodType };

/** How much a JSON body may be: bytes, and values in it. */
export type BodyBounds = JsonBounds & { mostBytes: number };

const MiB = 1024 * 1024;
/** Large enough for a batch of books, small enough to hold in memory. */
const USUAL: BodyBounds = { mostBytes: 2 * MiB, mostValues: 200_000, mostInRow: 200_000 };
/** What a device that was offline for long sends at once: fifty thousand books of thirty fields, and no book as long as a library. */
export const LARGE: BodyBounds = { mostBytes: 32 * MiB, mostValues: 3_000_000, mostInRow: 50_000 };

export type JsonBody<Schema extends z.ZodType = z.ZodType, Optional extends boolean = boolean> = {
  kind: 'json';
  schema: Schema;
  isOptional: Optional;
  bounds: BodyBounds;
};
export type FormBody = { kind: 'form'; schema: z.ZodType };
export type RawBody = { kind: 'raw'; media: readonly MediaOf[] };
/** What an endpoint takes: one of these, or either of a JSON body and a form. */
export type Taken = JsonBody | FormBody | RawBody | readonly [JsonBody, FormBody];

/** What the handler gets of it: the parsed JSON; forms and raw bodies it reads itself, from the request. */
export type Given<Body extends Taken | undefined> =
  Body extends JsonBody<infer Schema, infer Optional>
    ? z.output<Schema> | (Optional extends true ? undefined : never)
    : Body extends readonly [JsonBody<infer Schema>, FormBody]
      ? z.output<Schema> | undefined
      : undefined;

/** A JSON body. With `optional` a request without one is fine. */
export function json<Schema extends z.ZodType, const Optional extends boolean = false>(
  schema: Schema,
  options: { optional?: Optional; bounds?: BodyBounds } = {},
): JsonBody<Schema, Optional> {
  const { optional = false as Optional, bounds = USUAL } = options;
  return { kind: 'json', schema, isOptional: optional, bounds };
}

/** A multipart/form-data body with one file, which the handler takes by withUpload. */
export const form = (schema: z.ZodType): FormBody => ({ kind: 'form', schema });

/** A body of these types, which the handler reads from the request as it comes. */
export const raw = (...media: readonly MediaOf[]): RawBody => ({ kind: 'raw', media });

/** The kinds of body an endpoint takes, each by itself. */
export const kindsOf = (body: Taken | undefined): readonly (JsonBody | FormBody | RawBody)[] =>
  body === undefined ? [] : 'kind' in body ? [body] : body;

const JSON_TYPES = ['application/json', 'application/*+json'];

/** Throws unsupported for a body that is said to be something else (RFC 9110 §15.5.16). */
export function refuseOtherTypes(req: Request): void {
  // None at all lacks what is asked for, whatever it would have been.
  if (req.headers['content-length'] === '0') return;
  if (req.is(JSON_TYPES) === false)
    throw new AppError('unsupported', 'the request body must be JSON, sent as application/json');
}

/**
 * Returns the body, undefined when there is none or it is of another type. Throws what body-parser finds wrong with it,
 * invalid for what is no JSON, too_large for more than the bounds.
 */
export async function readJson(req: Request, res: Response, bounds: BodyBounds): Promise<unknown> {
  const bytes = await new Promise<unknown>((resolve, reject) => {
    void readerOf(bounds)(req, res, (error?: unknown) => {
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
  const value = await parseJson(bytes, bounds);
  if (typeof value !== 'object' || value === null) throw invalid('The request body is not valid JSON.');
  return value;
}

const readers = new Map<number, RequestHandler>();

function readerOf({ mostBytes }: BodyBounds): RequestHandler {
  let reader = readers.get(mostBytes);
  if (reader === undefined)
    readers.set(mostBytes, (reader = express.raw({ limit: mostBytes, type: JSON_TYPES })));
  return reader;
}
