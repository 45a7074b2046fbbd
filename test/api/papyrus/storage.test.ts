import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemorySecrets } from '../../../server/secrets/secret-store.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { formOf } from '../../support/form.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Backend = Record<string, unknown> & { backend_id: string; is_primary: boolean; is_active: boolean };

const NOW = '2026-03-14T12:00:00.000Z';
const secrets = createMemorySecrets();
let server: TestServer;
let token = '';
let people = 0;
beforeAll(async () => {
  server = await startTestServer({ clock: at(NOW), ports: { secrets } });
});
afterAll(() => server.close());
beforeEach(async () => {
  token = await server.signUp(`person${++people}@example.org`);
});

const ask = (method: string, path: string, body?: unknown, as = token) =>
  server.papyrus(method, `/storage/backends${path}`, body, as);
const create = (body: object) => ask('POST', '', { backend_type: 'local', name: 'Here', ...body });
const created = async (body: object = {}): Promise<Backend> => {
  const answer = await create(body);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Backend;
};
const list = async () => ((await ask('GET', '')).json() as { backends: Backend[] }).backends;
const primary = async () => (await list()).filter((each) => each.is_primary).map((each) => each.backend_id);
const refusal = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];
const fieldsOf = (answer: Answer) => Object.keys((answer.json() as Refusal).error.details?.['fields'] ?? {});
const webdav = {
  backend_type: 'webdav',
  name: 'NAS',
  connection_config: { server_url: 'https://nas.example/dav', colour: 'kept' },
  credentials: { username: 'ann', password: 'hunter2-canary' },
};

