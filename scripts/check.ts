// The quick checks, for every change: format, lint, types and the unit tests.
import { join } from 'node:path';
import { root } from './build-stamp.ts';
import { countChecks, runCheck, say, seconds, staticChecks } from './checks.ts';
import { addCounts, countsLine } from './counts.ts';
import { runVitest } from './vitest.ts';

const started = performance.now();
const statics = countChecks(await Promise.all(staticChecks.map(runCheck)));
const unit = await runVitest({ projects: ['unit'], reportFile: join(root, 'test-results/unit.json') });
const total = addCounts(statics, unit);
say(`in ${seconds(started)}`);
say(countsLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
