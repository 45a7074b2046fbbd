import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../server/portability/read-document.ts';
import type { Piece } from '../../../server/portability/read-document.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const allOf = async (pieces: AsyncIterable<Piece>): Promise<Piece[]> => {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
};

/** What JSON.parse says of the same text, told as the reader tells it. */
const asPieces = (document: Record<string, unknown>) =>
  Object.entries(document).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((row: unknown) => ({ name, isRow: true, value: row }))
      : [{ name, isRow: false, value }],
  );

describe('a document that is read as it arrives', () => {
  it('says the same as one that is read at once, wherever it is cut', async () => {
    const keys = fc.string().filter((key) => key !== '__proto__');
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, 2, '\t'),
        async (document, size, indent) => {
          const text = JSON.stringify(document, null, indent);
          const pieces = await allOf(readDocument(inPieces(text, size)));
          expect(pieces).toEqual(asPieces(JSON.parse(text) as Record<string, unknown>));
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['', '{', '{"a"}', '{"a":}', '{"a":1,,}', '{"a":[1 2]}', '{"a":[1}', '{"a":{]}', '{}{}', 'null', '{"a":[,1]}', '{1:2}', '{"a":"\\"}'])(
    'is refused where it is %j',
    async (text) => {
      await expect(allOf(readDocument(inPieces(text, 3)))).rejects.toThrow(/is not the JSON/);
    },
  ); // prettier-ignore

  it('is refused where it is not UTF-8', async () => {
    const source = (async function* () {
      yield Buffer.from('{"a":"');
      yield Buffer.from([0xff, 0xfe]);
    })();
    await expect(allOf(readDocument(source))).rejects.toThrow('The document is not valid UTF-8.');
  });
});
