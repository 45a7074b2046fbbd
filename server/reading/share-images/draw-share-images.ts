// The job that draws the share images of every year a book was finished in.
import { z } from 'zod';
import { defineJob } from '../../jobs/kinds.ts';
import type { Readings } from '../readings.ts';
import { recapOf, yearsOf } from '../recap.ts';
import type { ShareImages } from './share-images.ts';

/** Returns the job kind. Years whose figures stayed are not drawn again. */
export const drawShareImages = ({
  readings,
  shareImages,
}: {
  readings: Readings;
  shareImages: ShareImages;
}) =>
  defineJob({
    kind: 'draw-share-images',
    unit: 'files',
    payload: z.object({}),
    key: () => 'all',
    group: () => 'covers',
    async run({ ownerId, signal, progress }) {
      const { history } = await readings.view(ownerId);
      const years = yearsOf(history);
      let done = 0;
      for (const year of years) {
        signal.throwIfAborted();
        await shareImages.ensure(recapOf(history, year));
        progress({ done: ++done, total: years.length });
      }
      await shareImages.prune(years);
    },
  });
