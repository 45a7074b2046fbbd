// What the clients call beside the contract: the server's own operations, and the same ones under other paths.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALIASES } from './aliases.ts';
import { factsOf } from './facts.ts';
import { WALK } from './walk.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('beside the contract', () => {
  it.each(Object.entries(ALIASES))('%s does what it is for', async (_name, [status, call]) => {
    const answer = await call(world);
    expect(`${answer.status} ${answer.status === status ? '' : answer.text}`.trim()).toBe(String(status));
    if (status === 204) expect(answer.text).toBe('');
  });

  // Search, import, what apps do with conflicts and the stream are additions of ours, with tests of their own.
  it('every operation that is served is one of the contract, one of these or an addition', async () => {
    const served = factsOf((await world.server.get('/v1/openapi.json')).json()).filter((fact) =>
      /^[A-Z]+ \S+$/.test(fact),
    );
    const additions = [
      'GET /search',
      'GET /search/settings',
      'PUT /search/settings',
      'POST /import/library',
      'GET /sync/conflicts',
      'POST /sync/conflicts/{}/undo',
      // At the root of the server, with tests of their own too.
      'POST /sync/stream',
      'GET /write-checkpoint2.json',
    ];
    expect(served.toSorted()).toEqual(
      [...Object.keys(WALK), ...Object.keys(ALIASES), ...additions].toSorted(),
    );
  });

  it.each(['/', '/health'])('%s answers at the root, where apps look first', async (path) => {
    const answer = await world.server.get(path);
    expect(answer.status).toBe(200);
    if (path === '/health') expect(answer.json()).toEqual({ status: 'healthy' });
    else expect(answer.json()).toMatchObject({ name: expect.any(String), pages: expect.any(Array) });
  });

  it('GET /sync/settings has nothing to do with the name of the protocol', async () => {
    const { text } = await world.call('GET', '/sync/settings');
    expect(text).not.toMatch(/powersync/i);
    expect(JSON.parse(text)).toMatchObject({ data_sync_url: expect.stringMatching(/^https?:/) });
  });

  it('an app asks for things it is told it cannot do', async () => {
    expect((await world.call('GET', '/acquisition/capabilities')).json()).toEqual({ enabled: false });
  });
});
