// `npm run bench [-- NAME…]` measures the built program on inputs of its own making and writes a table and
// out/bench.json. It judges nothing: a figure that misses its aim is marked, and the exit code is 0 all the same.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './build-stamp.ts';
import { figureHeading, figureLine } from './bench/figures.ts';
import type { Figure } from './bench/figures.ts';
import { prepareProgram } from './bench/program.ts';
import { workloads } from './bench/workloads.ts';

const RUNS = 3;

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

async function main(names: string[]): Promise<number> {
  const unknown = names.find((name) => !(name in workloads));
  if (unknown !== undefined) {
    process.stderr.write(
      `bench: there is no "${unknown}"; there are ${Object.keys(workloads).join(', ')}.\n`,
    );
    return 2;
  }
  await prepareProgram();
  const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  const measured: (Figure & { workload: string; loadBefore: number })[] = [];
  const failed: { workload: string; reason: string }[] = [];
  process.stdout.write(
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}\n${figureHeading}\n`,
  );
  try {
    for (const [workload, measure] of Object.entries(workloads)) {
      if (names.length > 0 && !names.includes(workload)) continue;
      const loadBefore = loadavg()[0] ?? 0;
      try {
        for (const figure of await measure({ scratch, runs: RUNS })) {
          measured.push({ workload, ...figure, loadBefore });
          process.stdout.write(`${figureLine(figure)}\n`);
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failed.push({ workload, reason });
        process.stdout.write(`${workload} was not measured: ${reason}\n`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const report = { measuredAt: new Date().toISOString(), machine, figures: measured, failed };
  writeFileSync(join(root, 'out/bench.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  return 0;
}
