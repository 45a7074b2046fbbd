import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureList } from '../../../server/api/desk/schemas.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { Files, TestServer } from '../../support/server.ts';
import type { Item } from '../koshelf/shelf.ts';

const MIB = 1024 * 1024;
const text = (head: string, unit: string, bytes: number, tail: string) =>
  Buffer.from(head + unit.repeat(Math.ceil(bytes / unit.length)) + tail);
const mark =
  '{ ["datetime"] = "2026-01-01 10:00:00", ["drawer"] = "lighten", ["text"] = "x", ["pos0"] = "a", ["pos1"] = "b" },\n';

/** Name, bytes, and how the sidecar fares: read, or refused for a reason. */
const sidecars: [name: string, bytes: Buffer, fate: string | undefined][] = [
  ['one text of 50 MiB', text('return { ["summary"] = { ["rating"] = 4 }, ["x"] = "', 'words ', 50 * MIB, '" }'), undefined],
  ['50 MiB of white space', text('return { ["summary"] = { ["rating"] = 4 },', ' \n', 50 * MIB, '}'), undefined],
  ['50 MiB of marks', text('return { ["annotations"] = {', mark, 50 * MIB, '} }'), 'too_large'],
  ['50 MiB of numbers', text('return {', '1,', 50 * MIB, '}'), 'too_large'],
  ['50 MiB of open brackets', text('return ', '{', 50 * MIB, ''), 'corrupt'],
  ['a text that never ends', text('return { ["x"] = "', 'words ', 50 * MIB, ''), 'corrupt'],
  ['a comment that never ends', text('--[[', ' return {} ', 50 * MIB, ''), 'corrupt'],
  ['10,000 levels', Buffer.from(`return ${'{ ["a"] = '.repeat(10_000)}1${' }'.repeat(10_000)}`), 'corrupt'],
  ['10,000 levels of brackets in keys', Buffer.from(`return ${'{ [{'.repeat(10_000)}`), 'corrupt'],
  ['a table that holds itself', Buffer.from('local t = {} t.t = t return t'), 'corrupt'],
  ['a table that holds itself by a function', Buffer.from('return setmetatable({}, { __index = function(t) return t end })'), 'corrupt'],
  ['an endless program', Buffer.from('return { x = (function() while true do end end)() }'), 'corrupt'],
  ['a text that multiplies itself', Buffer.from('return { x = ("x"):rep(2^31) }'), 'corrupt'],
  ['70 MiB', text('return { ["x"] = "', 'x', 70 * MIB, '" }'), 'too_large'],
]; // prettier-ignore

let server: TestServer;
let tookMs = 0;
let grewBytes = 0;
const files: Files = Object.fromEntries(
  sidecars.flatMap(([title, bytes], index) => [
    [`${index}.epub`, makeEpub({ title })],
    [`${index}.sdr/metadata.epub.lua`, bytes],
  ]),
);

beforeAll(async () => {
  const before = process.memoryUsage().rss;
  const began = performance.now();
  server = await startTestServer({ files });
  tookMs = performance.now() - began;
  grewBytes = process.memoryUsage().rss - before;
}, 120_000);
afterAll(() => server.close());

describe('sidecars made to do harm', () => {
  it('leave every book in the list', async () => {
    const { items } = await server.data<{ items: Item[] }>('/items');
    expect(items.map(({ title }) => title).toSorted()).toEqual(sidecars.map(([title]) => title).toSorted());
  });

  it('are read when they are data, and else refused for a reason', async () => {
    const { failures } = (await server.desk('GET', '/failures')).json() as FailureList;
    const refused = Object.fromEntries(
      failures.map(({ folder, reason }) => [/(\d+)\.sdr/.exec(folder ?? '')?.[1], reason]),
    );
    expect(sidecars.map(([title], index) => [title, refused[index]])).toEqual(
      sidecars.map(([title, , fate]) => [title, fate]),
    );
    const { items } = await server.data<{ items: Item[] }>('/items?sort=rating');
    expect(items.slice(0, 3).map(({ rating }) => rating)).toEqual([4, 4, undefined]);
  });

  it('take neither long nor much memory', () => {
    expect(tookMs).toBeLessThan(60_000);
    expect(grewBytes).toBeLessThan(1_500 * MIB);
  });
});
