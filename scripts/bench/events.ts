// Measures what listeners cost that only wait: processor time, memory, and the answers everybody else gets.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf, quantile } from './figures.ts';
import { finishedJobs, startAndWait } from './program.ts';
import { askEvery, library } from './steps.ts';
import type { Workload } from './steps.ts';

const LISTENERS = 500;
const WATCHED_MS = 30_000;
const SETTLE_MS = 5_000;

/** The same half minute without listeners and with them. */
export const events: Workload = async (bench) => {
  const dataDir = library(bench, 10_000);
  const program = await startAndWait(dataDir);
  await finishedJobs(dataDir);
  const watch = async () => {
    await sleep(SETTLE_MS);
    const cpuBefore = program.cpuMs();
    await sleep(WATCHED_MS);
    const cpuMsAMinute = ((program.cpuMs() - cpuBefore) * 60_000) / WATCHED_MS;
    const memoryMb = (await program.memoryMb()) ?? Number.NaN;
    const enough = AbortSignal.timeout(SETTLE_MS);
    const siteMs = await askEvery(program.url, '/api/site', 10, enough);
    return { cpuMsAMinute, memoryMb, siteMs };
  };
  const alone = await watch();
  const agent = new Agent({ maxSockets: LISTENERS });
  const streams = await Promise.all(
    Array.from({ length: LISTENERS }, () => listen(`${program.url}/api/events/stream`, agent)),
  );
  const among = await watch();
  const left = streams.filter(({ destroyed }) => destroyed).length;
  for (const stream of streams) stream.destroy();
  agent.destroy();
  await program.stop();
  if (left > 0) throw new Error(`${left} listeners were sent away.`);
  const name = `${LISTENERS} idle listeners`;
  return [
    figureOf({ name: 'no listeners, processor time a minute', unit: 'ms', samples: [alone.cpuMsAMinute] }),
    figureOf({ name: `${name}, processor time a minute`, unit: 'ms', samples: [among.cpuMsAMinute] }),
    figureOf({ name: `${name}, memory more`, unit: 'MB', samples: [among.memoryMb - alone.memoryMb] }),
    figureOf({ name: 'no listeners, /api/site', unit: 'ms', samples: alone.siteMs }),
    figureOf({ name: `${name}, /api/site`, unit: 'ms', samples: among.siteMs }),
    figureOf({ name: `${name}, /api/site, p99`, unit: 'ms', samples: [quantile(among.siteMs, 0.99)] }),
  ].filter(({ median }) => !Number.isNaN(median));
};

async function listen(url: string, agent: Agent): Promise<IncomingMessage> {
  const [stream] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  if (stream.statusCode !== 200) throw new Error(`A listener was answered with ${stream.statusCode}.`);
  // What comes is read and let go.
  return stream.on('error', () => {}).resume();
}
