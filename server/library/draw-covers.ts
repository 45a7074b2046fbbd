// The job that draws the covers a scan found, so that nobody waits for them later.
import { z } from 'zod';
import { handle, jobKind } from '../jobs/kinds.ts';
import type { Covers } from './covers.ts';

/** As many as there are workers. */
const AT_ONCE = 2;

export const drawCovers = jobKind({
  kind: 'draw-covers',
  unit: 'files',
  payload: z.object({}),
  key: () => 'all',
  // A folder that is added meanwhile need not wait.
  group: () => 'covers',
});

/** Does the job. */
export const drawCoversWork = ({ covers }: { covers: Covers }) =>
  handle(drawCovers, async ({ signal, progress }) => {
    let done = 0;
    // A scan that ended meanwhile left more.
    for (let hashes = await covers.undrawn(); hashes.length > 0; hashes = await covers.undrawn()) {
      const total = done + hashes.length;
      const draw = async () => {
        for (let hash = hashes.shift(); hash !== undefined; hash = hashes.shift()) {
          signal.throwIfAborted();
          await covers.draw(hash);
          progress({ done: ++done, total });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, draw));
    }
  });
