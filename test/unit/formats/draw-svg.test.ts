import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawSvg } from '../../../server/formats/pictures/draw-svg.ts';
import { drawYear } from '../../../server/reading/share-images/template.ts';

const square = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><rect width="120" height="80" fill="#17564c"/>${content}</svg>`;

/** The drawings of a process of its own that finds no font. */
async function drawWithoutFonts(svgs: string[]): Promise<Buffer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'shelf-no-fonts-'));
  try {
    // Without a file, or with an unreadable one, fontconfig falls back to the system's fonts.
    writeFileSync(join(folder, 'fonts.conf'), '<?xml version="1.0"?><fontconfig></fontconfig>');
    svgs.forEach((svg, index) => writeFileSync(join(folder, `${index}.svg`), svg));
    const module = new URL('../../../server/formats/pictures/draw-svg.ts', import.meta.url).href;
    const script = `import { readFileSync, writeFileSync } from 'node:fs';
      const { drawSvg } = await import(${JSON.stringify(module)});
      for (let index = 0; index < ${svgs.length}; index++)
        writeFileSync(index + '.webp', await drawSvg(readFileSync(index + '.svg', 'utf8')));`;
    const env = { PATH: process.env['PATH'], FONTCONFIG_FILE: join(folder, 'fonts.conf') };
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, env });
    return svgs.map((_, index) => readFileSync(join(folder, `${index}.webp`)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('drawing an SVG', () => {
  it('gives a WebP picture of its own size and colours', async () => {
    const picture = await drawSvg(square(''));
    const { format, width, height } = await sharp(picture).metadata();
    expect({ format, width, height }).toEqual({ format: 'webp', width: 120, height: 80 });
    const { channels } = await sharp(picture).stats();
    const means = channels.slice(0, 3).map(({ mean }) => mean);
    [0x17, 0x56, 0x4c].forEach((value, channel) =>
      expect(Math.abs((means[channel] ?? 0) - value)).toBeLessThan(3),
    );
  });

  it('refuses what is no SVG', async () => {
    await expect(drawSvg('a year of reading')).rejects.toThrow('unsupported image format');
    await expect(drawSvg('<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>')).rejects.toThrow(
      Error,
    );
  });

  it('draws a share image the same where there is no font at all', async () => {
    const svg = drawYear(
      { year: 2025, completions: 42, readSec: 1_062_000, activeDays: 213, daysInYear: 365, longestStreakDays: 34, bestMonth: 9 },
      'square',
    ); // prettier-ignore
    const text = (char: string) => square(`<text x="20" y="60" font-size="50">${char}</text>`);
    const [there = Buffer.of(), a = Buffer.of(), b] = await drawWithoutFonts([svg, text('A'), text('B')]);
    expect(a.equals(b ?? Buffer.of()), 'letters all look the same without a font').toBe(true);
    expect(there.equals(await drawSvg(svg))).toBe(true);
    // The number of books stands there in ink, the paper above it is bare.
    const darkest = async (part: { left: number; top: number; width: number; height: number }) =>
      Math.min(...(await sharp(there).extract(part).greyscale().raw().toBuffer()));
    expect(await darkest({ left: 900, top: 220, width: 360, height: 240 })).toBeLessThan(60);
    expect(await darkest({ left: 200, top: 110, width: 1100, height: 60 })).toBeGreaterThan(225);
  });
});
