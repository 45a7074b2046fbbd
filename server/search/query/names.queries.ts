// The names a query can mean: the owner's shelves, tags and series.
import type { Db } from '../../catalogue/db.ts';
import { keptUntilChange } from '../../catalogue/kept.ts';
import { statement } from '../../catalogue/statements.ts';

export type NamedShelf = { id: string; name: string; isSmart: 0 | 1; smartQuery: string | null };
export type Named = { id: string; name: string };

const all = <Row>(db: Db, sql: string, ownerId: string) => statement(db.$client, sql).all(ownerId) as Row[];

/** Every shelf of the owner. */
export const selectShelfNames = (db: Db, ownerId: string): NamedShelf[] =>
  all(
    db,
    'select shelf_id as id, name, is_smart as isSmart, smart_query as smartQuery from shelves where owner_id = ? order by shelf_id',
    ownerId,
  );

/** Every tag of the owner. */
export const selectTagNames = (db: Db, ownerId: string): Named[] =>
  all(db, 'select tag_id as id, name from tags where owner_id = ? order by tag_id', ownerId);

/** Every series of the owner. */
export const selectSeriesNames = (db: Db, ownerId: string): Named[] =>
  all(db, 'select series_id as id, name from series where owner_id = ? order by series_id', ownerId);

/** Every language the owner's books are in, as it is written there. */
export const selectLanguages = (db: Db, ownerId: string): string[] =>
  keptUntilChange(
    db,
    `languages ${ownerId}`,
    () =>
      statement(
        db.$client,
        'select distinct language from books indexed by books_list where owner_id = ? and absent_since is null and language is not null',
      )
        .pluck()
        .all(ownerId) as string[],
  );

/** Names of the fields the owner made up, as they wrote them. */
export const selectOwnNames = (db: Db, ownerId: string): string[] =>
  keptUntilChange(
    db,
    `own names ${ownerId}`,
    () =>
      statement(
        db.$client,
        `select distinct m.key from books b indexed by books_own_fields, json_each(b.custom_metadata) m where b.owner_id = ? and b.custom_metadata <> '{}'`,
      )
        .pluck()
        .all(ownerId) as string[],
  );
