import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Change = {
  entity_type: string;
  entity_id: string;
  operation: string;
  version: number;
  data: Record<string, unknown>;
};
type Pulled = { changes: Change[]; server_timestamp: string };

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ files: { 'sea.epub': makeEpub({ title: 'Sea', authors: ['Ann'] }) } });
  token = await server.claim();
});
afterAll(() => server.close());

const pull = async (since = '1970-01-01T00:00:00Z'): Promise<Pulled> =>
  (
    await server.papyrus('GET', `/sync/changes?entity_types=book&since=${since}`, undefined, token)
  ).json() as Pulled;

describe('a book of a library folder', () => {
  it('is pulled, and the rating a device pushes is read in KoShelf and stays over a rescan', async () => {
    const [book] = (await pull()).changes;
    expect([book?.operation, book?.data.title]).toEqual(['create', 'Sea']);
    const pushed = await server.papyrus(
      'POST',
      '/sync/changes',
      {
        device_id: 'phone',
        changes: [
          {
            entity_type: 'book',
            entity_id: book?.entity_id,
            operation: 'update',
            data: { rating: 4, title: 'The Sea' },
            // A clock that is years behind: the device knew what it changed.
            timestamp: '2020-01-01T00:00:00Z',
            version: book?.version,
          },
        ],
      },
      token,
    );
    expect([pushed.status, pushed.text.includes('"rejected":[]')]).toEqual([200, true]);
    await server.rescan();
    const { items } = await server.data<{ items: { title: string; rating: number | null }[] }>('/items');
    expect(items.map(({ title, rating }) => [title, rating])).toEqual([['The Sea', 4]]);
  });
});
