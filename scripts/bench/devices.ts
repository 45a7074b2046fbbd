// Measures devices that keep a copy of a large library: what they send, what they fetch, and a new one.
import { figureOf } from './figures.ts';
import type { Figure } from './figures.ts';
import { startWarm } from './papyrus.ts';
import { bookId } from './people.ts';
import { connect } from './requests.ts';
import { expectStatus } from './steps.ts';
import type { Bench, Workload } from './steps.ts';

const SIZES = [10_000, 50_000];
const PUSHED = 500;
const PULLED = 10_000;
const REPEATS = 5;
/** A large library may take this much longer. */
const FACTOR = 2;
const EVER = encodeURIComponent('1970-01-01T00:00:00Z');

/** What a device says that was offline for a day: a favourite, a page, a star in hundreds of books. */
const changesOf = (turn: number): string =>
  JSON.stringify({
    device_id: 'bench',
    changes: Array.from({ length: PUSHED }, (_, at) => ({
      entity_type: 'book',
      entity_id: bookId((turn * PUSHED + at) % PULLED),
      operation: 'update',
      data: { is_favorite: turn % 2 === 0, rating: 1 + (turn % 5), page_count: 100 + turn },
      timestamp: new Date().toISOString(),
    })),
  });

/** Changes out and in. */
export const papyrusSync: Workload = async (bench) => {
  const figures: Figure[] = [];
  for (const count of SIZES) {
    const pushes: number[] = [];
    const pushCpu: number[] = [];
    const pulls: number[] = [];
    const pullCpu: number[] = [];
    const { program, headers } = await startWarm(bench, count);
    const client = connect(program.url);
    for (let turn = 0; turn < REPEATS * bench.runs; turn += 1) {
      const body = changesOf(turn);
      const before = program.mainThreadMs();
      const pushed = await client.post('/api/v1/sync/changes', body, headers);
      expectStatus(pushed, 200);
      const between = program.mainThreadMs();
      const pulled = await client.get(`/api/v1/sync/changes?since=${EVER}&limit=${PULLED}`, headers);
      expectStatus(pulled, 200);
      pushes.push(pushed.tookMs);
      pushCpu.push(between - before);
      pulls.push(pulled.tookMs);
      pullCpu.push(program.mainThreadMs() - between);
    }
    client.close();
    await program.stop();
    const factor = count === SIZES[0] ? 1 : FACTOR;
    const of = `of ${count.toLocaleString('en')} books`;
    const pushAim = { atMost: 80 * factor };
    const pullAim = { atMost: 300 * factor };
    figures.push(
      figureOf({ name: `push of 500 changes ${of}`, unit: 'ms', samples: pushes, aim: pushAim }),
      figureOf({ name: `pull of 10,000 changes ${of}`, unit: 'ms', samples: pulls, aim: pullAim }),
    );
    if (pushCpu.every(Number.isNaN)) continue;
    figures.push(
      figureOf({ name: `push ${of}, processor time`, unit: 'ms', samples: pushCpu, aim: pushAim }),
      figureOf({ name: `pull ${of}, processor time`, unit: 'ms', samples: pullCpu, aim: pullAim }),
    );
  }
  return figures;
};

const UPLOADED = 100;
const DEVICES = 8;
const UPLOAD_MS = 6_000;

/** What a device that reads sends back: where it is in so many books, as the app writes it. */
const uploadOf = (turn: number): string =>
  JSON.stringify({
    batch: Array.from({ length: UPLOADED }, (_, at) => ({
      type: 'books',
      op: 'PATCH',
      id: bookId((turn * UPLOADED + at) % PULLED),
      data: {
        current_page: 1 + ((turn + at) % 300),
        current_position: ((turn + at) % 100) / 100,
        is_favorite: turn % 2,
        updated_at: new Date().toISOString(),
      },
    })),
  });

/** Devices that send what they did at the same time. */
export const papyrusUploads: Workload = async (bench) => {
  const rates: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    const { program, headers } = await startWarm(bench, PULLED);
    let turn = run * 1_000;
    let answered = 0;
    const before = program.mainThreadMs();
    const until = performance.now() + UPLOAD_MS;
    const send = async () => {
      const client = connect(program.url);
      while (performance.now() < until) {
        expectStatus(await client.post('/api/v1/sync/powersync-upload', uploadOf((turn += 1)), headers), 200);
        answered += 1;
      }
      client.close();
    };
    await Promise.all(Array.from({ length: DEVICES }, send));
    rates.push(answered / (UPLOAD_MS / 1000));
    cpu.push((program.mainThreadMs() - before) / answered);
    await program.stop();
  }
  const name = `uploads of ${UPLOADED} changes by ${DEVICES} devices at once`;
  return [
    figureOf({ name, unit: 'uploads/s', samples: rates, aim: { atLeast: 75 } }),
    figureOf({ name: `${name}, processor time of each`, unit: 'ms', samples: cpu }),
  ];
};

/** Everything a new device is told, until the server says that it has it all. */
export const papyrusStream: Workload = async (bench: Bench) => {
  const figures: Figure[] = [];
  for (const count of SIZES) {
    const took: number[] = [];
    const cpu: number[] = [];
    const { program, headers } = await startWarm(bench, count);
    for (let run = 0; run < bench.runs; run += 1) {
      const before = program.mainThreadMs();
      const startedAt = performance.now();
      await readStream(program.url, headers, `bench-${run}`);
      took.push((performance.now() - startedAt) / 1000);
      cpu.push((program.mainThreadMs() - before) / 1000);
    }
    await program.stop();
    const name = `new device with ${count.toLocaleString('en')} books`;
    const aim = { atMost: 4 * (count === SIZES[0] ? 1 : FACTOR) };
    figures.push(figureOf({ name, unit: 's', samples: took, aim }));
    if (!cpu.every(Number.isNaN))
      figures.push(figureOf({ name: `${name}, processor time`, unit: 's', samples: cpu, aim }));
  }
  return figures;
};

async function readStream(url: string, headers: Record<string, string>, clientId: string): Promise<void> {
  const asked = await fetch(`${url}/api/v1/auth/powersync-token`, { method: 'POST', headers });
  const { token } = (await asked.json()) as { token: string };
  const response = await fetch(`${url}/sync/stream`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ buckets: [], client_id: clientId }),
  });
  if (response.status !== 200) throw new Error(`The stream answered ${response.status}.`);
  const text = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + text.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    // Leaving the loop hangs up.
    if (lines.some((line) => line.startsWith('{"checkpoint_complete"'))) return;
  }
  throw new Error('The stream ended before it was complete.');
}
