import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { coverPaths } from '../../../server/formats/pictures/cover-paths.ts';
import type { Pool } from '../../../server/formats/workers/pool.ts';
import { createCovers } from '../../../server/library/covers.ts';
import type { FileBytes } from '../../../server/storage/file-bytes.ts';
import { openShelf } from '../../support/catalogue.ts';

/** No file is opened here. */
const noBytes = {} as FileBytes;
let coversDir: string;
beforeEach(() => {
  coversDir = mkdtempSync(join(tmpdir(), 'shelf-covers-'));
});
afterEach(() => rmSync(coversDir, { recursive: true }));

it('leaves a cover that took too long to draw for another hour, and does not give it up', async () => {
  const { catalogue, clock } = openShelf();
  const hash = 'a'.repeat(32);
  const { original } = coverPaths(coversDir, hash);
  mkdirSync(dirname(original), { recursive: true });
  writeFileSync(original, 'picture');
  const answers = ['too slow', { hash, width: 1, height: 1 }];
  let asked = 0;
  const pool = { run: async () => answers[asked++], close: async () => {} } as unknown as Pool;
  const covers = createCovers({ catalogue, clock, pool, fileBytes: noBytes, coversDir });
  expect(await covers.undrawn()).toEqual([hash]);
  expect(await covers.draw(hash)).toBe(false);
  expect(await covers.undrawn()).toEqual([]);
  expect([await covers.draw(hash), asked]).toEqual([false, 1]);
  clock.forward({ hours: 1 });
  expect(await covers.undrawn()).toEqual([hash]);
  expect([await covers.draw(hash), asked]).toEqual([true, 2]);
});
