import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadingProfile } from '../../../server/api/papyrus/profiles/schemas.ts';
import { at } from '../../support/clock.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
const NOWHERE = '00000000-0000-7000-8000-000000000000';
let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startTestServer({ clock: at(NOW) });
  owner = await server.claim();
});
afterAll(() => server.close());

const ask = (method: string, path: string, body: unknown, as: string): Promise<Answer> =>
  server.papyrus(method, `/reading-profiles${path}`, body, as);
const ok = async <Data = ReadingProfile>(method: string, path: string, body: unknown, as: string) => {
  const answer = await ask(method, path, body, as);
  expect([answer.status < 300, answer.status < 300 ? '' : answer.text]).toEqual([true, '']);
  return (answer.text === '' ? undefined : answer.json()) as Data;
};
const refusal = async (method: string, path: string, body: unknown, as: string) => {
  const answer = await ask(method, path, body, as);
  const { code, details } = (answer.json() as Refusal).error;
  return [answer.status, code, ...Object.keys((details?.['fields'] as object | undefined) ?? {})];
};
const list = async (as: string) =>
  (await ok<{ profiles: ReadingProfile[] }>('GET', '', undefined, as)).profiles;
let people = 0;
const newPerson = (): Promise<string> => server.signUp(`profile${++people}@example.org`);

const fresh = {
  profile_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  name: 'Default',
  is_default: true,
  font_family: 'Georgia',
  font_size: 16,
  font_weight: 400,
  line_height: 1.5,
  letter_spacing: 0,
  paragraph_spacing: 1,
  text_align: 'left',
  margin_horizontal: 20,
  margin_vertical: 20,
  background_color: '#FFFFFF',
  text_color: '#000000',
  link_color: '#0066CC',
  selection_color: '#B3D4FC',
  theme_mode: 'light',
  reading_mode: 'paginated',
  page_turn_animation: true,
  column_count: 1,
  hyphenation: true,
  created_at: NOW,
  updated_at: NOW,
};

describe('reading profiles', () => {
  it('begin with one that is the default, for the owner and for whoever signs up', async () => {
    for (const person of [owner, await newPerson()]) expect(await list(person)).toEqual([fresh]);
  });

  it('keep what is given and fill in the rest', async () => {
    const person = await newPerson();
    const said = { name: 'Night', theme_mode: 'dark', background_color: '#101010', font_size: 20 };
    const night = await ok('POST', '', { ...said, hyphenation: null }, person);
    expect(night).toEqual({ ...fresh, ...said, is_default: false });
    expect(await ok('GET', `/${night.profile_id}`, undefined, person)).toEqual(night);
    const changed = await ok('PATCH', `/${night.profile_id}`, { font_size: 24, is_default: true }, person);
    expect(changed).toEqual({ ...night, font_size: 24 });
  });

  it('have exactly one default, the first in the list', async () => {
    const person = await newPerson();
    const a = await ok('POST', '', { name: 'a', is_default: true }, person);
    const b = await ok('POST', '', { name: 'B' }, person);
    const names = async () =>
      (await list(person)).map(({ name, is_default }) => `${name}${is_default ? '!' : ''}`);
    expect(await names()).toEqual(['a!', 'B', 'Default']);
    expect(await refusal('DELETE', `/${a.profile_id}`, undefined, person)).toEqual([403, 'FORBIDDEN']);
    for (let times = 0; times < 2; times++) {
      expect(await ok('POST', `/${b.profile_id}/set-default`, undefined, person)).toMatchObject({ is_default: true }); // prettier-ignore
    }
    expect(await names()).toEqual(['B!', 'a', 'Default']);
    await ok('DELETE', `/${a.profile_id}`, undefined, person);
    expect(await names()).toEqual(['B!', 'Default']);
  });

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(101)],
    ['font_size', 7],
    ['font_size', 73],
    ['font_size', 12.5],
    ['font_weight', 99],
    ['font_weight', 901],
    ['line_height', 0],
    ['margin_vertical', -1],
    ['text_align', 'middle'],
    ['theme_mode', 'night'],
    ['reading_mode', 'scroll'],
    ['link_color', 'blue'],
    ['column_count', 4],
    ['column_count', 0],
    ['hyphenation', 'yes'],
  ])('are refused with %s = %j', async (field, value) => {
    const wrong = [400, 'VALIDATION_ERROR', field];
    expect(await refusal('POST', '', { name: 'N', [field]: value }, owner)).toEqual(wrong);
    const [first] = await list(owner);
    expect(await refusal('PATCH', `/${first!.profile_id}`, { [field]: value }, owner)).toEqual(wrong);
    expect(await refusal('PATCH', `/${first!.profile_id}`, { [field]: null }, owner)).toEqual(wrong);
    expect(await list(owner)).toEqual([first]);
  });

  it('of somebody else are as those that are not there', async () => {
    const [theirs] = await list(owner);
    const person = await newPerson();
    const requests: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/set-default'],
    ];
    for (const [method, path, body] of requests) {
      const foreign = await ask(method, `/${theirs!.profile_id}${path}`, body, person);
      const missing = await ask(method, `/${NOWHERE}${path}`, body, person);
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      expect(foreign.text.replaceAll(theirs!.profile_id, NOWHERE)).toBe(missing.text);
    }
  });
});
