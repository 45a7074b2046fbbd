// Shelves, put together: what books are ordered by.
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createSavedFilters } from './saved-filters.ts';
import { createShelves } from './shelves.ts';
import { createTags } from './tags.ts';

/** Returns the verbs of shelves, tags and saved filters. */
export function shelvesFeature(ground: { catalogue: Catalogue; clock: Clock; zone: () => string }) {
  return {
    shelves: createShelves(ground),
    tags: createTags(ground),
    savedFilters: createSavedFilters(ground),
  };
}
