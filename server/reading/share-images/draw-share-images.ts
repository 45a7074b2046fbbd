// The job that draws the share images of every year a book was finished in.
import { z } from 'zod';
import { handle, jobKind } from '../../jobs/kinds.ts';
import type { Readings } from '../readings.ts';
import { recapOf, yearsOf } from '../recap.ts';
import type { ShareImages } from './share-images.ts';

export const drawShareImages = jobKind({
  kind: 'draw-share-images',
  unit: 'files',
  payload: z.object({}),
  key: () => 'all',
  group: () => 'covers',
});

/** Does the job. Years whose figures stayed are not drawn again. */
export const drawShareImagesWork = ({
  readings,
  shareImages,
}: {
  readings: Readings;
  shareImages: ShareImages;
}) =>
  handle(drawShareImages, async ({ ownerId, signal, progress }) => {
    const { history } = await readings.view(ownerId);
    const years = yearsOf(history);
    let done = 0;
    for (const year of years) {
      signal.throwIfAborted();
      await shareImages.ensure(recapOf(history, year));
      progress({ done: ++done, total: years.length });
    }
    await shareImages.prune(years);
  });
