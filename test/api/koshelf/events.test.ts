import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { listen } from '../../support/client.ts';
import type { EventStream } from '../../support/client.ts';

type Told = { revision_epoch: string; revision: number; generated_at: string };

let server: TestServer;
const clock = at('2026-03-14T12:00:00Z');
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: { 'a.epub': makeEpub({ title: 'A' }) },
    options: { timeZone: 'Europe/Berlin' },
  });
});
afterAll(() => server.close());

const open = (): Promise<EventStream> => listen(`${server.url}/api/events/stream`);

const told = (stream: EventStream): Promise<Told> => stream.nextOf<Told>('data_changed');

describe('GET /api/events/stream', () => {
  it('tells at once how things are', async () => {
    const stream = await open();
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
    });
    const { event, data } = await stream.next();
    stream.close();
    expect(event).toBe('data_changed');
    expect(data).toEqual({
      revision_epoch: 'serve_2026-03-14T13:00:00+01:00',
      revision: expect.any(Number),
      generated_at: '2026-03-14T13:00:00+01:00',
    });
  });

  it('tells once of many changes in quick succession, with a higher revision', async () => {
    const token = await server.claim();
    const stream = await open();
    const before = await told(stream);
    for (let count = 1; count <= 5; count++) {
      await server.papyrus('POST', '/books', { title: `Book ${count}`, author: 'A' }, token);
    }
    const after = await told(stream);
    expect(after.revision).toBeGreaterThan(before.revision);
    const late = await open();
    expect((await told(late)).revision).toBe(after.revision);
    stream.close();
    late.close();
  });

  it('goes on counting after a restart', async () => {
    const stream = await open();
    const before = await told(stream);
    stream.close();
    clock.forward({ hours: 1 });
    await server.restart();
    const again = await open();
    const after = await told(again);
    again.close();
    expect(after.revision).toBeGreaterThanOrEqual(before.revision);
    expect(after.revision_epoch).toBe('serve_2026-03-14T14:00:00+01:00');
  });

  it('ends the answer to HEAD, so that the connection can be used again', async () => {
    const { port } = new URL(server.url);
    const line = 'HTTP/1.1\r\nHost: localhost\r\n';
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`HEAD /api/events/stream ${line}\r\nHEAD /api/site ${line}Connection: close\r\n\r\n`);
    const answers = await readText(socket);
    expect(answers.match(/^HTTP\/1\.1 .*$/gm)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(answers.match(/^Content-Type: .*$/gim)).toEqual([
      'Content-Type: text/event-stream',
      'Content-Type: application/json; charset=utf-8',
    ]);
  });

  it('ends when the server stops', async () => {
    const stream = await open();
    await stream.next();
    await server.restart();
    await expect(stream.next()).rejects.toThrow('the stream has ended');
  });
});
