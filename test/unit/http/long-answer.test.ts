import type { Response } from 'express';
import { describe, expect, it } from 'vitest';
import { bytesOfLong, LongAnswer } from '../../../server/http/long-answer.ts';
import type { AnswerSlice } from '../../../server/http/long-answer.ts';

type Slice = AnswerSlice<unknown, object>;
const here = { destroyed: false } as Response;
const textOf = async (slices: Iterable<Slice>): Promise<string | undefined> => {
  const parts = await bytesOfLong(here, new LongAnswer('things', slices));
  return parts && Buffer.concat(parts).toString();
};

describe('a long answer', () => {
  it('is the JSON the answer would be as a whole', async () => {
    const things = [{ a: 'é "quoted" 🙂' }, { b: null }, {}, 4];
    const rest = { upTo: '2026', more: false };
    const cuts: unknown[][][] = [[things], things.map((one) => [one]), [[], things, []], [[]]];
    for (const slices of cuts) {
      const given = slices.map((items, at): Slice => ({
        items,
        rest: at === slices.length - 1 ? rest : undefined,
      }));
      expect(await textOf(given)).toBe(JSON.stringify({ things: slices.flat(), ...rest }));
    }
    expect(await textOf([{ items: [1], rest: {} }])).toBe('{"things":[1]}');
  });

  it('lets others have their turn between slices', async () => {
    const turns: string[] = [];
    function* slices(): Generator<Slice> {
      for (const at of [1, 2, 3]) {
        turns.push(`slice ${at}`);
        if (at === 1) setImmediate(() => turns.push('somebody else'));
        yield { items: [at], rest: at === 3 ? {} : undefined };
      }
    }
    await textOf(slices());
    expect(turns).toEqual(['slice 1', 'somebody else', 'slice 2', 'slice 3']);
  });

  it('is not made to its end for a client that left, and fails before anything is sent', async () => {
    let [made, isClosed] = [0, false];
    function* slices(): Generator<Slice> {
      try {
        for (;;) yield { items: [(made += 1)], rest: undefined };
      } finally {
        isClosed = true;
      }
    }
    const gone = { destroyed: true } as Response;
    expect(await bytesOfLong(gone, new LongAnswer('things', slices()))).toBeUndefined();
    expect([made, isClosed]).toEqual([1, true]);
    function* broken(): Generator<Slice> {
      yield { items: [1], rest: undefined };
      throw new Error('the disk is gone');
    }
    await expect(textOf(broken())).rejects.toThrow('the disk is gone');
  });
});
