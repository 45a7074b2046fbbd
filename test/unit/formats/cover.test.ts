import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coverPaths } from '../../../server/formats/pictures/cover-paths.ts';
import { isPlainSvg } from '../../../server/formats/pictures/cover-svg.ts';
import { keepCover, renderCover, storeCover } from '../../../server/formats/pictures/cover.ts';

let covers: string;
beforeEach(() => {
  covers = mkdtempSync(join(tmpdir(), 'shelf-covers-'));
});
afterEach(() => rmSync(covers, { recursive: true }));

const picture = (width: number, height: number, background = '#c02040') =>
  sharp({ create: { width, height, channels: 3, background } });

/** A picture that fills many kilobytes. */
const noise = (): Promise<Buffer> =>
  sharp({
    create: {
      width: 600,
      height: 600,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', sigma: 90, mean: 99 },
    },
  })
    .jpeg()
    .toBuffer();

const sizeOf = async (path: string) => {
  const { format, width, height } = await sharp(readFileSync(path)).metadata();
  return { format, width, height };
};

const files = (): string[] => readdirSync(covers, { recursive: true, encoding: 'utf8' }).sort();

const pixel = async (path: string, left: number, top: number): Promise<number[]> => [
  ...(await sharp(readFileSync(path))
    .extract({ left, top, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer()),
];

describe('storeCover', () => {
  it('keeps two WebP pictures under the SHA-256 of the image', async () => {
    const image = await picture(800, 1200).jpeg().toBuffer();
    const hash = createHash('sha256').update(image).digest('hex').slice(0, 32);
    expect(await storeCover(image, covers)).toEqual({ hash, width: 400, height: 600 });
    const shelf = hash.slice(0, 2);
    expect(files()).toEqual([shelf, `${shelf}/${hash}.small.webp`, `${shelf}/${hash}.webp`]);
    const { large, small } = coverPaths(covers, hash);
    expect(await sizeOf(large)).toEqual({ format: 'webp', width: 400, height: 600 });
    expect(await sizeOf(small)).toEqual({ format: 'webp', width: 160, height: 240 });
  });

  it('enlarges nothing', async () => {
    const stored = await storeCover(await picture(90, 120).png().toBuffer(), covers);
    expect(stored).toMatchObject({ width: 90, height: 120 });
    const { large, small } = coverPaths(covers, stored?.hash ?? '');
    expect(await sizeOf(large)).toMatchObject({ width: 90, height: 120 });
    expect(await sizeOf(small)).toMatchObject({ width: 90, height: 120 });
  });

  it('leaves pictures alone that are there already', async () => {
    const image = await picture(300, 300).png().toBuffer();
    const first = await storeCover(image, covers);
    const { large } = coverPaths(covers, first?.hash ?? '');
    const before = statSync(large);
    expect(await storeCover(image, covers)).toEqual(first);
    expect(statSync(large).ino).toBe(before.ino);
  });

  it('turns a photograph the way its camera was held', async () => {
    const image = await picture(400, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await storeCover(image, covers)).toMatchObject({ width: 200, height: 400 });
  });

  it('puts transparent images on white', async () => {
    const image = await sharp({ create: { width: 50, height: 50, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    const stored = await storeCover(image, covers);
    const white = await pixel(coverPaths(covers, stored?.hash ?? '').large, 25, 25);
    expect(Math.min(...white)).toBeGreaterThan(250);
  });

  it.each([
    ['grey', () => picture(40, 60).greyscale().jpeg()],
    ['16-bit', () => picture(40, 60).toColourspace('rgb16').png()],
    ['CMYK', () => picture(40, 60).toColourspace('cmyk').jpeg()],
    [
      'animated',
      () =>
        sharp({ create: { width: 40, height: 120, pageHeight: 60, channels: 3, background: '#f00' } }).gif(),
    ],
    ['WebP', () => picture(40, 60).webp()],
    ['AVIF', () => picture(40, 60).avif()],
  ])('reads %s images', async (_kind, make) => {
    expect(await storeCover(await make().toBuffer(), covers)).toMatchObject({ width: 40, height: 60 });
  });

  it('stores nothing for bytes that are no image or not all of one', async () => {
    const image = await noise();
    expect(await storeCover(Buffer.from('<html>not found</html>'), covers)).toBeUndefined();
    expect(await storeCover(Buffer.alloc(0), covers)).toBeUndefined();
    expect(await storeCover(image.subarray(0, image.length / 3), covers)).toBeUndefined();
    expect(files()).toEqual([]);
  });

  it('does not decode an image of a thousand million pixels', async () => {
    const started = Date.now();
    expect(await storeCover(pngOfZeros(32_000, 32_000), covers)).toBeUndefined();
    expect(Date.now() - started).toBeLessThan(1000);
    expect(files()).toEqual([]);
  });

  it('leaves no half-written file behind when the folder cannot take it', async () => {
    const image = await picture(60, 60).png().toBuffer();
    const hash = createHash('sha256').update(image).digest('hex').slice(0, 32);
    mkdirSync(join(coverPaths(covers, hash).large, 'in the way'), { recursive: true });
    await expect(storeCover(image, covers)).rejects.toThrow();
    expect(files().filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('an SVG cover', () => {
  const svg = (inside: string): Buffer =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${inside}</svg>`);

  it('is drawn', async () => {
    const stored = await storeCover(svg('<rect width="100" height="100" fill="#00f"/>'), covers);
    expect(stored).toMatchObject({ width: 100, height: 100 });
    const [red = 255, green = 255, blue = 0] = await pixel(
      coverPaths(covers, stored?.hash ?? '').large,
      50,
      50,
    );
    expect([red < 10, green < 10, blue > 245]).toEqual([true, true, true]);
  });

  it('shows no file it refers to', async () => {
    const secret = join(covers, 'secret.png');
    writeFileSync(secret, await picture(100, 100, '#ff0000').png().toBuffer());
    const image = svg(`<script>alert(1)</script><image width="100" height="100" href="file://${secret}"/>`);
    const stored = await storeCover(image, covers);
    const colour = await pixel(coverPaths(covers, stored?.hash ?? '').large, 50, 50);
    expect(Math.min(...colour)).toBeGreaterThan(250);
  });

  it.each([
    ['references', '<g id="a"/><use href="#a"/>'],
    ['filters', '<filter id="f"><feTurbulence/></filter>'],
    ['filters by another prefix', '<s:filter xmlns:s="http://www.w3.org/2000/svg"/>'],
    ['filter functions', '<g style="filter: blur(90px)"/>'],
    ['masks', '<mask id="m"><rect/></mask>'],
    ['drawings inside', '<image href="data:image/svg+xml;base64,AAAA"/>'],
    ['too many shapes', '<g/>'.repeat(5000)],
  ])('is refused with %s', async (_what, inside) => {
    expect(isPlainSvg(svg(inside))).toBe(false);
    expect(await storeCover(svg(inside), covers)).toBeUndefined();
  });

  it('is refused with entities and in an encoding that hides its tags', () => {
    expect(isPlainSvg(Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'))).toBe(false);
    expect(isPlainSvg(Buffer.from('<?xml version="1.0" encoding="UTF-7"?><svg/>'))).toBe(false);
    expect(isPlainSvg(Buffer.from('<?xml version="1.0" encoding="utf-8"?><svg/>'))).toBe(true);
  });
});

describe('a cover that is kept first and drawn later', () => {
  it('has the hash and size it will have', async () => {
    const image = await picture(500, 900).jpeg().toBuffer();
    const kept = await keepCover(image, covers);
    expect(kept).toMatchObject({ width: 333, height: 600 });
    const { original, large } = coverPaths(covers, kept?.hash ?? '');
    expect(readFileSync(original).equals(image)).toBe(true);
    expect(existsSync(large)).toBe(false);

    expect(await renderCover(kept?.hash ?? '', covers)).toEqual(kept);
    expect(existsSync(original)).toBe(false);
    expect(await sizeOf(large)).toEqual({ format: 'webp', width: 333, height: 600 });
    expect(await storeCover(image, covers)).toEqual(kept);
  });

  it('is not kept again once it is drawn, and drawing it again changes nothing', async () => {
    const image = await picture(500, 900).jpeg().toBuffer();
    const stored = await storeCover(image, covers);
    const before = files();
    expect(await keepCover(image, covers)).toEqual(stored);
    expect(await renderCover(stored?.hash ?? '', covers)).toEqual(stored);
    expect(files()).toEqual(before);
  });

  it('is given up when the image turns out to be damaged', async () => {
    const image = await noise();
    const kept = await keepCover(image.subarray(0, image.length / 2), covers);
    expect(kept).toMatchObject({ width: 600, height: 600 });
    expect(await renderCover(kept?.hash ?? '', covers)).toBeUndefined();
    expect(existsSync(coverPaths(covers, kept?.hash ?? '').original)).toBe(false);
  });

  it('is undefined when nothing was kept', async () => {
    expect(await renderCover('0'.repeat(32), covers)).toBeUndefined();
  });
});

/** A valid PNG of black pixels, one bit each. */
const pngOfZeros = (width: number, height: number): Buffer => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((width / 8 + 1) * height), { level: 1 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
