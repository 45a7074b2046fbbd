// Random hands on one book - two devices, both APIs, files that come late, restores - against a small model of who spoke last.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createEvents } from '../../../server/base/events.ts';
import { openCatalogue } from '../../../server/catalogue/open.ts';
import { createPool } from '../../../server/formats/workers/pool.ts';
import { aUser } from '../../support/builders.ts';
import { at } from '../../support/clock.ts';
import type { Engine } from '../../support/koreader-device.ts';
import { BEGIN, createWorld, FIELDS, LINES, NEWEST } from './one-book.ts';
import type { Ground, World } from './one-book.ts';

let root: string;
let ground: Ground;
let runs = 0;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'hands-')));
  const template = join(root, 'template');
  mkdirSync(template);
  const catalogue = openCatalogue({ dataDir: template, clock: at(BEGIN), events: createEvents() });
  const ownerId = catalogue.write({}, (db) => aUser(db));
  catalogue.close();
  ground = { template, ownerId, pool: createPool({ size: 1 }) };
});
afterAll(async () => {
  await ground.pool.close();
  rmSync(root, { recursive: true });
});

/** What happens to a book; `word` is one nobody said before. */
type Hand = (world: World, word: number) => unknown;

// Most of what is said is said of one note: words that never meet prove nothing.
const [FIRST = ''] = LINES;
const line = fc.oneof(
  { weight: 4, arbitrary: fc.constant(FIRST) },
  { weight: 2, arbitrary: fc.constantFrom(...LINES, NEWEST) },
);
const face = fc.constantFrom('papyrus' as const, 'koshelf' as const);
const device = fc.constantFrom(0 as const, 0 as const, 1 as const);
const field = fc.oneof(
  { weight: 3, arbitrary: fc.constant(FIELDS[0]) },
  { weight: 2, arbitrary: fc.constantFrom(...FIELDS) },
);
const rating = fc.integer({ min: 1, max: 5 });

const named = <Value>(name: string, given: fc.Arbitrary<Value>, hand: (value: Value) => Hand) =>
  given.map((value): { name: string; hand: Hand } => ({
    name: `${name} ${JSON.stringify(value)}`,
    hand: hand(value),
  }));

const hands = fc.oneof(
  { weight: 10, arbitrary: named('open', fc.tuple(device, fc.constantFrom<Engine>('rolling', 'rolling', 'rolling', 'paging')), ([index, engine]) => (world) => world.device(index).open(engine)) },
  { weight: 2, arbitrary: named('mark', device, (index) => (world, word) => world.mark(index, `line ${word}`)) },
  { weight: 10, arbitrary: named('change', fc.tuple(device, line, field), ([index, text, name]) => (world, word) => world.device(index).change(world.textOf(text), name, `device ${word}`)) },
  { weight: 1, arbitrary: named('unmark', fc.tuple(device, line), ([index, text]) => (world) => world.device(index).unmark(world.textOf(text))) },
  { weight: 2, arbitrary: named('rate', fc.tuple(device, rating), ([index, stars]) => (world) => world.device(index).say({ rating: stars })) },
  { weight: 4, arbitrary: named('review', device, (index) => (world, word) => world.device(index).say({ note: `device ${word}` })) },
  { weight: 2, arbitrary: named('finish', fc.tuple(device, fc.constantFrom('complete', 'abandoned', 'reading')), ([index, status]) => (world) => world.device(index).say({ status })) },
  { weight: 3, arbitrary: named('read', device, (index) => (world, word) => world.device(index).read(word / 1000)) },
  { weight: 3, arbitrary: named('save', device, (index) => (world) => world.save(index, false)) },
  { weight: 6, arbitrary: named('close', device, (index) => (world) => world.save(index, true)) },
  { weight: 1, arbitrary: named('settle', fc.nat(2), (index) => (world) => world.device(0).settle(index)) },
  { weight: 2, arbitrary: named('exchange', fc.constant(0), () => (world) => world.exchange()) },
  { weight: 1, arbitrary: named('clone', fc.constant(0), () => (world) => world.clone()) },
  { weight: 1, arbitrary: named('putBack', fc.constant(0), () => (world) => world.putBack()) },
  { weight: 1, arbitrary: named('restore', fc.constant(0), () => (world) => world.restore()) },
  { weight: 8, arbitrary: named('scan', fc.constant(0), () => (world) => world.scan()) },
  { weight: 10, arbitrary: named('say of a mark', fc.tuple(line, field, face), ([text, name, through]) => (world, word) => world.sayMark(world.textOf(text), name, `person ${word}`, through)) },
  { weight: 1, arbitrary: named('remove', fc.tuple(line, face), ([text, through]) => (world) => world.remove(world.textOf(text), through)) },
  { weight: 2, arbitrary: named('rate here', fc.tuple(rating, face), ([stars, through]) => (world) => world.sayBook({ rating: stars }, through)) },
  { weight: 4, arbitrary: named('review here', fc.constant(0), () => (world, word) => world.sayBook({ review: `person ${word}` }, 'koshelf')) },
  { weight: 2, arbitrary: named('finish here', fc.tuple(fc.constantFrom('completed' as const, 'abandoned' as const, 'in_progress' as const), face), ([status, through]) => (world) => world.sayBook({ status }, through)) },
  { weight: 2, arbitrary: named('read here', fc.constant(0), () => (world, word) => world.sayBook({ place: word / 1000 }, 'papyrus')) },
); // prettier-ignore

/** Minutes, hours or days go by. */
const pause = fc.constantFrom(5, 60, 3_600, 40_000, 90_000);
/** The same hands each time; others, and longer runs, are played by hand: HANDS_RUNS=5000 HANDS_SEED=2. */
const NUM_RUNS = Number(process.env['HANDS_RUNS'] ?? 60);
const SEED = { seed: Number(process.env['HANDS_SEED'] ?? 1) };
/** Hands that once lost a word. */
const REPLAYED = [
  { seed: 105, path: '127:3:2:8:8:9:13:14:18:22:22:25:26:17:19:22:23:20:18:17:17:17:17' },
  { seed: 107, path: '31:3:0:7:10:12:10:13:12:12:12:14:11:11:11:11:11' },
];

describe.each([
  ['with writeback', true],
  ['without writeback', false],
])('whoever speaks of a book, %s', (_, enabled) => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(hands, pause), { minLength: 4, maxLength: 40, size: 'max' }),
    async (steps) => {
      const world = createWorld(ground, join(root, `${(runs += 1)}`), enabled);
      try {
        // A book with its marks, which everybody knows.
        world.device(0).open();
        for (const text of LINES) world.device(0).mark(text);
        world.save(0, true);
        world.clock.forward({ hours: 1 });
        await world.scan();
        for (const [index, [{ hand }, sec]] of steps.entries()) {
          world.clock.forward({ seconds: sec });
          await hand(world, index + 10);
        }
        for (const index of [0, 1] as const) {
          world.save(index, true);
          world.clock.forward({ hours: 1 });
        }
        world.exchange();
        await world.scan();
        world.clock.forward({ hours: 1 });
        await world.scan();
      } finally {
        await world.close();
      }
    },
  );

  it('keeps the last word of each thing, whatever comes when', async () => {
    await fc.assert(property, { numRuns: NUM_RUNS, ...SEED });
  }, 3_600_000);

  it.each(REPLAYED)('keeps what hands %j once lost', async (replayed) => {
    await fc.assert(property, { numRuns: 1, ...replayed });
  });
});
