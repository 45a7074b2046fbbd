// What a person said of a sidecar's marks that the file does not say yet.
import type { Db } from '../catalogue/db.ts';
import type { DeviceSays } from '../catalogue/schema/marks.ts';
import type { AnnotationChange, SidecarEdit } from '../formats/koreader/edit-sidecar.ts';
import { selectRemovedKeys } from '../marks/bookmarks.queries.ts';
import { unsaidWords } from '../marks/persons-word.ts';
import { selectMarksSpokenOf } from './sidecars.queries.ts';

/** Without a change the mark is to be removed; a change was said at `saidMs`. */
export type UnsaidMark = { key: string; change?: AnnotationChange; saidMs?: number };

/** Returns what is left to write into a sidecar that has marks of these keys. */
export function unsaidMarks(
  db: Db,
  sidecar: { sidecarId: string; bookId: string },
  keys: readonly string[],
): UnsaidMark[] {
  const removed = new Set(selectRemovedKeys(db, sidecar.bookId));
  const there = new Set(keys);
  const changed = selectMarksSpokenOf(db, sidecar.bookId).flatMap((mark) => {
    const { koreaderKey: key, sidecarId, kind } = mark;
    const change = unsaidWords(mark, { withLook: kind === 'highlight' });
    const isUnsaid = sidecarId === sidecar.sidecarId && change !== undefined && there.has(key);
    return isUnsaid ? [{ key, change, saidMs: lastSaidMs(mark.deviceSays) }] : [];
  });
  return [...changed, ...keys.filter((key) => removed.has(key)).map((key) => ({ key }))];
}

/**
 * Returns the edits that say it, dated when it was said: what a device says between then and now is later. `stampOf` writes a
 * moment as YYYY-MM-DD HH:MM:SS.
 */
export const editsOf = (
  marks: readonly UnsaidMark[],
  nowMs: number,
  stampOf: (ms: number) => string,
): SidecarEdit[] =>
  marks.map(({ key, change, saidMs = nowMs }) =>
    change === undefined
      ? { kind: 'annotation-removal', key }
      : { kind: 'annotation', key, change, now: stampOf(saidMs) },
  );

const lastSaidMs = (says: DeviceSays): number => Math.max(...Object.values(says).map((over) => over.at));
