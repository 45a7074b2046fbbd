// What a person said of a sidecar's marks that the file does not say yet.
import type { Db } from '../catalogue/catalogue.ts';
import type { AnnotationChange, SidecarEdit } from '../formats/koreader/edit-sidecar.ts';
import { selectRemovedKeys } from '../marks/bookmarks.queries.ts';
import { unsaidWords } from '../marks/persons-word.ts';
import { selectMarksSpokenOf } from './sidecars.queries.ts';

/** Without a change the mark is to be removed. */
export type UnsaidMark = { key: string; change?: AnnotationChange };

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
    return sidecarId === sidecar.sidecarId && change !== undefined && there.has(key) ? [{ key, change }] : [];
  });
  return [...changed, ...keys.filter((key) => removed.has(key)).map((key) => ({ key }))];
}

/** Returns the edits that say it; `now` is YYYY-MM-DD HH:MM:SS. */
export const editsOf = (marks: readonly UnsaidMark[], now: string): SidecarEdit[] =>
  marks.map(({ key, change }) =>
    change === undefined ? { kind: 'annotation-removal', key } : { kind: 'annotation', key, change, now },
  );
