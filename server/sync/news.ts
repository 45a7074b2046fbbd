// What a device that sends whole rows says by one: what differs from what it was shown, and what it cannot have meant to undo.
import type { BookChange } from '../library/books.ts';
import type { NewBookRow } from '../library/books.queries.ts';
import type { ProgressChange } from '../reading/progress.ts';
import type { DeviceFile } from './stream.queries.ts';
import type { Db } from '../catalogue/db.ts';
import { differing } from '../catalogue/rows.ts';
import { fieldTimes } from '../catalogue/times.ts';
import type { BookRow } from '../library/books.queries.ts';
import { selectWriter } from './upload.queries.ts';

/** What a device says of a book, absent for what it leaves as it is. */
export type Said = {
  /** Authors, the series and the status are said in parts of their own. */
  fields: Omit<BookChange, 'authors' | 'seriesId' | 'status'>;
  author?: string | null;
  coAuthors?: string[];
  /** By id where the device has one of ours, else by name; null takes the book out. */
  series?: { id: string | undefined; name: string | undefined } | null;
  /** The file the device has; null for none. */
  file?: DeviceFile | null;
  progress: ProgressChange;
  /** Instants the device keeps itself. */
  times: Partial<Pick<NewBookRow, 'startedAt' | 'completedAt' | 'lastReadAt' | 'addedAt'>>;
  media: { id: string; kind: 'book_file' | 'cover_image' }[];
  /** Names of what the device sends whenever it sends anything, whether it was changed or not. */
  alongside: ReadonlySet<string>;
};

/** Fields whose times stand for those of what is sent under another name. */
const TIMED_AS: Readonly<Record<string, string>> = {
  author: 'authors',
  series: 'seriesId',
  startedAt: 'status',
  completedAt: 'status',
  lastReadAt: 'progress',
};

/** Whether somebody else said the field anew since the device was told everything; of one that never listened nothing is known. */
export function unseenBy(
  db: Db,
  { bookId }: BookRow,
  { deviceId, toldMs }: { deviceId: string; toldMs: number | undefined },
): (name: string) => boolean {
  if (toldMs === undefined) return () => false;
  const times = fieldTimes(db.$client).of(bookId);
  return (name) => {
    const said = times[TIMED_AS[name] ?? name];
    if (said === undefined) return false;
    const [saidMs, version] = said;
    const writer = selectWriter(db, bookId, version);
    return writer?.deviceId !== deviceId && (writer?.changedMs ?? saidMs) > toldMs;
  };
}

/**
 * Returns what of `said` is a word of the person: not what is as it was `seen`, nor what a device sends alongside and somebody
 * else changed without its knowing. Of the person's own map `ours` stays then, and what the device has besides is added.
 */
export function newsOf(
  said: Said,
  seen: Said,
  { unseen, ours }: { unseen: (name: string) => boolean; ours?: BookRow } = { unseen: () => false },
): Said {
  const isEcho = (name: string) => said.alongside.has(name) && unseen(name);
  const heard = <Part extends object>(part: Part): Part =>
    Object.fromEntries(Object.entries(part).filter(([name]) => !isEcho(name))) as Part;
  const fields = heard(differing(seen.fields, said.fields));
  const custom = said.fields.customMetadata;
  if (custom !== undefined && ours !== undefined && isEcho('customMetadata'))
    Object.assign(fields, differing(seen.fields, { customMetadata: { ...custom, ...ours.customMetadata } }));
  const { author, coAuthors, series, file } = heard(differing(seen, said));
  return {
    fields,
    ...(author === undefined ? {} : { author }),
    ...(coAuthors === undefined ? {} : { coAuthors }),
    ...(series === undefined ? {} : { series }),
    ...(file === undefined ? {} : { file }),
    progress: heard(movesOf(said.progress, seen.progress)),
    times: heard(differing(seen.times, said.times)),
    media: said.media,
    alongside: said.alongside,
  };
}

/** The beginning and nowhere are one place: a row that was never read has either. */
function movesOf(said: Said['progress'], seen: Said['progress']): Said['progress'] {
  const { progress, currentPage, ...rest } = differing(seen, said);
  return {
    ...rest,
    ...(progress === undefined || (progress ?? 0) === (seen.progress ?? 0) ? {} : { progress }),
    ...(currentPage === undefined || (currentPage ?? 0) === (seen.currentPage ?? 0) ? {} : { currentPage }),
  };
}
