import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../../../server/formats/workers/pool.ts';
import type { Pool } from '../../../../server/formats/workers/pool.ts';
import type { YearRecap } from '../../../../server/reading/share-images/figures.ts';
import {
  createShareImages,
  parseShareFileName,
  shareFileName,
} from '../../../../server/reading/share-images/share-images.ts';

const pool = createPool({ size: 1 });
afterAll(() => pool.close());

let root: string;
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shelf-share-'));
  dir = join(root, 'recap');
});
afterEach(() => rmSync(root, { recursive: true }));

const aRecap = (changes: Partial<YearRecap> = {}): YearRecap => ({
  year: 2025,
  completions: 42,
  readSec: 295 * 3600,
  activeDays: 213,
  daysInYear: 365,
  longestStreakDays: 34,
  bestMonth: 9,
  ...changes,
});

/** Draws nothing, counts how often it was asked to. */
function countingPool() {
  const drawn: string[] = [];
  const run = ((_task: string, { svg }: { svg: string }) => {
    drawn.push(svg);
    return Promise.resolve(Buffer.from(`picture ${drawn.length}`));
  }) as unknown as Pool['run'];
  return { run, drawn };
}

const names = () => readdirSync(dir).toSorted();
const SIX = ['banner.svg', 'banner.webp', 'square.svg', 'square.webp', 'story.svg', 'story.webp'];

describe('share images', () => {
  it('are three WebP files of the right size with an SVG beside each', async () => {
    const files = await createShareImages({ pool, dir }).ensure(aRecap());
    expect(names()).toEqual(SIX.map((name) => `2025_share_${name}`));
    expect(files.story).toEqual({
      webp: join(dir, '2025_share_story.webp'),
      svg: join(dir, '2025_share_story.svg'),
    });
    const sizes = [];
    for (const { webp } of [files.story, files.square, files.banner]) {
      const { format, width, height, hasAlpha } = await sharp(readFileSync(webp)).metadata();
      sizes.push({ format, width, height, hasAlpha });
    }
    expect(sizes).toEqual([
      { format: 'webp', width: 1260, height: 2240, hasAlpha: false },
      { format: 'webp', width: 1500, height: 1500, hasAlpha: false },
      { format: 'webp', width: 2400, height: 1260, hasAlpha: false },
    ]);
    expect(readFileSync(files.banner.svg, 'utf8')).toContain('<desc>42 books finished;');
    expect(statSync(files.banner.webp).size).toBeLessThan(150_000);
  });

  it('are drawn once while they show the same, also after a restart', async () => {
    const counting = countingPool();
    const images = createShareImages({ pool: counting, dir });
    const first = await images.ensure(aRecap());
    expect(await images.ensure(aRecap({ readSec: 295 * 3600 + 59 }))).toEqual(first);
    await createShareImages({ pool: counting, dir }).ensure(aRecap());
    expect(counting.drawn).toHaveLength(3);
  });

  it('are drawn again when a value changed', async () => {
    const counting = countingPool();
    const images = createShareImages({ pool: counting, dir });
    await images.ensure(aRecap());
    const { story } = await images.ensure(aRecap({ completions: 43 }));
    expect(counting.drawn).toHaveLength(6);
    expect(readFileSync(story.svg, 'utf8')).toContain('43 books finished');
    expect(readFileSync(story.webp, 'utf8')).toBe('picture 4');
    expect(names()).toHaveLength(6);
  });

  it('are drawn again one by one when a file is gone, empty or of another program', async () => {
    const counting = countingPool();
    const images = createShareImages({ pool: counting, dir });
    const files = await images.ensure(aRecap());
    rmSync(files.story.webp);
    writeFileSync(files.square.webp, '');
    writeFileSync(files.banner.svg, '<svg/>');
    await images.ensure(aRecap());
    expect(counting.drawn).toHaveLength(6);
    expect(['story', 'square', 'banner'].map((each) => readFileSync(join(dir, `2025_share_${each}.webp`), 'utf8'))).toEqual([
      'picture 4', 'picture 5', 'picture 6',
    ]); // prettier-ignore
  });

  it('are drawn once for two who ask at the same time', async () => {
    const counting = countingPool();
    const images = createShareImages({ pool: counting, dir });
    const [first, second] = await Promise.all([images.ensure(aRecap()), images.ensure(aRecap())]);
    expect(second).toEqual(first);
    expect(counting.drawn).toHaveLength(3);
  });

  it('of two states of a year keep the one asked for last', async () => {
    const images = createShareImages({ pool: countingPool(), dir });
    const [, { story }] = await Promise.all([
      images.ensure(aRecap()),
      images.ensure(aRecap({ completions: 43 })),
    ]);
    expect(readFileSync(story.svg, 'utf8')).toContain('43 books finished');
  });

  it('do not claim to be there when they could not be drawn', async () => {
    const counting = countingPool();
    await createShareImages({ pool: counting, dir }).ensure(aRecap());
    const failing = { run: () => Promise.reject(new Error('no worker')) };
    const images = createShareImages({ pool: failing, dir });
    await expect(images.ensure(aRecap({ completions: 43 }))).rejects.toThrow('no worker');
    await expect(images.ensure(aRecap({ completions: 43 }))).rejects.toThrow('no worker');
    // What was asked for before is still whole.
    await createShareImages({ pool: failing, dir }).ensure(aRecap());
    expect(counting.drawn).toHaveLength(3);
  });

  it('go with their year, and take nothing else along', async () => {
    const images = createShareImages({ pool: countingPool(), dir });
    await images.ensure(aRecap({ year: 2023 }));
    await images.ensure(aRecap({ year: 2024 }));
    const cut = `2024_share_story.webp.${crypto.randomUUID()}.tmp`;
    for (const other of ['notes.txt', '2023_share_poster.webp', 'x2023_share_story.webp', cut])
      writeFileSync(join(dir, other), 'x');
    await images.prune([2024, 2025]);
    expect(names()).toEqual([
      '2023_share_poster.webp', ...SIX.map((name) => `2024_share_${name}`), 'notes.txt', 'x2023_share_story.webp',
    ]); // prettier-ignore
  });

  it('need no folder to be pruned', async () => {
    await createShareImages({ pool: countingPool(), dir }).prune([]);
    expect(existsSync(dir)).toBe(false);
  });
});

describe('the name of a share image', () => {
  it('is read as it is written', () => {
    const name = { year: 2025, format: 'banner', kind: 'svg' } as const;
    expect(shareFileName(name)).toBe('2025_share_banner.svg');
    expect(parseShareFileName('2025_share_banner.svg')).toEqual(name);
    expect(parseShareFileName(shareFileName({ ...name, year: 7 }))).toEqual({ ...name, year: 7 });
  });

  it.each([
    '', '2025_share_poster.webp', '2025_share_story.png', '25_share_story.webp', '12025_share_story.webp',
    '../2025_share_story.webp', '2025_share_story.webp.tmp', '2025_share_story.webp\n', '2025_share_toString.webp',
    '2025_SHARE_story.webp', '२०२५_share_story.webp',
  ])('is not %o', (name) => {
    expect(parseShareFileName(name)).toBeUndefined();
  }); // prettier-ignore
});
