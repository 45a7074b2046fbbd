// The way of a request, tried on a face no product has: WebDAV's methods, answers in XML, a wall of its own.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError, conflict, unauthenticated } from '../../../server/base/errors.ts';
import { silentLog } from '../../../server/base/log.ts';
import { createAnswerCache } from '../../../server/http/answer-cache.ts';
import { createApp } from '../../../server/http/app.ts';
import { json } from '../../../server/http/bodies.ts';
import { endpointsOf, other } from '../../../server/http/endpoint.ts';
import { mountOf } from '../../../server/http/face.ts';
import type { Face } from '../../../server/http/face.ts';
import { ask } from '../../support/client.ts';
import type { Asked } from '../../support/client.ts';

const endpoint = endpointsOf<string, 'open' | 'closed'>();
const DAV = { tag: 'Files', access: 'closed', path: '/{name}' } as const;
const Name = z.object({ name: z.string().max(20) });

let revision = 0;
let asked = 0;
let server: Server;

const endpoints = [
  endpoint(
    { ...DAV, method: 'propfind', summary: 'Tells of a file.', params: Name, answers: { 207: { media: 'application/xml' } }, cached: true },
    ({ params }) => `<multistatus n="${(asked += 1)}">${params.name.repeat(400)}</multistatus>`,
  ),
  endpoint({ ...DAV, method: 'mkcol', summary: 'Makes a folder.' }, () => {
    throw conflict('There is one already.');
  }),
  endpoint(
    {
      ...DAV, method: 'put', summary: 'Says something.', access: 'closed',
      body: json(z.object({ word: z.string() }), { bounds: { mostBytes: 1024, mostValues: 10, mostInRow: 10 } }),
      answers: { 200: z.object({ heard: z.string() }), 423: z.object({ by: z.string() }) },
      otherwise: { 423: 'Somebody else is at it.' },
    },
    ({ body, caller }) => (body.word === 'locked' ? other(423, { by: caller }) : { heard: body.word }),
  ),
]; // prettier-ignore

const toy: Face = {
  name: 'toy',
  audience: 'everybody',
  mounts: [
    mountOf(['/dav'], endpoints, {
      authenticate: (req) => {
        if (req.headers.authorization !== 'Basic eDp5') throw unauthenticated('Who is there?');
        return 'x';
      },
      envelope: (answer) => answer,
      refuse: (error) => new AppError('invalid', error.issues[0]!.message),
      cacheScope: (caller) => caller,
      cache: createAnswerCache(() => String(revision)),
      checkAnswers: true,
    }),
  ],
  present: (error) => {
    const kind = error instanceof AppError ? error.kind : 'internal';
    const statuses: Record<string, number> = { invalid: 400, unauthenticated: 401, not_found: 404, wrong_method: 405, conflict: 409, too_large: 413 }; // prettier-ignore
    return {
      status: statuses[kind] ?? 500,
      type: 'application/xml',
      body: `<error kind="${kind}"/>`,
      ...(kind === 'unauthenticated' ? { headers: { 'WWW-Authenticate': 'Basic realm="toy"' } } : {}),
    };
  },
};

beforeAll(async () => {
  const app = createApp({
    log: silentLog(),
    loopbackOnly: true,
    faces: [toy],
    pages: [],
    health: () => ({}),
  });
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => server.close());

const authorization = 'Basic eDp5';
const send = (method: string, path: string, asked: Asked = {}) =>
  ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method, ...asked });

describe('a face of another kind', () => {
  it('is asked with methods of its own and answers in its own media type', async () => {
    const answer = await send('PROPFIND', '/dav/emma', { headers: { authorization } });
    expect([answer.status, answer.headers['content-type']]).toEqual([207, 'application/xml; charset=utf-8']);
    expect(answer.text).toMatch(/^<multistatus n="\d+">emma/);
  });

  it('says what went wrong in its own form, with headers', async () => {
    const unknown = await send('PROPFIND', '/dav/emma');
    expect([unknown.status, unknown.headers['www-authenticate'], unknown.headers['content-type']]).toEqual([401, 'Basic realm="toy"', 'application/xml; charset=utf-8']); // prettier-ignore
    expect(unknown.text).toBe('<error kind="unauthenticated"/>');
    expect((await send('MKCOL', '/dav/emma', { headers: { authorization } })).text).toBe('<error kind="conflict"/>'); // prettier-ignore
    expect((await send('GET', '/dav/a/b/c')).text).toBe('<error kind="not_found"/>');
  });

  it('says which methods a path takes', async () => {
    const answer = await send('MOVE', '/dav/emma', { headers: { authorization } });
    expect([answer.status, answer.headers.allow, answer.text]).toEqual([
      405,
      'MKCOL, PROPFIND, PUT',
      '<error kind="wrong_method"/>',
    ]);
  });

  it('keeps an answer of any type until the world changes, packed for who takes it so', async () => {
    const headers = { authorization, 'accept-encoding': 'br' };
    const first = await send('PROPFIND', '/dav/kept', { headers });
    const text = brotliDecompressSync(first.bytes).toString();
    expect([first.headers['content-encoding'], first.headers.vary]).toEqual(['br', 'Accept-Encoding']);
    const again = await send('PROPFIND', '/dav/kept', { headers: { authorization } });
    expect(again.text).toBe(text);
    const known = { authorization, 'if-none-match': again.headers.etag! };
    expect((await send('PROPFIND', '/dav/kept', { headers: known })).status).toBe(304);
    revision += 1;
    expect((await send('PROPFIND', '/dav/kept', { headers: { authorization } })).text).not.toBe(text);
  });

  it('answers otherwise by its other schema', async () => {
    const headers = { authorization };
    const heard = await send('PUT', '/dav/emma', { headers, body: { word: 'hello' } });
    expect([heard.status, heard.json()]).toEqual([200, { heard: 'hello' }]);
    const locked = await send('PUT', '/dav/emma', { headers, body: { word: 'locked' } });
    expect([locked.status, locked.json()]).toEqual([423, { by: 'x' }]);
  });

  it('takes no more of a body than it says', async () => {
    const headers = { authorization };
    const long = await send('PUT', '/dav/emma', { headers, body: { word: 'x'.repeat(2000) } });
    const many = await send('PUT', '/dav/emma', { headers, body: { word: 'x', more: Array(20).fill(1) } });
    expect([long.status, many.status]).toEqual([413, 413]);
  });

  it.each([
    ['broken JSON', '{"word'],
    ['good JSON', '{"word":"hello"}'],
    ['3 MB', `{"word":"${'x'.repeat(3_000_000)}"}`],
    ['30 MB', `{"word":"${'x'.repeat(30_000_000)}"}`],
  ])('asks who is there before it looks at %s', async (_name, raw) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await send('PUT', '/dav/emma', { headers, raw });
    expect([answer.status, answer.text]).toEqual([401, '<error kind="unauthenticated"/>']);
  });
});
