import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAnswerCache, keyOf } from '../../../server/http/answer-cache.ts';

/** A value as an answer of JSON. */
const made = (value: unknown) => ({ type: 'application/json', content: JSON.stringify(value) });

function aCache(limitBytes?: number) {
  let revision = 1;
  const cache = createAnswerCache(() => String(revision), limitBytes);
  let count = 0;
  return {
    change: () => revision++,
    made: () => count,
    ask: async (key: string, value: unknown = key) => {
      const before = count;
      const answer = await cache.get(key, async () => {
        count++;
        return await Promise.resolve(made(value));
      });
      return { text: answer.bytes.toString(), etag: answer.etag, fresh: count > before };
    },
    cache,
  };
}

describe('the cache of answers', () => {
  it('makes an answer once and gives the same bytes and tag again', async () => {
    const { ask, made: times } = aCache();
    const first = await ask('a', { title: 'Émile' });
    expect(first.text).toBe('{"title":"Émile"}');
    expect(first.etag).toMatch(/^"[\w-]{22}"$/);
    expect(await ask('a', 'something else')).toEqual({ ...first, fresh: false });
    expect(times()).toBe(1);
  });

  it('makes it again when the world changed, under the same tag when the answer did not', async () => {
    const { ask, change } = aCache();
    const first = await ask('a', 1);
    change();
    expect(await ask('a', 1)).toEqual({ ...first, fresh: true });
    change();
    expect((await ask('a', 2)).etag).not.toBe(first.etag);
  });

  it('lets two who ask at once wait for one making', async () => {
    const { ask, made: times } = aCache();
    const answers = await Promise.all([ask('a'), ask('a'), ask('b')]);
    expect(times()).toBe(2);
    expect(answers[0].text).toBe(answers[1].text);
  });

  it('does not keep a failure', async () => {
    const { cache, ask } = aCache();
    await expect(cache.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect((await ask('a')).text).toBe('"a"');
  });

  it('does not keep what was begun before the world changed', async () => {
    const { cache, ask, change } = aCache();
    let finish: (value: ReturnType<typeof made>) => void = () => {};
    const old = cache.get('a', () => new Promise((resolve) => { finish = resolve; })); // prettier-ignore
    change();
    expect((await ask('a', 'new')).text).toBe('"new"');
    finish(made('old'));
    expect((await old).bytes.toString()).toBe('"old"');
    expect(await ask('a', 'unused')).toMatchObject({ text: '"new"', fresh: false });
  });

  it('does not count what it does not keep', async () => {
    const { cache, ask, change } = aCache(35);
    let finish: (value: ReturnType<typeof made>) => void = () => {};
    const old = cache.get('a', () => new Promise((resolve) => { finish = resolve; })); // prettier-ignore
    change();
    await ask('a');
    finish(made('x'.repeat(100)));
    await old;
    await ask('b');
    expect([(await ask('a')).fresh, (await ask('b')).fresh]).toEqual([false, false]);
  });

  it('drops the oldest beyond its size, and no more than it must', async () => {
    // Each answer is 10 bytes: eight letters in quotes.
    const { ask } = aCache(35);
    const keys = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(8));
    for (const key of keys) await ask(key);
    const fresh = [];
    for (const key of keys.slice(1)) fresh.push((await ask(key)).fresh);
    expect(fresh).toEqual([false, false, false]);
    expect((await ask(keys[0]!)).fresh).toBe(true);
    expect((await ask(keys[1]!)).fresh).toBe(true);
  });

  it('keeps an answer larger than its size until the next comes', async () => {
    const { ask } = aCache(5);
    await ask('long enough');
    expect((await ask('long enough')).fresh).toBe(false);
    await ask('another one');
    expect((await ask('long enough')).fresh).toBe(true);
  });

  it('is not upset by one that fails while others push the oldest out', async () => {
    const { cache, ask } = aCache(15);
    let fail: (error: Error) => void = () => {};
    const failing = cache.get('slow', () => new Promise((_resolve, reject) => { fail = reject; })); // prettier-ignore
    for (const key of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) await ask(key);
    fail(new Error('no'));
    await expect(failing).rejects.toThrow('no');
    expect((await ask('cccccccc')).fresh).toBe(false);
    expect((await ask('slow')).fresh).toBe(true);
  });
});

describe('a kept answer', () => {
  it('is packed once, and that counts towards what is held', async () => {
    const { cache, ask } = aCache(300);
    const long = 'stormy night '.repeat(20);
    const answer = await cache.get('a', () => Promise.resolve(made(long)));
    const packed = await answer.packed('br');
    expect(brotliDecompressSync(packed)).toEqual(answer.bytes);
    expect(await answer.packed('br')).toBe(packed);
    expect(gunzipSync(await answer.packed('gzip'))).toEqual(answer.bytes);
    // 262 bytes as they are leave no room for two ways of packing them once another answer comes.
    await ask('b');
    expect((await ask('a', long)).fresh).toBe(true);
  });
});

describe('the key of an answer', () => {
  it('is the same for the same question however it is put', () => {
    expect(keyOf([{ a: 1, b: ['x', null] }])).toBe(keyOf([{ b: ['x', null], c: undefined, a: 1 }]));
    expect(keyOf(['a', undefined])).toBe(keyOf(['a', null]));
  });

  it('is another one for every other question', () => {
    const questions = [[], [''], [null], ['', ''], [[]], [{}], [{ a: 1 }], [{ a: '1' }], [{ a: [1] }], [['a', 1]], [[['a', 1]]], ['a\nb'], ['a', 'b'], [{ a: 0 }], [{ a: false }]]; // prettier-ignore
    expect(new Set(questions.map((parts) => keyOf(parts))).size).toBe(questions.length);
  });

  it.each([
    ['a set', new Set(['summary'])],
    ['a map', new Map([['a', 1]])],
    ['a date', new Date(0)],
    ['a pattern', /a/],
    ['a function', () => 1],
    ['a number that is none', Number.NaN],
    ['bytes', Buffer.from('a')],
    ['a big number', 1n],
    ['a symbol', Symbol('a')],
  ])('is not made of %s, of which JSON says less than there is', (_what, value) => {
    expect(() => keyOf([{ query: [value] }])).toThrow(TypeError);
  });
});
