// What is to be kept of a mark of a sidecar, beside what is known of it. Pure.
import { instantOf } from '../base/time-zone.ts';
import type { DeviceSays } from '../catalogue/schema/marks.ts';
import type { SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import { settleWords } from '../marks/persons-word.ts';
import type { DeviceSpoke, Spoken } from '../marks/persons-word.ts';

/** A highlight or bookmark of a device as the catalogue has it. */
export type PersonsMark = Spoken & {
  sidecarId: string | null;
  koreaderKey: string | null;
  text: string | null;
  deviceDatetime: string | null;
  deviceDatetimeUpdated: string | null;
  createdAt: Date | null;
  version: number;
};

/** A mark of the file with what is to be kept of it: a bookmark that the person gave a drawer is a highlight. */
export type SettledMark = {
  mark: SidecarAnnotation;
  kind: SidecarAnnotation['kind'];
  words: { note: string | null; color: string | null; drawer: string | null };
  deviceSays: DeviceSays | null;
  spoke: DeviceSpoke;
};

/** The file a mark is in. */
type SettledIn = { sidecarId: string | null; modifiedMs: number; zone: string; isOurs?: boolean };

/** Returns what is to be kept of a mark of a file, beside what is known of it. */
export function settledOf(
  mark: SidecarAnnotation,
  known: (Spoken & Partial<PersonsMark>) | undefined,
  { sidecarId, modifiedMs, zone, isOurs = false }: SettledIn,
): SettledMark {
  const now = { note: mark.note ?? null, color: mark.color ?? null, drawer: mark.drawer ?? null };
  const { datetimeUpdated } = mark;
  const isDated =
    !isOurs && datetimeUpdated !== undefined && datetimeUpdated !== known?.deviceDatetimeUpdated;
  const changedAt = isDated && known !== undefined ? instantOf(datetimeUpdated, zone)?.getTime() : undefined;
  const isOfAnother =
    known?.deviceSays != null && known.sidecarId !== undefined && known.sidecarId !== sidecarId;
  const stamp = isOfAnother ? stampOf(datetimeUpdated, mark.datetime) : '';
  const spoke: DeviceSpoke = {
    // What another file said before is unknown: its words may be as old as its last date of the mark.
    wroteMs: Math.min(instantOf(stamp, zone)?.getTime() ?? modifiedMs, modifiedMs),
    // Nobody changes a file after it was written: a device whose zone is another seems to.
    changedMs: changedAt === undefined ? undefined : Math.min(changedAt, modifiedMs),
    hasOtherChange: known?.text !== undefined && known.text !== (mark.text ?? null),
  };
  const { deviceSays = known?.deviceSays ?? null, ...words }: ReturnType<typeof settleWords> =
    known === undefined || known.deviceSays === null ? now : settleWords(known, now, spoke);
  const isDatedHere = isOurs && datetimeUpdated !== known?.deviceDatetimeUpdated;
  return {
    mark,
    words,
    deviceSays: isDatedHere ? withDate(deviceSays, datetimeUpdated, zone) : deviceSays,
    spoke,
    kind: words.drawer === null ? 'bookmark' : 'highlight',
  };
}

/**
 * Returns the same of a file that KOReader opens, though it knows less of the mark than another one did: what it says that was
 * changed later elsewhere is kept under the later word, as under a person's.
 */
export function adopted(found: SettledMark, row: PersonsMark, zone: string): SettledMark {
  const stamp = stampOf(row.deviceDatetimeUpdated, row.deviceDatetime);
  const at = instantOf(stamp, zone)?.getTime() ?? 0;
  const words = { ...found.words };
  const deviceSays: DeviceSays = { ...found.deviceSays };
  for (const field of ['note', 'color', 'drawer'] as const) {
    const is = found.words[field];
    const later = row[field] ?? null;
    if (row.deviceSays?.[field] !== undefined || is === later) continue;
    deviceSays[field] = { is, was: [], at };
    words[field] = later;
  }
  const mark = { ...found.mark, ...(row.text === null ? {} : { text: row.text }), datetimeUpdated: stamp };
  return { ...found, mark, words, deviceSays, kind: words.drawer === null ? 'bookmark' : 'highlight' };
}

/** Whether the date of the mark's last change is one this program gave it, with the person's word. */
export function isDatedByPerson({ deviceSays, deviceDatetimeUpdated }: PersonsMark, zone: string): boolean {
  if (deviceSays === null || deviceDatetimeUpdated === null) return false;
  const givenMs = instantOf(deviceDatetimeUpdated, zone)?.getTime();
  return Object.values(deviceSays).some(({ dated }) => dated !== undefined && dated === givenMs);
}

/** Notes the date that was given to a mark with the person's word. */
function withDate(says: DeviceSays | null, datetime: string | undefined, zone: string): DeviceSays | null {
  const dated = datetime === undefined ? undefined : instantOf(datetime, zone)?.getTime();
  if (says === null || dated === undefined) return says;
  return Object.fromEntries(Object.entries(says).map(([field, over]) => [field, { ...over, dated }]));
}

/** When a device changed a mark last, in its own words; they sort as they are. */
export const stampOf = (updated: string | null = null, made: string | null = null): string =>
  updated ?? made ?? '';
