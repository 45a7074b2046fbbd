// Every operation of the contract, called on the real server; and what our own document says otherwise than the contract's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIFFERENCES, isListed } from './differences.ts';
import { factsOf, operationName } from './facts.ts';
import { WALK } from './walk.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const contract = readFileSync(join(import.meta.dirname, 'contract.txt'), 'utf8')
  .trim()
  .split('\n');
const operations = contract.filter((fact) => /^[A-Z]+ \S+$/.test(fact));

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('the contract', () => {
  it('has 111 operations', () => {
    expect(operations).toHaveLength(111);
  });

  it('has a call here for each of them, and no other', () => {
    expect(Object.keys(WALK).toSorted()).toEqual(operations.toSorted());
  });

  it.each(operations)('%s answers as documented', async (operation) => {
    const [status, call] = WALK[operation]!;
    expect(contract, 'a status of the contract, or of the list of differences').toSatisfy(
      (facts: string[]) => facts.includes(`${operation} >${status}`) || isListed(`+ ${operation} >${status}`),
    );
    const answer = await call(world);
    expect(`${answer.status} ${answer.status === status ? '' : answer.text}`.trim()).toBe(String(status));
    const isJson = (answer.headers['content-type'] ?? '').startsWith('application/json');
    if (status === 204) expect(answer.text).toBe('');
    if (isJson) expect(missingFields(operation, status, answer.json())).toEqual([]);
  });
});

describe('our own document', () => {
  /** What one of the two says alone, with its sign. */
  async function differences(): Promise<string[]> {
    const ours = factsOf((await world.server.get('/api/v1/openapi.json')).json());
    return [
      ...contract.filter((fact) => !ours.includes(fact)).map((fact) => `- ${fact}`),
      ...ours.filter((fact) => !contract.includes(fact)).map((fact) => `+ ${fact}`),
    ];
  }

  it('says what the contract says, but for the differences that are listed with their reasons', async () => {
    expect((await differences()).filter((difference) => !isListed(difference))).toEqual([]);
  });

  it('lists no difference that is none', async () => {
    const all = await differences();
    const unused = DIFFERENCES.flatMap(({ what }) => what).filter(
      (pattern) => !all.some((difference) => pattern.test(difference)),
    );
    expect(unused.map(String)).toEqual([]);
  });

  it('is served under both of its paths', async () => {
    const [long, short] = [
      await world.server.get('/api/v1/openapi.json'),
      await world.server.get('/v1/openapi.json'),
    ];
    expect(short.text).toBe(long.text);
    const served = factsOf(long.json()).filter((fact) => /^[A-Z]+ \S+$/.test(fact));
    expect(served).toContain(operationName('get', '/books/{book_id}'));
  });
});

/** Documented fields the answer does not have; of lists the first entry counts. */
function missingFields(operation: string, status: number, answer: unknown): string[] {
  const prefix = `${operation} >${status}.`;
  return contract
    .filter((fact) => fact.startsWith(prefix))
    .map((fact) => fact.slice(prefix.length).replace(/: .*$/, ''))
    .filter((path) => !hasPath(answer, path.split('.')));
}

function hasPath(value: unknown, [first, ...rest]: string[]): boolean {
  if (first === undefined) return true;
  // What is unset is null, and an empty list has no entries to look at.
  if (value === null) return true;
  const key = first.replace(/(\[\])+$/, '');
  if (typeof value !== 'object' || !(key in value)) return false;
  let inner: unknown = (value as Record<string, unknown>)[key];
  for (let depth = (first.length - key.length) / 2; depth > 0; depth--) {
    if (!Array.isArray(inner)) return inner === null;
    if (inner.length === 0) return true;
    inner = inner[0];
  }
  return hasPath(inner, rest);
}
