// Measures what the Papyrus API answers somebody with a large library: lists, search, signing in, and many at once.
import { hash, verify } from '@node-rs/argon2';
import { setTimeout as sleep } from 'node:timers/promises';
import { BOOK_SORT_NAMES } from '../../server/library/books.ts';
import { figureOf, quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { READER, seriesId, sharedServer, shelfId, signIn, tagId } from './people.ts';
import { finishedJobs, startAndWait } from './program.ts';
import type { Program } from './program.ts';
import { connect } from './requests.ts';
import { expectStatus } from './steps.ts';
import type { Bench, Workload } from './steps.ts';
import { createDice } from './words.ts';

const SIZES = [10_000, 50_000];
const LOGINS = 40;
/** The first seconds after a start, when code and pages are cold, are not counted. */
const LOAD = { perSecond: 200, warmSeconds: 6, seconds: 15 };
/** A large library may take this much longer. */
const FACTOR = 2;
/** What the server's own passwords cost (accounts/passwords.ts). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What lists are narrowed by, each with `turn` something else. */
const FILTERS: readonly ((turn: number) => string)[] = [
  () => '',
  (turn) => `&status=${['in_progress', 'paused', 'completed', 'abandoned', 'not_started'][turn % 5]}`,
  (turn) => `&tag_id=${tagId(turn)}`,
  (turn) => `&shelf_id=${shelfId(turn)}`,
  (turn) => `&series_id=${seriesId(turn)}`,
  (turn) => `&is_favorite=true&is_physical=${turn % 2 === 0}`,
  (turn) => `&is_physical=${turn % 2 === 0}`,
];
/** Queries of the query language, with two words of the library. */
const QUERIES: readonly ((word: string, other: string) => string)[] = [
  (word) => word,
  (word) => `author:${word}`,
  (word, other) => `title:${word} OR title:${other}`,
  (word) => `rating:>=4 -status:completed -title:${word}`,
  (word) => `has:annotations author:"${word}"`,
  () => 'added:>2025-06-01 pages:100..300',
  () => 'year:1960..1979 is:favorite',
  (word) => `description:${word} -is:physical`,
  () => 'meta.shop:corner',
  () => 'format:epub rating:>2',
];

/** Pages of 20 in every order, narrowed in every way. */
function* lists(): Generator<string> {
  const dice = createDice(11);
  let turn = 0;
  for (const sort of BOOK_SORT_NAMES) {
    for (const direction of ['', '-']) {
      for (const filter of FILTERS) {
        turn += 1;
        yield `/books?limit=20&page=${1 + (turn % 3)}&sort=${direction}${sort}${filter(turn)}`;
      }
      yield `/books?limit=20&page=${200 + (turn % 300)}&sort=${direction}${sort}`;
      const query = QUERIES[turn % QUERIES.length]?.(dice.words(1), dice.words(1)) ?? '';
      yield `/books?limit=20&page=1&sort=${direction}${sort}&query=${encodeURIComponent(query)}`;
    }
  }
}

/** What KoShelf's own API answers is named in full. */
const addressOf = (path: string): string => (path.startsWith('/api/') ? path : `/api/v1${path}`);

/** Words of one to twelve letters and several at once, in all that can be searched. */
function* searches(): Generator<string> {
  const dice = createDice(12);
  for (let turn = 0; turn < 26; turn += 1) {
    const letter = 'abcdefghijklmnopqrstuvwxyz'[turn % 26] ?? 'a';
    const whole = dice.words(1);
    for (const words of [letter, whole.slice(0, 2), whole, `${dice.words(1)} ${dice.words(1)}`]) {
      const word = encodeURIComponent(words);
      yield `/books?limit=20&page=${1 + (turn % 4)}&search=${word}`;
      yield `/search?limit=20&page=${1 + (turn % 4)}&q=${word}`;
      yield `/search?limit=20&in=annotations&q=${word}`;
      yield `/search?limit=20&in=notes&q=${word}`;
      yield `/annotations?limit=20&page=${1 + (turn % 4)}&search=${word}`;
      yield `/notes?limit=20&search=${word}`;
      yield `/api/annotations?page_size=20&page=${1 + (turn % 4)}&q=${word}`;
    }
  }
}

/** Starts the program with a library of that many books, signed in and warmed up by some other requests. */
export async function startWarm(
  bench: Bench,
  count: number,
  { watchLoop = false } = {},
): Promise<{ program: Program; headers: Record<string, string> }> {
  const program = await startAndWait(await sharedServer(bench, count), { watchLoop });
  await finishedJobs(program.dataDir);
  const headers = await signIn(program);
  const client = connect(program.url);
  for (let page = 1; page <= 20; page += 1) {
    for (const path of [
      `/books?limit=21&page=${page}`,
      `/books?search=warm${page}`,
      `/annotations?page=${page}`,
    ])
      expectStatus(await client.get(addressOf(path), headers), 200);
  }
  client.close();
  return { program, headers };
}

/** Asks everything once in each run; `aimMs` is for the smaller library. */
async function measured(
  bench: Bench,
  { name, paths, aimMs }: { name: string; paths: () => Iterable<string>; aimMs: number },
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of SIZES) {
    const took: number[] = [];
    const cpu: number[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      const { program, headers } = await startWarm(bench, count);
      const client = connect(program.url);
      for (const path of paths()) {
        const before = program.mainThreadMs();
        const reply = await client.get(addressOf(path), headers);
        expectStatus(reply, 200);
        cpu.push(program.mainThreadMs() - before);
        took.push(reply.tookMs);
      }
      client.close();
      await program.stop();
    }
    const shown = `${name} of ${count.toLocaleString('en')} books`;
    const aim = { atMost: aimMs * (count === SIZES[0] ? 1 : FACTOR) };
    figures.push(figureOf({ name: shown, unit: 'ms', samples: took }));
    figures.push(figureOf({ name: `${shown}, p99`, unit: 'ms', samples: [quantile(took, 0.99)], aim }));
    if (cpu.every(Number.isNaN)) continue;
    const ofThread = quantile(cpu, 0.99);
    figures.push(figureOf({ name: `${shown}, processor time, p99`, unit: 'ms', samples: [ofThread], aim }));
  }
  return figures;
}

