// Draws a picture of our own, given as SVG, as WebP.
import sharp from 'sharp';

/** The picture in its own size as WebP. Throws when it cannot be drawn, or takes longer than ten seconds. */
export const drawSvg = (svg: string): Promise<Uint8Array> =>
  sharp(Buffer.from(svg)).timeout({ seconds: 10 }).webp(webp).toBuffer();

/** The quality KoShelf's share images have (koshelf.md "Share images"). */
const webp = { quality: 85, effort: 4 } as const;
