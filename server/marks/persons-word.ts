// What a person said of a mark that came from a KOReader sidecar, beside what the device says of it. Pure.
import { createHash } from 'node:crypto';
import type { DeviceSays, SpokenOver } from '../catalogue/schema/marks.ts';
import { koreaderColorOf } from './colors.ts';

/** Absent leaves a field as it is; a note of null or of blanks is none. Colours are #RRGGBB or KOReader's names. */
export type MarkChange = { note?: string | null; color?: string; drawer?: string };

type Words = { note: string | null; color: string | null; drawer: string | null };
/** A mark's words, and the device's own under those the person spoke. A bookmark has no drawer. */
export type Spoken = Omit<Words, 'drawer'> & { drawer?: string | null; deviceSays: DeviceSays | null };

/** When a device spoke of a mark, as far as its file tells. */
export type DeviceSpoke = {
  /** When it wrote the file: it spoke no later. */
  wroteMs: number;
  /** When it changed the mark last, in its own words; absent when it says what it said before. */
  changedMs?: number | undefined;
  /** Whether it changed what nobody else changes of the mark. */
  hasOtherChange?: boolean;
};

const FIELDS = ['note', 'color', 'drawer'] as const;
type Field = (typeof FIELDS)[number];

/** A word spoken many times over one mark keeps this many of what was in the file. */
const MOST_REPLACED = 1_000;

/** Returns the columns of a device's mark after the person's change at `atMs`: what the device says is kept under their word. */
export function speakOver(mark: Spoken, change: MarkChange, atMs: number): Partial<Spoken> {
  const said = saidOf(change);
  const deviceSays: DeviceSays = { ...mark.deviceSays };
  for (const field of FIELDS) {
    const word = said[field];
    if (word === undefined || word === (mark[field] ?? null)) continue;
    const over = deviceSays[field] ?? { is: mark[field] ?? null, was: [] };
    if (over.is === word && over.was.length === 0) delete deviceSays[field];
    else deviceSays[field] = { ...over, at: atMs };
  }
  return { ...said, deviceSays: orNull(deviceSays) };
}

/** Returns the columns a change sets on a mark nobody else has a word on. */
export function saidOf({ note, color, drawer }: MarkChange): Partial<Words> {
  return {
    ...(note === undefined ? {} : { note: note === null || note.trim() === '' ? null : note }),
    ...(color === undefined ? {} : { color }),
    ...(drawer === undefined ? {} : { drawer }),
  };
}

/**
 * Returns what to keep of a mark whose file now says `now`, by the rules of sync/RULES.md: of the device and the person who
 * spoke later; what was in the file before the person spoke, or was written over since, is no news. `deviceSays` is there only
 * when it changes.
 */
export function settleWords(
  mark: Spoken,
  now: Words,
  spoke: DeviceSpoke,
): Words & { deviceSays?: DeviceSays | null } {
  const says = mark.deviceSays ?? {};
  const verdicts = new Map(FIELDS.map((field) => [field, verdictOf(field, mark, now, spoke)]));
  // A change the device dates is a change of something: where nothing else is new, it went back to what was there.
  const isExplained =
    spoke.hasOtherChange === true ||
    [...verdicts.values()].some((verdict) => verdict === 'news' || verdict === 'older');
  const kept: Words = { note: now.note, color: now.color, drawer: now.drawer };
  const deviceSays: DeviceSays = { ...says };
  for (const field of FIELDS) {
    const over = says[field];
    const verdict = verdicts.get(field);
    if (over === undefined) continue;
    const { changedMs } = spoke;
    const isDated = isAfter(changedMs, Math.max(over.at, over.heard ?? 0));
    const wentBack = verdict === 'replaced' && !isExplained && isDated;
    if (verdict === 'news' || wentBack) {
      delete deviceSays[field];
      continue;
    }
    kept[field] = mark[field] ?? null;
    const replaced = now[field] === over.is ? {} : { is: now[field], was: withReplaced(over) };
    const heard = isDated && changedMs !== undefined ? { heard: changedMs } : {};
    if (now[field] !== over.is || isDated) deviceSays[field] = { ...over, ...replaced, ...heard };
  }
  const isSame = FIELDS.every((field) => deviceSays[field] === says[field]);
  return isSame ? kept : { ...kept, deviceSays: orNull(deviceSays) };
}

/** Returns what the file does not say yet, in KOReader's words; undefined when there is nothing. Bookmarks have but a note. */
export function unsaidWords(
  mark: Spoken,
  { withLook }: { withLook: boolean },
): { note?: string | null; color?: string; drawer?: string } | undefined {
  const change: { note?: string | null; color?: string; drawer?: string } = {};
  const { note, color, drawer } = mark.deviceSays ?? {};
  if (note !== undefined && note.is !== mark.note) change.note = mark.note;
  const colorWord = wordFor('color', mark.color);
  if (withLook && color !== undefined && colorWord !== null && color.is !== colorWord)
    change.color = colorWord;
  if (withLook && drawer !== undefined && mark.drawer != null && drawer.is !== mark.drawer)
    change.drawer = mark.drawer;
  return Object.keys(change).length === 0 ? undefined : change;
}

type Verdict = 'said' | 'replaced' | 'older' | 'news' | 'same';

/** What a field of the file is to the person's word over it; of a field without one, whether the device changed it. */
function verdictOf(field: Field, mark: Spoken, now: Words, { wroteMs, changedMs }: DeviceSpoke): Verdict {
  const over = mark.deviceSays?.[field];
  const value = now[field];
  if (over === undefined) return value === (mark[field] ?? null) ? 'same' : 'news';
  if (value === wordFor(field, mark[field] ?? null)) return 'said';
  if (value === over.is || over.was.includes(fingerprint(value))) return 'replaced';
  // What an old KOReader had no word for, a newer one fills in by itself when it takes the mark over.
  if (field !== 'note' && over.is === null && changedMs === undefined) return 'older';
  return (changedMs ?? wroteMs) >= wholeSeconds(over.at) ? 'news' : 'older';
}

const withReplaced = ({ is, was }: SpokenOver): string[] =>
  [...was.filter((each) => each !== fingerprint(is)), fingerprint(is)].slice(-MOST_REPLACED);

/** Returns a short form of a word that was replaced: notes may be long, and all that is asked is whether one comes back. */
export const fingerprint = (value: string | null): string =>
  value === null ? '' : createHash('sha256').update(value).digest('hex').slice(0, 16);

/** KOReader's times have no smaller part. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
const isAfter = (ms: number | undefined, thanMs: number): boolean =>
  ms !== undefined && ms > wholeSeconds(thanMs);

const wordFor = (field: Field, value: string | null): string | null =>
  field === 'color' && value !== null ? koreaderColorOf(value) : value;

const orNull = (says: DeviceSays): DeviceSays | null => (Object.keys(says).length === 0 ? null : says);
