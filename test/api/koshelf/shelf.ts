// A library in which every sort gives another order, with one book a person has read twice.
import type { z } from 'zod';
import type { Item, ItemAnswer } from '../../../server/api/koshelf/schemas.ts';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';
import type { StatisticsContent, StatisticsReadRow } from '../../support/make-statistics.ts';
import type { Files } from '../../support/server.ts';

export type Item = z.infer<typeof Item>;
export type ItemAnswer = z.infer<typeof ItemAnswer>;

const md5 = (digit: string): string => digit.repeat(32);

const marks = (count: number): LuaContent[] =>
  Array.from({ length: count }, (_, index) => ({
    datetime: `2026-01-0${index + 1} 10:00:00`,
    drawer: 'lighten',
    page: `/body/p[${index + 1}]`,
    pos0: `/body/p[${index + 1}]/text().0`,
    pos1: `/body/p[${index + 1}]/text().9`,
    text: `Words ${index + 1}`,
  }));

/** Beta and beta are one title to a sort; Éclair and beta were never opened. */
export const shelf: Files = {
  'beta.epub': makeEpub({ title: 'Beta', authors: ['Émile Zola'], identifiers: ['urn:1'] }),
  'beta.sdr/metadata.epub.lua': makeSidecar({
    partial_md5_checksum: md5('a'),
    percent_finished: 0.5,
    summary: { status: 'reading', rating: 2 },
    annotations: marks(1),
  }),
  'alpha.epub': makeEpub({ title: 'alpha', authors: ['Adams', 'Zweig'], identifiers: ['urn:2'] }),
  'alpha.sdr/metadata.epub.lua': makeSidecar({
    partial_md5_checksum: md5('b'),
    percent_finished: 1,
    summary: { status: 'complete', rating: 5 },
    annotations: marks(3),
  }),
  'eclair.epub': makeEpub({ title: 'Éclair', identifiers: ['urn:3'] }),
  'zeta.epub': makeEpub({
    title: 'zeta',
    authors: ['austen'],
    identifiers: ['urn:4'],
    series: { name: 'Letters', index: '2.5' },
  }),
  'zeta.sdr/metadata.epub.lua': makeSidecar({
    partial_md5_checksum: md5('d'),
    percent_finished: 0.9,
    summary: { status: 'abandoned' },
    annotations: marks(2),
  }),
  'other beta.epub': makeEpub({ title: 'beta', authors: ['Zola, Anton'], identifiers: ['urn:5'] }),
  'comic.cbz': makeCbz(['1.jpg', '2.jpg']),
  'comic.sdr/metadata.cbz.lua': makeSidecar({
    partial_md5_checksum: md5('f'),
    percent_finished: 0.25,
    summary: { rating: 4 },
  }),
};

const day = (date: string): number => Date.parse(`${date}T10:00:00Z`) / 1000;

/** Twenty pages of a minute each; after `pauseAfter` pages the reader rests for an hour. */
const reading = (date: string, pauseAfter = 20): StatisticsReadRow[] =>
  Array.from({ length: 20 }, (_, index) => [
    1,
    index + 1,
    day(date) + index * 60 + (index < pauseAfter ? 0 : 3600),
    60,
    20,
  ]);

/** beta was read to its end twice, the second time in two sittings. */
export const shelfReading: StatisticsContent = {
  books: [
    { title: 'Beta', md5: md5('a'), pages: 20, last_open: day('2026-02-10') },
    { title: 'alpha', md5: md5('b'), pages: 50, last_open: day('2026-01-01') },
    { title: 'zeta', md5: md5('d'), pages: 50, last_open: day('2026-03-01') },
  ],
  reads: [...reading('2026-01-05'), ...reading('2026-02-10', 12)],
};