/** Pages of 20 books. */
export const papyrusLists: Workload = (bench) =>
  measured(bench, { name: 'list page', paths: lists, aimMs: 15 });

/** Searches in books, highlights and notes. */
export const papyrusSearch: Workload = (bench) =>
  measured(bench, { name: 'search', paths: searches, aimMs: 40 });

/** A sign-in costs its password check and hardly more. */
export const papyrusLogin: Workload = async (bench) => {
  const logins: number[] = [];
  const alone: number[] = [];
  const cpu: number[] = [];
  const { program } = await startWarm(bench, SIZES[0] ?? 0);
  const client = connect(program.url);
  const passwordHash = await hash(READER.password, COST);
  const body = JSON.stringify(READER);
  // By turns, so that whatever else the computer does slows both alike.
  for (let turn = 0; turn < LOGINS * bench.runs; turn += 1) {
    const before = program.mainThreadMs();
    const reply = await client.post('/api/v1/auth/login', body);
    expectStatus(reply, 200);
    cpu.push(program.mainThreadMs() - before);
    logins.push(reply.tookMs);
    const startedAt = performance.now();
    await verify(passwordHash, READER.password);
    alone.push(performance.now() - startedAt);
  }
  client.close();
  await program.stop();
  const more = quantile(logins, 0.5) - quantile(alone, 0.5);
  return [
    figureOf({ name: 'sign-in', unit: 'ms', samples: logins }),
    figureOf({ name: 'Argon2 alone', unit: 'ms', samples: alone }),
    figureOf({
      name: 'sign-in beyond Argon2, of the medians',
      unit: 'ms',
      samples: [more],
      aim: { atMost: 10 },
    }),
    ...(cpu.every(Number.isNaN)
      ? []
      : [figureOf({ name: 'sign-in, processor time of the main thread', unit: 'ms', samples: cpu })]),
  ];
};

/** What apps read all day, by turns; no address twice. */
function* reads(): Generator<string> {
  const kinds = [lists, searches].map((each) => [...each()]);
  const rest = (turn: number) => [
    `/annotations?page=${1 + turn}&limit=20`,
    `/shelves?page=${1 + turn}`,
    `/tags?page=${1 + turn}`,
    `/series?page=${1 + turn}`,
    `/notes?page=${1 + turn}`,
    `/progress/sessions?page=${1 + turn}`,
    `/goals?page=${1 + turn}`,
    `/users/me?turn=${turn}`,
    `/progress/statistics?turn=${turn}`,
  ];
  for (let turn = 0; ; turn += 1) {
    const [listed = [], searched = []] = kinds;
    for (let at = 0; at < 6; at += 1) yield `${listed[(turn * 6 + at) % listed.length]}&turn=${turn}`;
    yield `${searched[turn % searched.length]}&turn=${turn}`;
    yield rest(turn)[turn % 9] ?? '';
    yield rest(turn)[(turn * 2 + 1) % 9] ?? '';
    yield rest(turn)[(turn * 4 + 3) % 9] ?? '';
  }
}

/** Two hundred reads a second, whether or not the ones before were answered. */
export const papyrusLoad: Workload = async (bench) => {
  const p99: number[] = [];
  const longest: number[] = [];
  const took: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    const { program, headers } = await startWarm(bench, SIZES[0] ?? 0, { watchLoop: true });
    const client = connect(program.url, { maxSockets: 32 });
    const paths = reads();
    const readFor = async (seconds: number): Promise<number[]> => {
      const startedAt = performance.now();
      const asked: Promise<number>[] = [];
      for (let turn = 0; turn < LOAD.perSecond * seconds; turn += 1) {
        await sleep(Math.max(0, startedAt + (turn * 1000) / LOAD.perSecond - performance.now()));
        const path = paths.next().value as string;
        asked.push(
          client.get(addressOf(path), headers).then((reply) => {
            expectStatus(reply, 200);
            return reply.tookMs;
          }),
        );
      }
      return await Promise.all(asked);
    };
    await readFor(LOAD.warmSeconds);
    program.resetDelays();
    const startedAt = performance.now();
    const before = program.mainThreadMs();
    took.push(...(await readFor(LOAD.seconds)));
    const seconds = (performance.now() - startedAt) / 1000;
    cpu.push((program.mainThreadMs() - before) / seconds / 10);
    const delays = await program.delays();
    p99.push(delays.p99Ms);
    longest.push(delays.maxMs);
    client.close();
    await program.stop();
  }
  const name = `event loop under ${LOAD.perSecond} reads/s`;
  return [
    figureOf({ name: `${name}, p99`, unit: 'ms', samples: p99, aim: { atMost: 20 } }),
    figureOf({ name: `${name}, longest`, unit: 'ms', samples: longest }),
    figureOf({ name: `answers under ${LOAD.perSecond} reads/s`, unit: 'ms', samples: took }),
    figureOf({ name: `processor under ${LOAD.perSecond} reads/s, main thread`, unit: '%', samples: cpu }),
  ];
};
