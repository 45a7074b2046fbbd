import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../server/api/desk/schemas.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const COUNT = 400;
let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ files: { 'first.epub': makeEpub({ title: 'First' }) } });
  token = await server.claim();
  const books = Array.from({ length: COUNT }, (_, n) => [
    `${n}.epub`,
    makeEpub({ title: `Book ${n}`, description: 'Long words. '.repeat(500) }),
  ]);
  server.put(Object.fromEntries(books) as Record<string, Uint8Array>);
});
afterAll(() => server.close());

describe('a server that scans', () => {
  it('answers all the while, and takes in what a person writes', async () => {
    const events = await server.events('/desk/api/events');
    await server.desk('POST', '/scans');
    await events.nextOf<Job>('job', (job) => job.kind === 'scan-folder' && job.state === 'running');
    let isOver = false;
    const over = events
      .nextOf<Job>('job', (job) => job.kind === 'scan-folder' && job.finished_at !== null)
      .finally(() => {
        isOver = true;
      });
    const tookMs: number[] = [];
    const timed = async (work: () => Promise<{ status: number }>, status: number): Promise<void> => {
      const started = performance.now();
      expect((await work()).status).toBe(status);
      tookMs.push(performance.now() - started);
    };
    for (let count = 0; !isOver; count++) {
      await timed(() => server.koshelf('/items?sort=progress'), 200);
      await timed(() => server.papyrus('GET', '/books', undefined, token), 200);
      await timed(() => server.get('/health'), 200);
      const paper = { title: `Paper ${count}`, author: 'A', is_physical: true };
      await timed(() => server.papyrus('POST', '/books', paper, token), 201);
    }
    expect(await over).toMatchObject({ state: 'done', counts: { seen: COUNT + 1, failed: 0 } });
    events.close();
    await server.settled();

    expect(tookMs.length).toBeGreaterThan(40);
    const p99 = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.99)]!;
    // What a person notices, on a machine where others work too.
    expect(p99).toBeLessThan(1000);
    const { pagination } = (await server.papyrus('GET', '/books', undefined, token)).json() as {
      pagination: { total: number };
    };
    expect(pagination.total).toBe(COUNT + 1 + tookMs.length / 4);
  });
});
