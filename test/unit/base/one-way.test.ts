import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createBoundedMap } from '../../../server/base/bounded-map.ts';
import { defined } from '../../../server/base/defined.ts';
import { errorCode } from '../../../server/base/error-code.ts';
import { escapeMarkup } from '../../../server/base/escape.ts';
import { createTurns } from '../../../server/base/in-turn.ts';
import { writeWhole } from '../../../server/base/write-whole.ts';

const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'one-way-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('work in turn', () => {
  it('of one key never overlaps, of two keys does, and a failure keeps nobody waiting', async () => {
    const inTurn = createTurns();
    const heard: string[] = [];
    const first = Promise.withResolvers<void>();
    const work = (name: string, until?: Promise<void>) => async () => {
      heard.push(`${name} begins`);
      await until;
      heard.push(`${name} ends`);
      if (name === 'a1') throw new Error('broken');
    };
    const turns = [inTurn('a', work('a1', first.promise)), inTurn('a', work('a2')), inTurn('b', work('b1'))];
    await turns[2];
    expect(heard).toEqual(['a1 begins', 'b1 begins', 'b1 ends']);
    first.resolve();
    await expect(turns[0]).rejects.toThrow('broken');
    await turns[1];
    expect(heard.slice(3)).toEqual(['a1 ends', 'a2 begins', 'a2 ends']);
  });
});

describe('a file written whole', () => {
  it('takes the place of the one before, for this user alone, and leaves nothing beside it', () => {
    const path = join(newFolder(), 'made', 'note.json');
    writeWhole(path, 'first');
    writeWhole(path, 'second', { durable: true });
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['note.json']);
  });

  it('that cannot take its place leaves what is there', () => {
    const folder = newFolder();
    writeWhole(join(folder, 'taken', 'inside'), 'kept');
    expect(() => writeWhole(join(folder, 'taken'), 'new')).toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(existsSync(join(folder, 'taken', 'inside'))).toBe(true);
  });
});

describe('small words', () => {
  it('escape what would be markup in XML and in HTML', () => {
    expect(escapeMarkup(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&apos;');
  });

  it('tell the code of an error, and that there is none', () => {
    expect(errorCode(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT');
    expect([errorCode(new Error('plain')), errorCode('text')]).toEqual([undefined, undefined]);
  });

  it('leave out what is undefined and keep null', () => {
    expect(defined({ a: undefined, b: null, c: 0 })).toEqual({ b: null, c: 0 });
  });

  it('forget what nobody asked for the longest', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });
});
