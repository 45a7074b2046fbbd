// Shelves whose books are those a query finds.
import { invalidField } from './memberships.ts';

/** Returns what is kept of a shelf's query. Throws invalid for a smart shelf without a query that can be understood. */
export function settleSmart(shelf: { isSmart: boolean; smartQuery: string | null }): {
  isSmart: boolean;
  smartQuery: string | null;
} {
  if (shelf.isSmart) throw invalidField('is_smart', 'This server has no smart shelves yet.');
  if ((shelf.smartQuery ?? '') !== '') {
    throw invalidField('smart_query', 'Only a smart shelf has a query.');
  }
  return { isSmart: false, smartQuery: null };
}
