import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recapEndpoints } from '../../../../server/api/koshelf/assets.ts';
import { shapeOf } from '../../../../server/api/koshelf/dialect.ts';
import { presentError, refusalIn } from '../../../../server/api/koshelf/errors.ts';
import { unauthenticated } from '../../../../server/base/errors.ts';
import { silentLog } from '../../../../server/base/log.ts';
import { createAnswerCache } from '../../../../server/http/answer-cache.ts';
import { createApp } from '../../../../server/http/app.ts';
import { mountOf } from '../../../../server/http/face.ts';
import type { Face } from '../../../../server/http/face.ts';
import type { ShareFileName } from '../../../../server/reading/share-images/share-images.ts';
import { ask } from '../../../support/client.ts';
import type { Answer } from '../../../support/client.ts';

let dir: string;
let server: Server;
let isLocked: boolean;
let asked: (ShareFileName & { ownerId: string })[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'shelf-recap-'));
  writeFileSync(join(dir, '2025.webp'), 'a picture');
  writeFileSync(join(dir, '2025.svg'), '<svg/>');
  const recapPicture = (ownerId: string, picture: ShareFileName) => {
    asked.push({ ownerId, ...picture });
    return Promise.resolve(picture.year < 2026 ? join(dir, `${picture.year}.${picture.kind}`) : undefined);
  };
  const mount = mountOf(['/assets'], recapEndpoints({ recapPicture }), {
    authenticate: () => {
      if (isLocked) throw unauthenticated('unauthorized');
      return { ownerId: 'reader', sessionId: undefined };
    },
    envelope: (answer) => answer,
    refuse: refusalIn(shapeOf('reference')),
    cacheScope: () => '',
    cache: createAnswerCache(() => ''),
    checkAnswers: true,
  });
  const faces: Face[] = [{ name: 'koshelf', audience: 'everybody', mounts: [mount], present: presentError }];
  const app = createApp({ log: silentLog(), loopbackOnly: true, faces, pages: [], health: () => ({}) });
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
beforeEach(() => {
  isLocked = false;
  asked = [];
});
afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

const get = (name: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/assets/recap/${name}`, { headers });

describe('GET /assets/recap', () => {
  it.each([
    ['2025_share_story.webp', 'image/webp', 'a picture'],
    ['2025_share_banner.svg', 'image/svg+xml', '<svg/>'],
  ])('sends %s as %s', async (name, type, content) => {
    const answer = await get(name);
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, type, content]);
  });

  it('asks for the picture the name says, of the one whose library it is', async () => {
    await get('2025_share_square.svg');
    expect(asked).toEqual([{ ownerId: 'reader', year: 2025, format: 'square', kind: 'svg' }]);
  });

  it('lets no browser run what is in an SVG', async () => {
    const { headers } = await get('2025_share_story.svg');
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('answers 304 to whoever has the picture', async () => {
    const { etag = '' } = (await get('2025_share_story.webp')).headers;
    const answer = await get('2025_share_story.webp', { 'if-none-match': etag });
    expect([answer.status, answer.text]).toEqual([304, '']);
  });

  it.each([
    ['a year without finished books', '2026_share_story.webp', 1],
    ['a picture that is gone', '2024_share_story.webp', 1],
    ['another name', '2025_share_poster.webp', 0],
    ['another ending', '2025_share_story.png', 0],
    ['a path', '..%2f..%2fcatalogue.webp', 0],
  ])('answers 404 to %s', async (_what, name, times) => {
    const answer = await get(name);
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: 'not_found' } });
    expect(asked).toHaveLength(times);
  });

  it('asks for the password first', async () => {
    isLocked = true;
    expect((await get('2025_share_story.webp')).status).toBe(401);
    expect(asked).toEqual([]);
  });
});
