// The computer's clock is set back and forward while the server runs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../support/clock.ts';
import { cookieIn, DOCUMENTED_LIMITS, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf, shelfReading } from './shelf.ts';

const PASSWORD = 'open sesame';
const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: shelf,
    statistics: shelfReading,
    options: { koshelfPassword: PASSWORD, writeback: true, rateLimits: DOCUMENTED_LIMITS },
  });
});
afterAll(() => server.close());

const signIn = (password: string) => server.koshelf('/auth/login', { method: 'POST', body: { password } });
type Told = { revision: number };

describe('a clock that jumps', () => {
  it('leaves sessions, waiting times, revisions, changes and scans as they are', async () => {
    const cookie = cookieIn(await signIn(PASSWORD));
    const asked = { headers: { cookie } };
    const { items } = await server.data<{ items: { id: string }[] }>('/items?sort=rating', asked);
    const rate = async (rating: number) => {
      const path = `/items/${items[0]?.id}`;
      const answer = await server.koshelf(path, { ...asked, method: 'PATCH', body: { rating } });
      const { item } = await server.data<{ item: { rating?: number } }>(path, asked);
      return [answer.status, item.rating];
    };
    const revision = async () => {
      const { listen } = await import('../../support/client.ts');
      const stream = await listen(`${server.url}/api/events/stream`, { cookie });
      const told = await stream.nextOf<Told>('data_changed');
      stream.close();
      return told.revision;
    };

    let last = await revision();
    let rating = 1;
    for (const days of [-400, 800, -799, 20, 379]) {
      clock.forward({ days });
      const jumped = `after ${days} days`;
      // Thirty days ahead a session is over, and comes back with the day.
      const isOver = clock.now() > new Date('2026-04-13T12:00:00Z');
      expect([jumped, (await server.koshelf('/items', asked)).status]).toEqual([jumped, isOver ? 401 : 200]);
      if (isOver) continue;
      rating = 1 + (rating % 5);
      expect([jumped, await rate(rating)]).toEqual([jumped, [204, rating]]);
      const now = await revision();
      expect(now).toBeGreaterThan(last);
      last = now;
      await server.rescan();
      expect([jumped, await rate(rating)]).toEqual([jumped, [204, rating]]);
    }
  });

  it('keeps nobody waiting for longer than it says', async () => {
    clock.forward({ days: 1 });
    for (let attempt = 0; attempt < 5; attempt++) expect((await signIn('wrong')).status).toBe(401);
    expect((await signIn(PASSWORD)).status).toBe(429);
    clock.forward({ days: -300 });
    const refused = await signIn(PASSWORD);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '12']);
    clock.forward({ seconds: 12 });
    expect((await signIn(PASSWORD)).status).toBe(200);
  });

  it('counts days, streaks and ranges by what it says now', async () => {
    const cookie = cookieIn(await signIn(PASSWORD));
    const range = async (moment: string) => {
      clock.forward({ seconds: (Date.parse(moment) - clock.now().getTime()) / 1000 });
      const fresh = cookieIn(await signIn(PASSWORD));
      const { streaks, ...summary } = await server.data<{
        range: { from: string; to: string };
        streaks: { current: { days: number } };
      }>('/reading/summary', { headers: { cookie: fresh === '' ? cookie : fresh } });
      return [summary.range.from.slice(0, 10), summary.range.to.slice(0, 10), streaks.current.days];
    };
    expect(await range('2026-02-11T12:00:00Z')).toEqual(['2026-01-05', '2026-02-11', 1]);
    expect(await range('2026-02-20T12:00:00Z')).toEqual(['2026-01-05', '2026-02-20', 0]);
    expect(await range('2025-12-01T12:00:00Z')).toEqual(['2025-12-01', '2026-02-10', 1]);
  });
});
