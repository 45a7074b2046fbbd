// What KOReader keeps beside a book besides its sidecar: what a person set there over the book's own, and marks for another device.
import { UnreadableFile } from '../book.ts';
import { keepCover } from '../pictures/cover.ts';
import { readAnnotations } from './annotations.ts';
import type { SidecarAnnotation } from './annotations.ts';
import { readDocProps } from './doc-props.ts';
import type { DocProps } from './doc-props.ts';
import { tableField } from './lua-fields.ts';
import { readLua } from './lua.ts';

/**
 * `metadata`: custom_metadata.lua, fields a person wrote over the document's own; `cover`: a picture in place of its cover;
 * `marks`: an export of another device's highlights, which KOReader takes in when it opens the book next.
 */
export const EXTRA_KINDS = ['metadata', 'cover', 'marks'] as const;
export type ExtraKind = (typeof EXTRA_KINDS)[number];

export type ExtraContent =
  | { kind: 'metadata'; props: DocProps }
  /** The hash covers are kept under. */
  | { kind: 'cover'; coverHash: string }
  | { kind: 'marks'; annotations: SidecarAnnotation[] };

/** Pictures KOReader lets a person choose. */
const COVER = /^cover\.(?:bmp|gif|jfif|jpe?g|png|svg|tiff?|webp)$/i;
const MARKS_ENDING = '.annotations.lua';

/** Returns what a name in the folder KOReader keeps beside a book stands for; undefined for any other. */
export function extraKindOf(name: string): ExtraKind | undefined {
  if (name === 'custom_metadata.lua') return 'metadata';
  if (COVER.test(name)) return 'cover';
  return isMarksExport(name) ? 'marks' : undefined;
}

/** Whether a file of this name holds exported marks: KOReader can be told to put them into any folder. */
export const isMarksExport = (name: string): boolean =>
  name.endsWith(MARKS_ENDING) && name.length > MARKS_ENDING.length && !name.startsWith('.');

/** The name of the book an export is of. */
export const bookNameOfExport = (name: string): string => name.slice(0, -MARKS_ENDING.length);

/** Returns what the file says; a cover is kept to be drawn. Throws UnreadableFile. */
export async function readExtra(kind: ExtraKind, bytes: Buffer, coversDir: string): Promise<ExtraContent> {
  if (kind === 'cover') {
    const cover = await keepCover(bytes, coversDir);
    if (cover === undefined)
      throw new UnreadableFile('unsupported', 'This is not a picture that can be shown as a cover.');
    return { kind, coverHash: cover.hash };
  }
  const { table } = readLua(bytes);
  if (kind === 'metadata') return { kind, props: readDocProps(tableField(table, 'custom_props')) };
  return { kind, annotations: readAnnotations(tableField(table, 'annotations') ?? new Map()) };
}
