// The commands, as a person types them: another process that finds the server through its data folder.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LibraryFolderList } from '../../../server/api/desk/schemas.ts';
import { ask } from '../../support/client.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { GUARD, OWNER } from '../../support/server.ts';
import { makePlace } from './process.ts';
import type { Place, ServerProcess } from './process.ts';

const MAIN = fileURLToPath(new URL('../../../server/main.ts', import.meta.url));

let place: Place;
let server: ServerProcess;
beforeAll(async () => {
  place = makePlace();
  server = place.start();
  await server.ready;
});
afterAll(() => place.clear());

/** Runs the program with these words and what is piped into it. */
const run = (words: string[], typed = ''): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...words, '--data-dir', place.data], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(typed);
  });

describe('a command', () => {
  it('tells what is served', async () => {
    const { url } = await server.ready;
    const { code, out, err } = await run(['status']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Owner: nobody yet');
    expect(out).toContain(`Papyrus API: ${url}/api/v1\n`);
  });

  it('gives a link that opens the desk once', async () => {
    const { out } = await run(['desk-link']);
    const link = new URL(out.split('\n')[0] ?? '');
    const open = () =>
      ask(`${link.origin}/desk/api/session`, {
        method: 'POST',
        body: { token: link.searchParams.get('token') },
        headers: GUARD,
      });
    expect((await open()).status).toBe(204);
    expect((await open()).status).toBe(401);
  });

  it('adds a folder, and says why it cannot', async () => {
    const folder = join(place.root, 'more books');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.epub'), makeEpub({ title: 'From The Terminal' }));
    expect(await run(['add-folder', folder])).toEqual({
      code: 0,
      out: `${folder} is a folder of the library now. Its books are being read.\n`,
      err: '',
    });
    const { folders } = (await server.desk('GET', '/folders')).json() as LibraryFolderList;
    expect(folders.map(({ path }) => path)).toContain(folder);
    expect(await run(['add-folder', join(place.root, 'nowhere')])).toMatchObject({
      code: 1,
      out: '',
      err: 'There is no such folder on this computer.\n',
    });
  });

  it('gives the owner a new password, which is not among the words of the command', async () => {
    expect((await run(['set-password'], 'New-Password-1\n')).err).toBe(
      'Nobody owns this server yet. Open its desk to make an account.\n',
    );
    await server.desk('POST', '/claim', OWNER);
    expect((await run(['set-password'], 'weak\n')).err).toContain('Your password needs');
    expect((await run(['set-password'], '')).err).toBe('Nothing was said; nothing is changed.\n');
    expect(await run(['set-password'], 'New-Password-1\n')).toMatchObject({ code: 0, err: '' });
    const { url } = await server.ready;
    const signIn = async (password: string) =>
      (await ask(`${url}/api/v1/auth/login`, { method: 'POST', body: { email: OWNER.email, password } }))
        .status;
    expect(await signIn(OWNER.password)).toBe(401);
    expect(await signIn('New-Password-1')).toBe(200);
  });

  it('finds the server by a note that is for this user alone and goes with it', async () => {
    const note = join(place.data, 'running.json');
    if (process.platform !== 'win32') expect(statSync(note).mode & 0o077).toBe(0);
    const left = readFileSync(note);
    server.kill('SIGTERM');
    await server.ended;
    expect(existsSync(note)).toBe(false);
    const nobody = `No Papyrus Shelf runs on the data folder ${place.data}. Start it first, or name its folder with --data-dir.\n`;
    expect(await run(['status'])).toEqual({ code: 1, out: '', err: nobody });
    // As a kill leaves it.
    writeFileSync(note, left);
    expect(await run(['status'])).toEqual({ code: 1, out: '', err: nobody });
  });
});
