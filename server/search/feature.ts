// Search, put together: what is found, and the text of books that is kept for it.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Jobs } from '../jobs/runner.ts';
import { createBookText } from './book-text.ts';
import { createSearch } from './search.ts';

/** Returns the verbs of search. */
export function searchFeature({ catalogue }: { catalogue: Catalogue }, { jobs }: { jobs: Jobs }) {
  const bookText = createBookText({ catalogue, jobs });
  return {
    search: createSearch({ catalogue }),
    bookText,

    follow(): void {
      bookText.catchUp();
    },
  };
}
