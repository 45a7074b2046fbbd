// What a person said of a sidecar's marks that the file does not say yet.
import type { Db } from '../catalogue/catalogue.ts';
import type { DeviceSays } from '../catalogue/schema/marks.ts';
import type { AnnotationChange, SidecarEdit } from '../formats/koreader/edit-sidecar.ts';
import type { SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import { selectRemovedKeys } from '../marks/bookmarks.queries.ts';
import { unsaidWords } from '../marks/persons-word.ts';
import { selectMarksSpokenOf } from './sidecars.queries.ts';

/** Without a change the mark is to be removed. `over` is what the file says where the person says otherwise. */
export type UnsaidMark = { key: string; change?: AnnotationChange; over?: DeviceSays };

/** Returns what is left to write into a sidecar that has marks of these keys. */
export function unsaidMarks(
  db: Db,
  sidecar: { sidecarId: string; bookId: string },
  keys: readonly string[],
): UnsaidMark[] {
  const removed = new Set(selectRemovedKeys(db, sidecar.bookId));
  const changed = selectMarksSpokenOf(db, sidecar.bookId).flatMap((mark) => {
    const { koreaderKey: key, sidecarId, kind } = mark;
    const unsaid = unsaidWords(mark, { withColor: kind === 'highlight' });
    return sidecarId === sidecar.sidecarId && unsaid !== undefined && keys.includes(key)
      ? [{ key, ...unsaid }]
      : [];
  });
  return [...changed, ...keys.filter((key) => removed.has(key)).map((key) => ({ key }))];
}

/** Returns what is still to be said when the file has changed meanwhile: in a field the device changed its word counts. */
export function stillUnsaid(
  marks: readonly UnsaidMark[],
  annotations: readonly SidecarAnnotation[],
): UnsaidMark[] {
  const byKey = new Map(annotations.map((each) => [each.key, each]));
  return marks.flatMap(({ key, change, over = {} }) => {
    const now = byKey.get(key);
    if (now === undefined) return [];
    if (change === undefined) return [{ key }];
    const left = Object.entries(change).filter(([field]) => {
      const name = field as keyof DeviceSays;
      return (now[name] ?? null) === over[name];
    });
    return left.length === 0 ? [] : [{ key, change: Object.fromEntries(left) as AnnotationChange, over }];
  });
}

/** Returns the edits that say it; `now` is YYYY-MM-DD HH:MM:SS. */
export const editsOf = (marks: readonly UnsaidMark[], now: string): SidecarEdit[] =>
  marks.map(({ key, change }) =>
    change === undefined ? { kind: 'annotation-removal', key } : { kind: 'annotation', key, change, now },
  );
