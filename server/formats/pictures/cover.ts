// Keeps cover images by their content, in two sizes.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import sharp from 'sharp';
import { coverPaths } from './cover-paths.ts';
import type { CoverPaths } from './cover-paths.ts';
import { isPlainSvg } from './cover-svg.ts';
import { writeWhole } from '../../base/write-whole.ts';

export type CoverStored = {
  /** The first 32 hex digits of the SHA-256 of the image as the book holds it. */
  hash: string;
  /** Pixels of the large picture. */
  width: number;
  height: number;
};

/**
 * Makes the large (long side at most 600) and the small picture (240) of an image and says what was stored; nothing is
 * enlarged. Undefined for an image that cannot be decoded or is too costly to decode. Pictures that exist are kept. Throws when it
 * takes more than ten seconds.
 */
export const storeCover = async (image: Uint8Array, coversDir: string): Promise<CoverStored | undefined> => {
  const known = await look(image, coversDir);
  if (!known || known.isMade) return known?.stored;
  const pictures = await draw(image, known.header);
  if (!pictures) return undefined;
  // The large picture comes last: where it is, the cover is complete.
  writeWhole(known.files.small, pictures.small);
  writeWhole(known.files.large, pictures.large);
  return { hash: known.stored.hash, width: pictures.width, height: pictures.height };
};

/**
 * Keeps the image as it is, to be made into pictures by renderCover, and says how large its picture will be. Takes a
 * thirtieth of the time of storeCover, because only the image's header is read. Undefined for an image whose header
 * already tells that it cannot be decoded or is too costly to decode.
 */
export const keepCover = async (image: Uint8Array, coversDir: string): Promise<CoverStored | undefined> => {
  const known = await look(image, coversDir);
  if (known === undefined) return undefined;
  if (!known.isMade && !isFilled(known.files.original)) writeWhole(known.files.original, image);
  return known.stored;
};

/**
 * Makes the two pictures of a kept image and removes the image. Undefined when it cannot be decoded after all, or when
 * neither the image nor its pictures are there; "too slow", and the image is kept, when time ran out.
 */
export const renderCover = async (
  hash: string,
  coversDir: string,
): Promise<CoverStored | 'too slow' | undefined> => {
  const files = coverPaths(coversDir, hash);
  const image = readIfThere(files.original);
  if (!image) {
    const large = readIfThere(files.large);
    const header = large && (await measure(large));
    return header && { hash, width: header.width, height: header.height };
  }
  try {
    const stored = await storeCover(image, coversDir);
    rmSync(files.original, { force: true });
    return stored;
  } catch (error) {
    if (isTimeout(error)) return 'too slow';
    throw error;
  }
};

/** Sets the image library up for a worker thread: one thread per image, no cache, no formats that no book uses. */
export const prepareImages = (): void => {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: loaders });
};

/** The hash an image is kept under. */
export const coverHash = (image: Uint8Array): string =>
  createHash('sha256').update(image).digest('hex').slice(0, 32);

/** Whether an image's header tells of a picture that can be shown. */
export const isPicture = async (image: Uint8Array): Promise<boolean> => (await measure(image)) !== undefined;

const largeSide = 600;
const smallSide = 240;

// A picture of 60 megapixels takes about 250 MB to decode; printed covers at 600 dpi have half of that.
const maxPixels = 60e6;
const maxSeconds = 10;

const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'svg', 'heif', 'tiff']);
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Svg', 'Heif', 'Tiff'].map(
  (name) => `VipsForeignLoad${name}Buffer`,
);

/** Measured on covers of 800 × 1200: effort 1 costs a fifth more time than 0 for 2 % fewer bytes, 2 half more for 10 %. */
const webp = { effort: 0, quality: 75 } as const;
const smallWebp = { effort: 0, quality: 70 } as const;

/** What an image's header says: the size of its large picture, and what decoding must see to. */
type Header = { width: number; height: number; isTurned: boolean; hasAlpha: boolean };

type Known = { stored: CoverStored; files: CoverPaths; header: Header; isMade: boolean };

const look = async (image: Uint8Array, coversDir: string): Promise<Known | undefined> => {
  const header = await measure(image);
  if (!header) return undefined;
  const { width, height } = header;
  const hash = coverHash(image);
  const files = coverPaths(coversDir, hash);
  const isMade = isFilled(files.large) && isFilled(files.small);
  return { stored: { hash, width, height }, files, header, isMade };
};

/** Undefined for an image that will not be decoded. */
const measure = async (image: Uint8Array): Promise<Header | undefined> => {
  try {
    const found = await open(image).metadata();
    if (!formats.has(found.format) || (found.format === 'svg' && !isPlainSvg(image))) return undefined;
    const { width, height } = found.autoOrient;
    if (width * height > maxPixels) return undefined;
    const scale = Math.min(1, largeSide / Math.max(width, height));
    const scaled = (pixels: number): number => Math.max(1, Math.round(pixels * scale));
    return {
      width: scaled(width),
      height: scaled(height),
      isTurned: (found.orientation ?? 1) > 1,
      hasAlpha: found.hasAlpha,
    };
  } catch {
    return undefined;
  }
};

const draw = async (image: Uint8Array, { isTurned, hasAlpha }: Header) => {
  try {
    const source = open(image).resize(largeSide, largeSide, {
      fit: 'inside',
      withoutEnlargement: true,
      kernel: 'cubic',
    });
    if (isTurned) source.autoOrient();
    if (hasAlpha) source.flatten({ background: '#fff' });
    const { data, info } = await source.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    const decoded = { raw: { width: info.width, height: info.height, channels: info.channels } };
    const small = sharp(data, decoded).resize(smallSide, smallSide, {
      fit: 'inside',
      withoutEnlargement: true,
      kernel: 'cubic',
    });
    const drawn = {
      large: await sharp(data, decoded).webp(webp).toBuffer(),
      small: await small.webp(smallWebp).toBuffer(),
      width: info.width,
      height: info.height,
    };
    // The pixels lie outside of what is collected often: many would pile up.
    if (data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength)
      data.buffer.transfer(0);
    return drawn;
  } catch (error) {
    if (isTimeout(error)) throw error;
    return undefined;
  }
};

/** The image library counts by the clock: on a busy machine it says nothing of the image. */
const isTimeout = (error: unknown): boolean => error instanceof Error && error.message.startsWith('timeout:');

/** A harmless flaw in an image is tolerated, a cut off image is not. */
const open = (image: Uint8Array) =>
  sharp(image, { failOn: 'error', limitInputPixels: maxPixels }).timeout({ seconds: maxSeconds });

const isFilled = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

const readIfThere = (path: string): Buffer | undefined => (isFilled(path) ? readFileSync(path) : undefined);
