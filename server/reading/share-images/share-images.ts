// Keeps the share images of every year as files: WebP to post, SVG to print, drawn again when their numbers change.
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from '../../formats/workers/pool.ts';
import type { YearRecap } from './figures.ts';
import { drawYear, isDrawingOf, SHARE_SIZES } from './template.ts';
import type { ShareFormat } from './template.ts';
import { createTurns } from '../../base/in-turn.ts';
import { writeWhole } from '../../base/write-whole.ts';

export type ShareImages = ReturnType<typeof createShareImages>;
/** Where the two files of a picture lie. */
export type ShareFiles = { webp: string; svg: string };
/** What a share image's file name says. */
export type ShareFileName = { year: number; format: ShareFormat; kind: keyof ShareFiles };

/** Returns the verbs of share images. `dir` is theirs alone; it is made when the first one is drawn. */
export function createShareImages({ pool, dir }: { pool: Pick<Pool, 'run'>; dir: string }) {
  /** What happens to the files of one year happens one after the other. */
  const inTurn = createTurns();

  const filesOf = (year: number, format: ShareFormat): ShareFiles => ({
    webp: join(dir, shareFileName({ year, format, kind: 'webp' })),
    svg: join(dir, shareFileName({ year, format, kind: 'svg' })),
  });

  async function ensureFormat(recap: YearRecap, format: ShareFormat): Promise<ShareFiles> {
    const files = filesOf(recap.year, format);
    if ((await isFilled(files.webp)) && isDrawingOf(await startOf(files.svg), recap)) return files;
    const svg = drawYear(recap, format);
    const webp = await pool.run('draw-share-image', { svg });
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // The SVG says what both files show: the old one goes before a new picture comes, the new one comes last.
    await rm(files.svg, { force: true });
    writeWhole(files.webp, webp);
    writeWhole(files.svg, svg);
    return files;
  }

  return {
    /**
     * Returns where the pictures of a year lie, drawn if they are not there yet or show other values. Throws unavailable
     * while the program closes, and what the disk says when it takes no more.
     */
    ensure: (recap: YearRecap): Promise<Record<ShareFormat, ShareFiles>> =>
      inTurn(recap.year, async () => ({
        story: await ensureFormat(recap, 'story'),
        square: await ensureFormat(recap, 'square'),
        banner: await ensureFormat(recap, 'banner'),
      })),

    /** Removes the pictures of all years but these, and what an interrupted drawing left behind. */
    async prune(years: Iterable<number>): Promise<void> {
      const kept = new Set(years);
      const names = (await readdir(dir).catch(() => [])).flatMap((name) => {
        const [, file = '', unfinished] = /^(.*?)(\.[\da-f-]{36}\.tmp)?$/.exec(name) ?? [];
        const parsed = parseShareFileName(file);
        return parsed === undefined
          ? []
          : [{ name, year: parsed.year, isUnfinished: unfinished !== undefined }];
      });
      const stale = names.filter(({ year, isUnfinished }) => isUnfinished || !kept.has(year));
      await Promise.all(
        stale.map(({ name, year }) => inTurn(year, () => rm(join(dir, name), { force: true }))),
      );
    },
  };
}

/** Returns the name of a picture's file: 2025_share_story.webp. */
export const shareFileName = ({ year, format, kind }: ShareFileName): string =>
  `${String(year).padStart(4, '0')}_share_${format}.${kind}`;

/** Returns what a file name says, undefined when it is not the name of a share image. */
export function parseShareFileName(name: string): ShareFileName | undefined {
  const [, year = '', format = '', kind] = /^(\d{4})_share_(\w+)\.(webp|svg)$/.exec(name) ?? [];
  if (!isFormat(format) || kind === undefined) return undefined;
  return { year: Number(year), format, kind: kind === 'webp' ? 'webp' : 'svg' };
}

const isFormat = (name: string): name is ShareFormat => Object.hasOwn(SHARE_SIZES, name);

const isFilled = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );

/** The first characters of a file, none when it is not there. */
async function startOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(400), 0, 400, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
