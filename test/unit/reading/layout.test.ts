import { describe, expect, it } from 'vitest';
import { readSidecar } from '../../../server/formats/koreader/sidecar.ts';
import { pagesOf } from '../../../server/koreader/derive-reading.ts';
import { contentOf } from '../../../server/koreader/sidecar-content.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';

const layout = (pages: number, sidecar: Record<string, LuaContent>) =>
  pagesOf(pages, contentOf(readSidecar(makeSidecar(sidecar)), 'Book.sdr', 'metadata.epub.lua'), {
    stablePages: true,
  });

/** Points at which the person hid (-) or showed (+) what follows. */
const flows = (...points: number[]) => ({
  handmade_flows_enabled: true,
  handmade_flow_points: points.map((point) => ({ hidden: point < 0, page: Math.abs(point) })),
});

describe('pages set aside by hand', () => {
  it.each([
    ['from a point to the end', 1000, [-540], 461],
    ['the last 300', 1000, [-701], 300],
    ['in the middle', 1000, [-400, 600], 200],
    ['from the first page', 500, [-1, 51], 50],
    ['twice, the second time to the end', 800, [-100, 150, -700], 151],
    ['in the middle and at the end', 1000, [-100, 200, -500], 601],
    ['twice at once: the first point counts', 1000, [-400, -500, 600], 200],
    ['shown and never hidden', 1000, [100, 200], 0],
    ['at no point', 1000, [], 0],
    ['from a point back to an earlier one', 1000, [-600, 400], 0],
    ['all of it: then nothing is', 100, [-1], 0],
  ])('%s', (_, pages, points, hidden) => {
    expect(layout(pages, { doc_pages: pages, ...flows(...points) }).hiddenPages).toBe(hidden);
  });

  it('are none when the person switched that off, or the document has no length', () => {
    const { handmade_flow_points: points } = flows(-400, 600);
    const off = { doc_pages: 1000, handmade_flows_enabled: false, handmade_flow_points: points };
    expect(layout(1000, off).hiddenPages).toBe(0);
    expect(layout(1000, flows(-400)).hiddenPages).toBe(0);
    expect(pagesOf(1000, undefined, { stablePages: true })).toEqual({ hiddenPages: 0, pageFactor: 1 });
  });
});

describe('stable pages for each page of the layout', () => {
  const synthetic = { pagemap_doc_pages: 300, pagemap_chars_per_synthetic_page: 1500 };

  it.each([
    ['as many as the statistics have', 200, synthetic, 1.5],
    ['as many as the document has when the statistics know none', 0, { ...synthetic, doc_pages: 200 }, 1.5],
    ['without those set aside', 200, { ...synthetic, doc_pages: 200, ...flows(-101) }, 3],
    ['none when nobody knows how many pages there are', 0, synthetic, 1],
    ['none for page numbers of the publisher', 200, { pagemap_doc_pages: 300 }, 1],
    ['none for a map without pages', 200, { ...synthetic, pagemap_doc_pages: 0 }, 1],
    ['none without a map', 200, { doc_pages: 200 }, 1],
  ])('%s', (_, pages, sidecar, factor) => {
    expect(layout(pages, sidecar).pageFactor).toBe(factor);
  });
});
