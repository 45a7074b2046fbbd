// Saved filters: queries a person named. Every call takes the owner; what is somebody else's is not there.
import type { Clock } from '../base/clock.ts';
import { notFound } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { parseQuery } from '../search/query/parse.ts';
import {
  deleteFilter,
  insertFilter,
  noteUse,
  selectFilter,
  selectFilters,
  updateFilter,
} from './saved-filters.queries.ts';
import type { SavedFilter } from './saved-filters.queries.ts';

export type { SavedFilter } from './saved-filters.queries.ts';

export type NewFilter = Pick<
  SavedFilter,
  'name' | 'query' | 'description' | 'filterType' | 'icon' | 'color' | 'isPinned'
>;
/** Absent leaves a field as it is. */
export type FilterChange = Partial<NewFilter>;

export type SavedFilters = ReturnType<typeof createSavedFilters>;

/** Returns the verbs of saved filters. */
export function createSavedFilters({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, filterId: string): SavedFilter => {
    const found = catalogue.read((db) => selectFilter(db, ownerId, filterId));
    if (found === undefined) throw notFound('filter', filterId);
    return found;
  };

  return {
    get,

    /** Returns every filter, or those that are pinned or not: pinned ones first, then by name, ties by id. */
    list: (ownerId: string, { isPinned }: { isPinned?: boolean | undefined } = {}): SavedFilter[] =>
      catalogue
        .read((db) => selectFilters(db, ownerId))
        .filter((filter) => isPinned === undefined || filter.isPinned === isPinned),

    /** Keeps a filter. Throws invalid, with the place, for a query that cannot be read. */
    create(ownerId: string, filter: NewFilter, deviceId: string): SavedFilter {
      parseQuery(filter.query);
      const now = clock.now();
      const filterId = newId(now);
      catalogue.write({ deviceId }, (db) =>
        insertFilter(db, { ...filter, filterId, ownerId, createdAt: now, updatedAt: now }),
      );
      return get(ownerId, filterId);
    },

    /** Changes what is given. Throws not_found, and invalid as `create` does. */
    change(ownerId: string, filterId: string, change: FilterChange, deviceId: string): SavedFilter {
      get(ownerId, filterId);
      if (change.query !== undefined) parseQuery(change.query);
      if (Object.keys(change).length > 0) {
        catalogue.write({ deviceId }, (db) => updateFilter(db, filterId, { ...change, updatedAt: clock.now() })); // prettier-ignore
      }
      return get(ownerId, filterId);
    },

    /** Counts one more use of the filter, which is no change of it. Throws not_found. */
    use(ownerId: string, filterId: string, deviceId: string): SavedFilter {
      get(ownerId, filterId);
      catalogue.write({ deviceId }, (db) => noteUse(db, filterId, clock.now()));
      return get(ownerId, filterId);
    },

    /** Removes a filter. Throws not_found. */
    remove(ownerId: string, filterId: string, deviceId: string): void {
      get(ownerId, filterId);
      catalogue.write({ deviceId }, (db) => deleteFilter(db, filterId));
    },
  };
}
