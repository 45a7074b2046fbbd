// Takes one file of a form (RFC 7578) to the staging folder while hashing it: memory stays flat, half a file stays nowhere.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import type { Request } from 'express';
import { requireRoom } from '../base/disk-room.ts';
import { AppError, diskTrouble, invalid } from '../base/errors.ts';
import { waitLonger } from './patience.ts';

export type Staged = {
  path: string;
  /** The file's own name, without folders and control characters. */
  name: string;
  sizeBytes: number;
  sha256: string;
};
export type Upload = { file: Staged; fields: Record<string, string> };

export type UploadRules = {
  dir: string;
  mostBytes: number;
  /** How long nothing may arrive before the upload counts as cut. */
  idleMs?: number;
};

const FIELD = 'file';
/** What a form may have around its file: boundaries, headers, short fields. */
const FORM_BYTES = 64 * 1024;
/** After so many bytes a file whose length nobody said is asked again whether the disk has room for more. */
const LOOK_EVERY_BYTES = 16 * 1024 * 1024;

/**
 * Takes the file of the field "file" and what other fields say, hands both to `use`, and removes what is left of the file
 * afterwards. Throws invalid for a form that is none or is cut, too_large above `mostBytes`, unavailable as soon as the
 * disk has no room for it.
 */
export async function withUpload<T>(
  req: Request,
  rules: UploadRules,
  use: (upload: Upload) => Promise<T>,
): Promise<T> {
  if (!/^multipart\/form-data\b/i.test(req.headers['content-type'] ?? ''))
    throw invalid('Send the file as multipart/form-data, in the field "file".');
  // RFC 9110 §14.4: a part taken for the whole would be half a book.
  if (req.headers['content-range'] !== undefined)
    throw invalid('Parts of files are not put together here. Send the whole file at once.');
  const announcedBytes = Number(req.headers['content-length'] ?? 0);
  if (announcedBytes > rules.mostBytes + FORM_BYTES) throw tooLarge(rules.mostBytes);
  await mkdir(rules.dir, { recursive: true, mode: 0o700 });
  await requireRoom(rules.dir, announcedBytes);
  const path = join(rules.dir, `${randomUUID()}.part`);
  try {
    return await use(await receive(req, path, rules));
  } finally {
    await rm(path, { force: true });
  }
}

async function receive(req: Request, path: string, rules: UploadRules): Promise<Upload> {
  const { mostBytes, idleMs } = rules;
  const form = parserOf(req, mostBytes);
  const fields: Record<string, string> = {};
  let taking: Promise<Staged> | undefined;
  let flaw: string | undefined;
  form.on('field', (name, value, info) => {
    if (info.nameTruncated || info.valueTruncated) flaw = 'A field of the form is too long.';
    else fields[name] ??= value;
  });
  form.on('file', (field, stream, { filename }) => {
    if (field !== FIELD || taking !== undefined) {
      flaw = 'Send one file, in the field "file".';
      stream.resume();
      return;
    }
    taking = take(stream, path, plainName(filename));
    // A form whose file is not taken any more would wait for ever to hand it on.
    taking.catch((error: Error) => form.destroy(error));
  });
  waitLonger(req, idleMs);
  try {
    await pipeline(bodyOf(req), form);
  } catch (error) {
    const trouble: unknown = await taking?.then(() => undefined, (reason: unknown) => reason); // prettier-ignore
    // The disk's own trouble says more than the form it cut short.
    for (const each of [error, trouble])
      if (each instanceof AppError || diskTrouble(each) !== undefined) throw each;
    throw invalid('The upload was cut short or is not a form. Please send it again.', { cause: error });
  }
  if (taking === undefined) throw invalid('There is no file in the field "file".');
  const file = await taking;
  if (flaw !== undefined) throw invalid(flaw);
  if (file.sizeBytes > mostBytes) throw tooLarge(mostBytes);
  return { file, fields };
}

/** The request's bytes: whoever stops reading them leaves the connection open, to be answered on. */
function bodyOf(req: Request): PassThrough {
  const body = new PassThrough();
  req.once('error', (error) => body.destroy(error));
  req.once('close', () => {
    if (!req.complete) body.destroy(new Error('the connection ended'));
  });
  return req.pipe(body);
}

function parserOf(req: Request, mostBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      // One byte more than may be: a file that has it is too large.
      limits: { fileSize: mostBytes + 1, fields: 20, fieldSize: 1024, files: 4, parts: 24, headerPairs: 32 },
    });
  } catch (error) {
    throw invalid('The form says no boundary between its parts.', { cause: error });
  }
}

/** Writes the stream; what is there when it resolves is on the disk. */
async function take(stream: Readable, path: string, name: string): Promise<Staged> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let lookAtBytes = LOOK_EVERY_BYTES;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      if (sizeBytes >= lookAtBytes) {
        lookAtBytes += LOOK_EVERY_BYTES;
        await requireRoom(dirname(path), 0);
      }
      yield chunk;
    }
  };
  await pipeline(stream, counted, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return { path, name, sizeBytes, sha256: hash.digest('hex') };
}

/** The last part of a path in any system's spelling, at most 255 characters; "file" when nothing is left. */
function plainName(given: string | undefined): string {
  const name = (given ?? '')
    .split(/[/\\]/)
    .at(-1)!
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  if (name === '' || name === '.' || name === '..') return 'file';
  if (name.length <= 255) return name;
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return (name.slice(0, 255 - ending.length) + ending).toWellFormed();
}

const tooLarge = (mostBytes: number) =>
  new AppError('too_large', `The file is larger than ${Math.floor(mostBytes / 1024 / 1024)} MB.`);