describe('a storage backend', () => {
  it('is shown with every key of the contract and without its settings', async () => {
    const backend = await created({ ...webdav, base_path: '/books' });
    expect(backend).toEqual({
      backend_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      backend_type: 'webdav',
      name: 'NAS',
      is_primary: true,
      is_active: true,
      base_path: '/books',
      storage_used_bytes: null,
      storage_quota_bytes: null,
      last_accessed_at: null,
      connection_status: 'disconnected',
      error_message: null,
      created_at: NOW,
      updated_at: NOW,
    });
    expect((await ask('GET', `/${backend.backend_id}`)).json()).toEqual(backend);
  });

  it('keeps its secrets with the secrets, wherever they were given, and forgets them when it goes', async () => {
    const { backend_id: id } = await created({
      ...webdav,
      connection_config: { ...webdav.connection_config, password: 'misplaced-canary' },
      credentials: { username: 'ann', expires_at: 12 },
    });
    const named = (name: string) => secrets.get(`storage/${id}/${name}`);
    expect([await named('username'), await named('password'), await named('expires_at')]).toEqual([
      'ann',
      'misplaced-canary',
      '12',
    ]);
    for (const name of readdirSync(server.dataDir).filter(
      (each) => /sqlite|log/.test(each) && !each.endsWith('logs'),
    ))
      expect(readFileSync(join(server.dataDir, name)).includes('misplaced-canary')).toBe(false);
    expect((await ask('PATCH', `/${id}`, { credentials: { expires_at: null } })).status).toBe(200);
    expect(await named('expires_at')).toBeUndefined();
    expect(refusal(await ask('PATCH', `/${id}`, { credentials: { password: null } }))[0]).toBe(400);
    expect(await named('password')).toBe('misplaced-canary');
    expect((await ask('DELETE', `/${id}`)).status).toBe(204);
    expect([await named('username'), await named('password')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['webdav', {}, {}, ['connection_config.server_url', 'credentials.username', 'credentials.password']],
    ['webdav', { server_url: 'ftp://x' }, { username: 'a', password: 'b' }, ['connection_config.server_url']],
    ['s3', { bucket: 'b' }, { access_key: 'a' }, ['credentials.secret_key']],
    ['minio', { bucket: 'b' }, { access_key: 'a', secret_key: 'b' }, ['connection_config.endpoint']],
  ])(
    'of the kind %s needs what it cannot do without',
    async (kind, connection_config, credentials, fields) => {
      const answer = await create({ backend_type: kind, connection_config, credentials });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
      expect(await list()).toEqual([]);
    },
  );

  it('is one of eight kinds, has a name of at most 100 characters', async () => {
    expect(fieldsOf(await create({ backend_type: 'ftp' }))).toEqual(['backend_type']);
    expect(fieldsOf(await create({ name: 'x'.repeat(101) }))).toEqual(['name']);
    expect(fieldsOf(await create({ name: ' ' }))).toEqual(['name']);
  });

  it('is one of three at most', async () => {
    for (const name of ['1', '2', '3']) await created({ name });
    expect(refusal(await create({ name: '4' }))).toEqual([400, 'VALIDATION_ERROR']);
    expect(await list()).toHaveLength(3);
  });

  it('changes only what is said', async () => {
    const { backend_id: id, ...before } = await created({ ...webdav, base_path: '/books' });
    const answer = await ask('PATCH', `/${id}`, { name: 'Cellar', base_path: null });
    expect(answer.json()).toEqual({ ...before, backend_id: id, name: 'Cellar', base_path: null });
    expect(refusal(await ask('PATCH', `/${id}`, { connection_config: {} }))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
    expect(refusal(await ask('PATCH', `/${id}`, { name: null }))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('of somebody else is not there', async () => {
    const { backend_id: id } = await created();
    const other = await server.signUp(`other${people}@example.org`);
    for (const [method, path, body] of [
      ['GET', `/${id}`],
      ['PATCH', `/${id}`, { name: 'x' }],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/test`],
      ['POST', `/${id}/set-primary`],
      ['POST', '/set-primary', { backend_id: id }],
    ] as const)
      expect([path, refusal(await ask(method, path, body, other))]).toEqual([path, [404, 'NOT_FOUND']]);
    expect(await list()).toHaveLength(1);
  });
});

describe('the primary', () => {
  it('is the first, then the one that is said to be, by either spelling', async () => {
    const [a, b] = [await created({ name: 'a' }), await created({ name: 'b' })];
    expect([a.is_primary, b.is_primary]).toEqual([true, false]);
    expect((await ask('POST', `/${b.backend_id}/set-primary`)).json()).toMatchObject({ is_primary: true });
    expect(await primary()).toEqual([b.backend_id]);
    expect((await ask('POST', '/set-primary', { backend_id: a.backend_id })).json()).toMatchObject(a);
    expect(await primary()).toEqual([a.backend_id]);
    const c = await created({ name: 'c', is_primary: true });
    expect(await primary()).toEqual([c.backend_id]);
    expect((await list()).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });

  it('is nobody after it was switched off or deleted', async () => {
    const [a, b] = [await created({ name: 'a' }), await created({ name: 'b' })];
    expect((await ask('PATCH', `/${a.backend_id}`, { is_active: false })).json()).toMatchObject({
      is_active: false,
      is_primary: false,
    });
    expect(refusal(await ask('POST', `/${a.backend_id}/set-primary`))).toEqual([400, 'VALIDATION_ERROR']);
    await ask('POST', `/${b.backend_id}/set-primary`);
    expect((await ask('DELETE', `/${b.backend_id}`)).status).toBe(204);
    expect(await primary()).toEqual([]);
  });
});

describe('POST /storage/backends/{id}/test', () => {
  it("tries the server's own disk and says how much room there is", async () => {
    const { backend_id: id } = await created({ backend_type: 'papyrus_server' });
    const answer = (await ask('POST', `/${id}/test`)).json();
    expect(answer).toMatchObject({
      success: true,
      message: 'A small file was written, read back and removed.',
      storage_info: { used_bytes: 0, quota_bytes: 1024 * 1024 * 1024 },
      backend_id: id,
      connection_status: 'connected',
      last_accessed_at: NOW,
      error_message: null,
    });
    const left = readdirSync(join(server.dataDir, 'files'), { recursive: true, withFileTypes: true });
    expect(left.filter((each) => each.isFile())).toEqual([]);
  });

  it('has nothing to try on the device', async () => {
    const { backend_id: id } = await created();
    expect((await ask('POST', `/${id}/test`)).json()).toMatchObject({
      success: true,
      connection_status: 'connected',
    });
  });

  it('says of a kind that is not available yet that it is not', async () => {
    const { backend_id: id } = await created(webdav);
    const message = 'WebDAV is not available yet. Its settings are kept; files go to this server meanwhile.';
    expect((await ask('POST', `/${id}/test`)).json()).toMatchObject({
      success: false,
      message,
      connection_status: 'error',
      error_message: message,
    });
  });
});

describe('an upload', () => {
  const upload = (fields: Record<string, string> = {}) => {
    const { raw, headers } = formOf({ name: 'a.epub', bytes: makeEpub({ title: `${people}` }) }, fields);
    return server.get('/api/v1/files/upload', {
      method: 'POST',
      raw,
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
  };
  const placeOf = (answer: Answer) =>
    (answer.json() as { storage_backend_id: string | null }).storage_backend_id;

  it('goes to the primary, to the next active one when that cannot be used, or to this server', async () => {
    const nas = await created(webdav);
    expect(placeOf(await upload())).toBeNull();
    const disk = await created({ backend_type: 'papyrus_server', name: 'Disk' });
    expect(nas.is_primary).toBe(true);
    const answer = await server.papyrus('GET', '/books', undefined, token);
    expect(answer.status).toBe(200);
    expect((await upload({ storage_backend_id: disk.backend_id })).status).toBe(201);
  });

  it('counts for the backend that has it, and stays when that is deleted', async () => {
    const disk = await created({ backend_type: 'papyrus_server', name: 'Disk' });
    const uploaded = await upload();
    expect(placeOf(uploaded)).toBe(disk.backend_id);
    const { file_path, file_size } = uploaded.json() as { file_path: string; file_size: number };
    const book = await server.papyrus('POST', '/books', { title: 'T', author: 'A', file_path }, token);
    expect(book.json()).toMatchObject({ storage_backend_id: disk.backend_id });
    expect((await list())[0]).toMatchObject({ storage_used_bytes: file_size });
    await ask('DELETE', `/${disk.backend_id}`);
    const { book_id: id } = book.json() as { book_id: string };
    const after = await server.papyrus('GET', `/books/${id}`, undefined, token);
    expect(after.json()).toMatchObject({ storage_backend_id: null, file_path });
    expect((await server.papyrus('GET', `/files/download/${file_path}`, undefined, token)).status).toBe(200);
  });

  it('is refused for a backend that cannot be used yet, is switched off, or is not theirs', async () => {
    const nas = await created(webdav);
    expect(refusal(await upload({ storage_backend_id: nas.backend_id }))).toEqual([
      503,
      'SERVICE_UNAVAILABLE',
    ]);
    await ask('PATCH', `/${nas.backend_id}`, { is_active: false });
    expect(refusal(await upload({ storage_backend_id: nas.backend_id }))).toEqual([400, 'VALIDATION_ERROR']);
    const nobodys = '0190aaaa-0000-7000-8000-000000000000';
    expect(refusal(await upload({ storage_backend_id: nobodys }))).toEqual([400, 'VALIDATION_ERROR']);
    expect(refusal(await upload({ storage_backend_id: 'x' }))).toEqual([400, 'VALIDATION_ERROR']);
  });
});
