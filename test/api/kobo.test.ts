import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

// A Kobo reader that is plugged in: what was bought for it has no ending.
const bought = makeEpub({ title: 'Bought', authors: ['Ann'] });
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    options: { watch: 'poll', pollInterval: 1 },
    files: {
      '.kobo/kepub/0b2c4d': bought,
      '.kobo/kepub/0b2c4d.sdr/metadata.epub.lua': makeSidecar({
        partial_md5_checksum: koreaderChecksum(bought),
        percent_finished: 0.5,
        summary: { status: 'reading', modified: '2026-03-12' },
      }),
      '.kobo/KoboReader.sqlite': 'not opened',
      '.kobo/version': 'N1234',
    },
  });
});
afterAll(() => server.close());

type Item = { id: string; title: string; progress_percentage?: number };
const items = async () => (await server.data<{ items: Item[] }>('/items')).items;

it('the books a Kobo reader keeps for itself are books, with what KOReader knows of them', async () => {
  const [item] = await items();
  expect([item?.title, item?.progress_percentage]).toEqual(['Bought', 50]);
  const file = await server.get(`/assets/files/${item!.id}.epub`);
  expect(file.bytes.equals(bought)).toBe(true);
});

it('one that comes is noticed', async () => {
  server.put({ '.kobo/kepub/77aa': makeEpub({ title: 'Newer' }) });
  await vi.waitFor(async () => expect((await items()).map(({ title }) => title)).toContain('Newer'), {
    timeout: 15_000,
    interval: 200,
  });
});
