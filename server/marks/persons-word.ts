// What a person said of a mark that came from a KOReader sidecar, beside what the device says of it. Pure.
import type { DeviceSays } from '../catalogue/schema/marks.ts';
import { koreaderColorOf } from './colors.ts';

/** Absent leaves a field as it is; a note of null or of blanks is none. Colours are #RRGGBB. */
export type MarkChange = { note?: string | null; color?: string };

type Words = { note: string | null; color: string | null };
/** A mark's words, and the device's own under those the person spoke. */
export type Spoken = Words & { deviceSays: DeviceSays | null };

const FIELDS = ['note', 'color'] as const;

/** Returns the columns of a device's mark after the person's change: what the device says is kept under their word. */
export function speakOver(mark: Spoken, change: MarkChange): Partial<Spoken> {
  const said = saidOf(change);
  const deviceSays: DeviceSays = { ...mark.deviceSays };
  for (const field of FIELDS) {
    const word = said[field];
    if (word === undefined) continue;
    if (!(field in deviceSays)) deviceSays[field] = mark[field];
    if (deviceSays[field] === word) delete deviceSays[field];
  }
  return { ...said, deviceSays: orNull(deviceSays) };
}

/** Returns the columns a change sets on a mark nobody else has a word on. */
export function saidOf({ note, color }: MarkChange): Partial<Words> {
  return {
    ...(note === undefined ? {} : { note: note === null || note.trim() === '' ? null : note }),
    ...(color === undefined ? {} : { color }),
  };
}

/**
 * Returns what to keep of a mark whose file now says `now`: the person's word, until the device says something else than
 * what they spoke over. `deviceSays` is there only when it changes.
 */
export function settleWords(mark: Spoken, now: Words): Words & { deviceSays?: DeviceSays | null } {
  if (mark.deviceSays === null) return { note: now.note, color: now.color };
  const kept: Words = { note: now.note, color: now.color };
  const deviceSays: DeviceSays = { ...mark.deviceSays };
  for (const field of FIELDS) {
    const before = deviceSays[field];
    if (before === undefined) continue;
    const isSaid = wordFor(field, mark[field]) === now[field];
    if (now[field] !== before && !isSaid) {
      delete deviceSays[field];
      continue;
    }
    kept[field] = mark[field];
    if (mark[field] === now[field]) delete deviceSays[field];
    else deviceSays[field] = now[field];
  }
  const isSame = FIELDS.every((field) => deviceSays[field] === mark.deviceSays?.[field]);
  return isSame ? kept : { ...kept, deviceSays: orNull(deviceSays) };
}

/** Returns what the file does not say yet in KOReader's words, with what it says instead; undefined when there is nothing. */
export function unsaidWords(
  mark: Spoken,
  { withColor }: { withColor: boolean },
): { change: { note?: string | null; color?: string }; over: DeviceSays } | undefined {
  const change: { note?: string | null; color?: string } = {};
  const over: DeviceSays = {};
  const { deviceSays } = mark;
  if (deviceSays?.note !== undefined && deviceSays.note !== mark.note) {
    change.note = mark.note;
    over.note = deviceSays.note;
  }
  const color = wordFor('color', mark.color);
  if (withColor && deviceSays?.color !== undefined && color !== null && deviceSays.color !== color) {
    change.color = color;
    over.color = deviceSays.color;
  }
  return Object.keys(change).length === 0 ? undefined : { change, over };
}

const wordFor = (field: keyof Words, value: string | null): string | null =>
  field === 'color' && value !== null ? koreaderColorOf(value) : value;

const orNull = (says: DeviceSays): DeviceSays | null => (Object.keys(says).length === 0 ? null : says);
