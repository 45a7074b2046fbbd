// The file of stored passwords is damaged or gone: the server goes on, and the desk says what to give again.
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let token: string;
beforeEach(async () => {
  server = await startTestServer();
  token = await server.claim();
});
afterEach(() => server.close());

type Tokens = { access_token: string; refresh_token: string };
const signIn = async (): Promise<Tokens> => {
  const { email, password } = OWNER;
  return (await server.papyrus('POST', '/auth/login', { email, password })).json() as Tokens;
};
const missing = async () => (await server.desk('GET', '/missing-passwords')).json();
const addStorage = async (name: string): Promise<string> => {
  const body = {
    name,
    backend_type: 'webdav',
    connection_config: { server_url: 'https://nas.example.org/dav' },
    credentials: { username: 'ada', password: 'pw' },
  };
  const answer = await server.papyrus('POST', '/storage/backends', body, token);
  expect(answer.status).toBe(201);
  return (answer.json() as { backend_id: string }).backend_id;
};
const spoil = async (name: string, how: (path: string) => void): Promise<void> => {
  await server.running().close();
  how(join(server.dataDir, name));
  await server.restart();
};

describe('stored passwords that are lost', () => {
  it('are none while the files are as they were: a restart signs nobody off and asks for nothing', async () => {
    await addStorage('NAS');
    await server.restart();
    expect((await server.papyrus('GET', '/users/me', undefined, token)).status).toBe(200);
    expect(await missing()).toEqual({ passwords: [] });
  });

  it.each<[string, string, (path: string) => void]>([
    ['a damaged file', 'secrets.sealed', (path) => truncateSync(path, 20)],
    ['a damaged key', 'secrets.key', (path) => truncateSync(path, 3)],
    ['a lost file', 'secrets.sealed', rmSync],
    ['a lost key', 'secrets.key', rmSync],
  ])('by %s are asked for in the desk, and everything else goes on', async (_, name, how) => {
    const { refresh_token } = await signIn();
    const id = await addStorage('NAS');
    await spoil(name, how);
    expect(await missing()).toEqual({ passwords: [{ id, of: 'storage', name: 'NAS', owner: 'Owner' }] });
    // Nobody is signed out: the device refreshes once.
    expect((await server.papyrus('GET', '/users/me', undefined, token)).status).toBe(401);
    const refreshed = await server.papyrus('POST', '/auth/refresh', { refresh_token });
    expect(refreshed.status).toBe(200);
    token = (refreshed.json() as Tokens).access_token;
    expect((await server.papyrus('POST', '/auth/powersync-token', undefined, token)).status).toBe(200);
    expect((await server.papyrus('GET', '/auth/jwks')).status).toBe(200);

    const credentials = { username: 'ada', password: 'pw' };
    const given = await server.papyrus('PATCH', `/storage/backends/${id}`, { credentials }, token);
    expect(given.status).toBe(200);
    expect(await missing()).toEqual({ passwords: [] });
    await server.restart();
    expect(await missing()).toEqual({ passwords: [] });
    expect((await server.papyrus('GET', '/users/me', undefined, token)).status).toBe(200);
  });

  it('of a metadata server are asked for like those of storage, and only where there was one', async () => {
    const put = (body: object) =>
      server.papyrus(
        'PUT',
        '/users/me/metadata-server',
        { server_url: 'https://meta.example.org/v1', ...body },
        token,
      );
    expect((await put({ auth_token: 'tell-nobody' })).status).toBe(200);
    expect((await put({ sync_enabled: false })).status).toBe(200);
    await spoil('secrets.sealed', rmSync);
    token = (await signIn()).access_token;
    const asked = { of: 'metadata_server', name: 'meta.example.org', owner: 'Owner' };
    expect(await missing()).toMatchObject({ passwords: [asked] });
    expect((await put({ auth_token: null })).status).toBe(200);
    expect(await missing()).toEqual({ passwords: [] });
    await spoil('secrets.sealed', rmSync);
    expect(await missing()).toEqual({ passwords: [] });
  });

  it('lie beside the new ones, in case their key is found', async () => {
    await addStorage('NAS');
    await spoil('secrets.key', rmSync);
    await signIn();
    expect(
      readdirSync(server.dataDir)
        .filter((name) => name.startsWith('secrets.'))
        .sort(),
    ).toEqual(['secrets.key', 'secrets.sealed', 'secrets.sealed.damaged-1']);
  });
});
