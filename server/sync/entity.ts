// What devices sync, as types: a thing, what is stored of it, and what each kind of thing must be able to do.
import type { Db } from '../catalogue/db.ts';
import type { ShownBook } from '../library/books.queries.ts';
import type { SeriesRow } from '../library/series.queries.ts';
import type { ShelfRow } from '../shelves/shelves.queries.ts';
import type { TagRow } from '../shelves/tags.queries.ts';
import type { ShownAnnotation } from '../marks/annotations.queries.ts';
import type { BookmarkRow } from '../marks/marks.queries.ts';
import type { Note } from '../marks/notes.queries.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { Goal } from '../reading/goals.ts';
import type { ReadingSession } from '../reading/papyrus-sessions.ts';
import type { ProfileRow } from '../reading/profiles.queries.ts';
import type { Files } from '../files/files.ts';
import type { Context, Fields, Merged } from './merge.ts';

/** A thing of the library as its feature gives it. */
export type Thing =
  | { kind: 'book'; record: ShownBook }
  | { kind: 'shelf'; record: ShelfRow }
  | { kind: 'tag'; record: TagRow }
  | { kind: 'series'; record: SeriesRow }
  | { kind: 'annotation'; record: ShownAnnotation }
  | { kind: 'note'; record: Note }
  | { kind: 'bookmark'; record: BookmarkRow }
  | { kind: 'reading_session'; record: ReadingSession }
  | { kind: 'reading_goal'; record: Goal }
  | { kind: 'reading_profile'; record: ProfileRow };
export type EntityType = Thing['kind'];

/** A thing as a change meets it. */
export type Stored = {
  /** All of it as it was found. To be asked for before anything is written of it. */
  thing(): Thing;
  /** The values of the fields devices speak of. */
  fields: Fields;
  /** Fields nobody but a file spoke of. */
  always?: ReadonlySet<string>;
  bornMs: number;
  /** Where it is read with the thing. */
  version?: number;
};

export type Writing = {
  db: Db;
  ownerId: string;
  id: string;
  saidAt: Date;
  now: Date;
  rules: ReadingRules;
  claim: Files['claiming'];
};

export type Entity = {
  /** Where its rows are; constants, never input. */
  at: { table: string; id: string };
  /** Returns the owner's things of these ids, in no order. */
  select(db: Db, ownerId: string, ids: readonly string[]): (readonly [id: string, thing: Thing])[];
  find(db: Db, ownerId: string, id: string): Stored | undefined;
  /** Returns what `find` would of each of these ids, where many at once are cheaper. */
  findAll?(db: Db, ownerId: string, ids: readonly string[]): (readonly [id: string, stored: Stored])[];
  /** Whatever is written of it, every other thing stays as `find` gives it. */
  isApart?: true;
  /** Returns the id of the thing a new one of these fields would be a second of. */
  namesake?(db: Db, ownerId: string, fields: Fields): string | undefined;
  /** Returns what becomes of the device's words; the rule for fields where there is no other. */
  merge?(stored: Stored, theirs: Fields, context: Context): Merged;
  /** These throw what the features throw: invalid, not_found, conflict, forbidden. */
  add(to: Writing, fields: Fields): void;
  /** Returns the version the thing has then, where it knows. */
  change(to: Writing, taken: Fields, stored: Stored): number | void;
  /** A change that throws has written nothing. */
  isChangedOrNot?: true;
  remove(to: Writing): void;
};
