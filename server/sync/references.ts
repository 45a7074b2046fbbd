// What things of a push name each other by: second ids of one thing become the first, what was deleted is let go.
import type { EntityType } from './entity.ts';
import type { Db } from '../catalogue/db.ts';
import type { Fields } from './merge.ts';
import { selectAliases, selectLastEntry } from './sync.queries.ts';

export type References = ReturnType<typeof createReferences>;

/** Returns what is known of ids of the owner's within a transaction. */
export function createReferences(db: Db, ownerId: string) {
  const aliases = selectAliases(db, ownerId);
  const idOf = (entityType: EntityType, id: string): string => aliases.get(`${entityType} ${id}`) ?? id;
  const isGone = (entityType: EntityType, id: string): boolean =>
    selectLastEntry(db, ownerId, entityType, id)?.operation === 'delete';
  const one = (entityType: EntityType, id: unknown): string | null => {
    const known = idOf(entityType, String(id));
    return isGone(entityType, known) ? null : known;
  };
  const many = (entityType: EntityType, ids: unknown): string[] => [
    ...new Set((ids as string[]).map((id) => one(entityType, id)).filter((id) => id !== null)),
  ];
  const resolvers: Partial<Record<EntityType, Record<string, (value: unknown) => unknown>>> = {
    book: {
      seriesId: (id) => (id === null ? null : one('series', id)),
      shelfIds: (ids) => many('shelf', ids),
      tagIds: (ids) => many('tag', ids),
    },
    shelf: { parentShelfId: (id) => (id === null ? null : one('shelf', id)) },
  };

  return {
    /** Returns the id the thing goes by. */
    idOf,
    isGone,
    /** Notes that an id is another name of a thing. */
    learn: (entityType: EntityType, aliasId: string, id: string): void => {
      aliases.set(`${entityType} ${aliasId}`, id);
    },
    /** Returns the fields with every id of another thing as it goes by. */
    resolve(entityType: EntityType, fields: Fields): Fields {
      const own = resolvers[entityType];
      if (own === undefined || !Object.keys(own).some((name) => name in fields)) return fields;
      return Object.fromEntries(
        Object.entries(fields).map(([name, value]) => {
          const resolver = own[name];
          return [name, resolver === undefined || value === undefined ? value : resolver(value)];
        }),
      );
    },
  };
}
