import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Filter = Record<string, unknown> & { filter_id: string; name: string };

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
let server: TestServer;
let token: string;
let stranger: string;
beforeAll(async () => {
  server = await startTestServer({ clock });
  token = await server.signUp('filters@example.org');
  stranger = await server.signUp('stranger@example.org');
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, `/saved-filters${path}`, body, as);
const created = async (body: object): Promise<Filter> => {
  const answer = await ask('POST', '', { name: 'F', query: '', ...body });
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Filter;
};
const refused = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];

describe('saved filters', () => {
  it('are kept with every key, unsaid ones at their defaults', async () => {
    const filter = await created({ name: ' Unread fiction ', query: 'status:not_started tag:fiction' });
    expect(filter).toEqual({
      filter_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      name: 'Unread fiction',
      description: null,
      query: 'status:not_started tag:fiction',
      filter_type: 'custom',
      icon: null,
      color: null,
      is_pinned: false,
      usage_count: 0,
      last_used_at: null,
      created_at: NOW,
      updated_at: NOW,
    });
    expect((await ask('GET', `/${filter.filter_id}`)).json()).toEqual(filter);
  });

  it('are listed pinned ones first, then by name without case and accents', async () => {
    const as = await server.signUp('lister@example.org');
    for (const [name, pinned] of [
      ['beta', false],
      ['Álpha', false],
      ['Zeta', true],
      ['alpha', false],
    ] as const) {
      // Equal names are listed in the order of their ids, which follow the clock.
      clock.forward({ seconds: 1 });
      await ask('POST', '', { name, query: 'a', is_pinned: pinned }, as);
    }
    const names = async (query = '') =>
      ((await ask('GET', query, undefined, as)).json() as { filters: Filter[] }).filters.map(
        ({ name }) => name,
      );
    expect(await names()).toEqual(['Zeta', 'Álpha', 'alpha', 'beta']);
    expect(await names('?is_pinned=true')).toEqual(['Zeta']);
    expect(await names('?is_pinned=false')).toHaveLength(3);
    expect(refused(await ask('GET', '?is_pinned=yes', undefined, as))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('change where something is given, null clears', async () => {
    const filter = await created({ description: 'D', icon: 'star', color: '#12abEF', filter_type: 'shelf', is_pinned: true }); // prettier-ignore
    clock.forward({ minutes: 1 });
    const patch = async (body: object) => (await ask('PATCH', `/${filter.filter_id}`, body)).json() as Filter;
    const later = clock.now().toISOString();
    expect(await patch({ name: 'New', description: null, color: null })).toEqual({ ...filter, name: 'New', description: null, color: null, updated_at: later }); // prettier-ignore
    expect(await patch({ query: 'rating:5', is_pinned: false, icon: null, filter_type: 'search' })).toMatchObject({ name: 'New', query: 'rating:5', is_pinned: false, icon: null, filter_type: 'search' }); // prettier-ignore
    expect(await patch({})).toMatchObject({ name: 'New', query: 'rating:5' });
    for (const body of [{ name: null }, { query: null }, { is_pinned: null }, { filter_type: null }, { name: ' ' }])
      expect(refused(await ask('PATCH', `/${filter.filter_id}`, body))).toEqual([400, 'VALIDATION_ERROR']); // prettier-ignore
  });

  it('count their uses, which are no changes', async () => {
    const filter = await created({});
    clock.forward({ minutes: 1 });
    const used = await ask('POST', `/${filter.filter_id}/use`);
    expect([used.status, used.json()]).toEqual([200, { ...filter, usage_count: 1, last_used_at: clock.now().toISOString() }]); // prettier-ignore
    expect((await ask('POST', `/${filter.filter_id}/use`)).json()).toMatchObject({ usage_count: 2 });
  });

  it('may have the same name, and go one by one', async () => {
    const [one, two] = [await created({ name: 'Twin' }), await created({ name: 'Twin' })];
    expect((await ask('DELETE', `/${one.filter_id}`)).status).toBe(204);
    expect((await ask('DELETE', `/${one.filter_id}`)).status).toBe(404);
    expect((await ask('GET', `/${two.filter_id}`)).status).toBe(200);
  });

  it('are refused with the place where their query goes wrong', async () => {
    const filter = await created({ query: 'rating:5' });
    for (const answer of [
      await ask('POST', '', { name: 'Bad', query: 'rating:5 (' }),
      await ask('PATCH', `/${filter.filter_id}`, { query: 'rating:5 (' }),
    ]) {
      expect(refused(answer)).toEqual([400, 'VALIDATION_ERROR']);
      expect((answer.json() as Refusal).error.details).toEqual({ position: 9 });
    }
    expect((await ask('GET', `/${filter.filter_id}`)).json()).toEqual(filter);
  });

  it.each([
    { name: 'x'.repeat(101), query: '' },
    { query: '' },
    { name: 'F' },
    { name: 'F', query: 'x'.repeat(1001) },
    { name: 'F', query: '', color: 'red' },
    { name: 'F', query: '', filter_type: 'other' },
    { name: 'F', query: '', is_pinned: 'yes' },
    { name: 'F', query: '', icon: 'x'.repeat(51) },
  ])('are not kept from %j', async (body) => {
    expect(refused(await ask('POST', '', body))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('of somebody else are not there', async () => {
    const { filter_id: id } = await created({ name: 'Mine' });
    const missing = '/00000000-0000-7000-8000-000000000000';
    const tries = (path: string): [string, string, object?][] => [
      ['GET', path],
      ['PATCH', path, { name: 'Stolen' }],
      ['DELETE', path],
      ['POST', `${path}/use`],
    ];
    for (const [index, [method, path, body]] of tries(`/${id}`).entries()) {
      const theirs = await ask(method, path, body, stranger);
      const unknown = await ask(method, tries(missing)[index]![1], body, stranger);
      expect(theirs.status).toBe(404);
      expect(theirs.text.replace(id, '')).toBe(unknown.text.replace(missing.slice(1), ''));
    }
    expect((await ask('GET', '', undefined, stranger)).json()).toEqual({ filters: [] });
    expect((await ask('GET', `/${id}`)).json()).toMatchObject({ name: 'Mine', usage_count: 0 });
    expect((await server.papyrus('GET', '/saved-filters')).status).toBe(401);
    expect((await server.get('/v1/saved-filters', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200); // prettier-ignore
  });
});
