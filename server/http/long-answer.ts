// A JSON answer that takes long to make: made in slices, so that others are answered in between.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Response } from 'express';

/** Some of the list; the last slice has what the answer says besides it. */
export type AnswerSlice<Item, Rest> = { items: readonly Item[]; rest: Rest | undefined };

/** Returned by a handler instead of an answer that would hold up everybody else while it is made. */
export class LongAnswer<Name extends string, Item, Rest extends object> {
  readonly list: Name;
  readonly slices: Iterable<AnswerSlice<Item, Rest>>;

  constructor(list: Name, slices: Iterable<AnswerSlice<Item, Rest>>) {
    this.list = list;
    this.slices = slices;
  }
}

/** The long answers that say the same as an answer of this type, whichever of its lists comes in slices. */
export type LongAnswerOf<Answer> = {
  [Name in keyof Answer & string]: Answer[Name] extends readonly (infer Item)[]
    ? LongAnswer<Name, Item, Omit<Answer, Name>>
    : never;
}[keyof Answer & string];

/**
 * Returns the answer as bytes of JSON, the list first; undefined when the client left meanwhile. Nothing is sent before all
 * of it is made: a client never gets half an answer, and one that reads slowly holds nothing open.
 */
export async function bytesOfLong(
  res: Response,
  { list, slices }: LongAnswer<string, unknown, object>,
): Promise<Buffer[] | undefined> {
  const bytes: Buffer[] = [];
  let before = `{${JSON.stringify(list)}:[`;
  for (const { items, rest } of slices) {
    const pieces: Buffer[] = [];
    for (const item of items) {
      // One letter beyond Latin-1 makes all of a text twice as long in memory: bytes are made of each item by itself.
      pieces.push(Buffer.from(before + JSON.stringify(item)));
      before = ',';
    }
    if (rest !== undefined) {
      const more = JSON.stringify(rest).slice(1);
      pieces.push(Buffer.from(`${before === ',' ? '' : before}]${more === '}' ? '' : ','}${more}`));
    }
    bytes.push(Buffer.concat(pieces));
    if (rest === undefined) await breathe();
    if (res.destroyed) return undefined;
  }
  return bytes;
}
