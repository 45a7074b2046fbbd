import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemorySecrets } from '../../../server/secrets/secret-store.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
const PATH = '/users/me/metadata-server';
const secrets = createMemorySecrets();
let server: TestServer;
let other: Server;
let otherUrl: string;
let asked: { url: string | undefined; authorization: string | undefined }[] = [];
let answer: { status: number; body: string } = {
  status: 200,
  body: '{"status":"healthy","version":"2.1.0"}',
};
beforeAll(async () => {
  other = createServer((req, res) => {
    asked.push({ url: req.url, authorization: req.headers.authorization });
    res.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  server = await startTestServer({
    clock: at(NOW),
    ports: { secrets },
    options: { allowNetworks: ['127.0.0.1/32'], publicUrl: 'https://books.example.org' },
  });
});
afterAll(async () => {
  await server.close();
  other.close();
});

let count = 0;
let token: string;
beforeEach(async () => {
  asked = [];
  token = await server.signUp(`metadata${++count}@example.org`);
});
const refusal = (given: Answer): [number, string] => [given.status, (given.json() as Refusal).error.code];
const get = (as = token) => server.papyrus('GET', PATH, undefined, as);
const put = (body: unknown, as = token) => server.papyrus('PUT', PATH, body, as);
const test = () => server.papyrus('POST', `${PATH}/test`, undefined, token);
type Config = { config_id: string; server_type: string };

describe('the metadata server of a person', () => {
  it('is named, read, named anew and forgotten, and is nobody else’s', async () => {
    expect(refusal(await get())).toEqual([404, 'NOT_FOUND']);
    const named = await put({ server_url: otherUrl });
    expect([named.status, named.json()]).toEqual([
      200,
      {
        config_id: expect.any(String),
        server_url: otherUrl,
        server_type: 'self_hosted',
        is_connected: false,
        sync_enabled: true,
        sync_interval_seconds: 30,
        last_sync_at: null,
        sync_status: 'idle',
        sync_error_message: null,
        created_at: NOW,
        updated_at: NOW,
      },
    ]);
    expect((await get()).json()).toEqual(named.json());
    const renamed = await put({ server_url: otherUrl, sync_enabled: false, sync_interval_seconds: 3600 });
    expect(renamed.json()).toEqual({
      ...(named.json() as object),
      sync_enabled: false,
      sync_interval_seconds: 3600,
    });
    expect((await get(await server.signUp(`metadata${++count}@example.org`))).status).toBe(404);
    expect((await server.papyrus('DELETE', PATH, undefined, token)).status).toBe(204);
    for (const gone of [await get(), await test(), await server.papyrus('DELETE', PATH, undefined, token)]) {
      expect(refusal(gone)).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('is official where it is this server, unless the person says otherwise', async () => {
    const typeOf = async (body: object) => ((await put(body)).json() as Config).server_type;
    expect(await typeOf({ server_url: 'https://books.example.org/api/v1' })).toBe('official');
    const server_url = 'https://books.example.org';
    expect(await typeOf({ server_url, server_type: 'self_hosted' })).toBe('self_hosted');
  });

  it('keeps its token a secret, and never gives it to another server', async () => {
    const first = await put({ server_url: otherUrl, auth_token: 'of the other server' });
    expect(first.text).not.toContain('of the other server');
    const name = `metadata-server/${(first.json() as Config).config_id}/auth_token`;
    expect(await secrets.get(name)).toBe('of the other server');
    await put({ server_url: `${otherUrl}/below` });
    expect(await secrets.get(name)).toBe('of the other server');
    await put({ server_url: 'https://elsewhere.example.org' });
    expect(await secrets.get(name)).toBeUndefined();
    await put({ server_url: otherUrl, auth_token: 'again' });
    await put({ server_url: otherUrl, auth_token: null });
    expect(await secrets.get(name)).toBeUndefined();
    await put({ server_url: otherUrl, auth_token: 'again' });
    await server.papyrus('DELETE', PATH, undefined, token);
    expect(await secrets.get(name)).toBeUndefined();
  });

  it.each([
    ['server_url', undefined],
    ['server_url', 'ftp://example.org'],
    ['server_url', 'https://user:pass@example.org'],
    ['server_url', 'nowhere'],
    ['server_type', 'ours'],
    ['sync_enabled', 'yes'],
    ['sync_interval_seconds', 9],
    ['sync_interval_seconds', 3601],
    ['sync_interval_seconds', 10.5],
    ['auth_token', ''],
  ])('refuses the %s %j', async (field, value) => {
    const given = await put({ server_url: otherUrl, [field]: value });
    expect(refusal(given)).toEqual([400, 'VALIDATION_ERROR']);
    expect(Object.keys((given.json() as Refusal).error.details?.['fields'] ?? {})).toEqual([field]);
  });
});

describe('the test of it', () => {
  it('asks for its health without the token and says how it is', async () => {
    await put({ server_url: `${otherUrl}/below/`, auth_token: 'a secret' });
    const tested = await test();
    expect([tested.status, tested.json()]).toEqual([
      200,
      {
        success: true,
        message: 'The server answered.',
        server_version: '2.1.0',
        latency_ms: expect.any(Number),
      },
    ]);
    expect(asked).toEqual([{ url: '/below/health', authorization: undefined }]);
    expect((await get()).json()).toMatchObject({ is_connected: true, sync_status: 'idle' });
  });

  it('says in the answer what is wrong, and remembers it', async () => {
    await put({ server_url: otherUrl });
    answer = { status: 500, body: 'oops' };
    expect((await test()).json()).toMatchObject({ success: false, message: 'The server answered 500.' });
    expect((await get()).json()).toMatchObject({
      is_connected: false,
      sync_status: 'error',
      sync_error_message: 'The server answered 500.',
    });
    answer = { status: 200, body: '[not json' };
    expect((await test()).json()).toMatchObject({ success: true, server_version: null });
  });

  it.each(['http://10.1.2.3', 'http://169.254.169.254', 'http://[::1]:1'])(
    'never asks %s inside the house',
    async (server_url) => {
      await put({ server_url });
      const tested = await test();
      expect([tested.status, tested.json()]).toMatchObject([200, { success: false }]);
    },
  );
});
