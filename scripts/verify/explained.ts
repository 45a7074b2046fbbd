// Differences that are as they should be: each with its reason, and each reason checked on what both sides say, or on the file.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { readBook } from '../../server/formats/read-book.ts';
import { openZip } from '../../server/formats/archive/zip.ts';
import type { BookSource } from '../../server/formats/book.ts';
import type { Comparison } from './comparison.ts';

/** Longest titles that are kept, of EPUB and of other kinds (`formats`), in UTF-16 units. */
const LONGEST_TITLES = [500, 1000];
/** Pictures above this are not decoded: 60 megapixels take about 250 MB. */
const MOST_PIXELS = 60e6;
const KNOWN_BY_NAME = /\.(?:djvu?|o?xps|chm|kfx|lit)$/i;
const BIDI = /[\u202a-\u202e\u2066-\u2069]/gu;

/** Returns the comparison as it is, or as explained when there is a reason for its difference. */
export async function explain(comparison: Comparison, folder: string): Promise<Comparison> {
  if (comparison.verdict !== 'differs' || comparison.isExact) return comparison;
  const why = reasonInTexts(comparison) ?? (await reasonInFile(comparison, join(folder, comparison.path)));
  return why === undefined ? comparison : { ...comparison, verdict: 'explained', why };
}

function reasonInTexts({ field, ours, claims }: Comparison): string | undefined {
  const all = (is: (theirs: string) => boolean) => claims.every(({ value = '' }) => is(value));
  if (ours !== undefined && all((theirs) => theirs.replace(BIDI, '') === ours))
    return 'characters that turn the direction of a text are left out: they make one name look like another';
  if (
    field === 'title' &&
    ours !== undefined &&
    LONGEST_TITLES.includes(ours.length) &&
    all((theirs) => theirs.startsWith(ours))
  )
    return `titles are cut at ${ours.length} characters`;
  if (ours === undefined && all((theirs) => /^&[\w.-]+;$/.test(theirs)))
    return 'an entity that would be fetched from elsewhere is no text';
  if (field === 'authors' && ours === undefined && all((theirs) => /^https?:\/\/\S+$/.test(theirs)))
    return 'the address of the program that made a file is no author';
  return undefined;
}

async function reasonInFile(comparison: Comparison, path: string): Promise<string | undefined> {
  const { field, ours, claims } = comparison;
  if (KNOWN_BY_NAME.test(path) && (ours === undefined || ours === 'no'))
    return 'files of this kind are known by their names and not read';
  if (field !== 'cover' && field !== 'cover image') return undefined;
  if (field === 'cover' && ours === 'yes')
    return claims.every(({ tool }) => tool === 'calibre') && /\.epub$/i.test(path)
      ? 'calibre takes declared covers only; here the first page is a single picture'
      : undefined;
  return withSource(path, async (source) => {
    if (/\.cbz$/i.test(path))
      return (await hasPicture(source))
        ? undefined
        : 'no picture in it can be decoded, or only at a price nobody pays';
    if (!/\.pdf$/i.test(path)) return undefined;
    const { cover, isPartial } = await readBook(source);
    return cover === undefined && isPartial !== true
      ? 'none of its first pages has more on it than white'
      : undefined;
  });
}

/** Whether libvips decodes any file of the archive. */
async function hasPicture(source: BookSource): Promise<boolean> {
  const zip = await openZip(source);
  for (const entry of zip.entries) {
    const bytes = await zip.read(entry, 32 * 1024 * 1024).catch(() => undefined);
    if (bytes === undefined) continue;
    const decoded = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' }).stats();
    if (await decoded.then(() => true, () => false)) return true; // prettier-ignore
  }
  return false;
}

async function withSource<T>(path: string, use: (source: BookSource) => Promise<T>): Promise<T | undefined> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return await use({ fd, sizeBytes: fstatSync(fd).size, name: basename(path) });
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
