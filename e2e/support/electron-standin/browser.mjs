// Starts Chromium and speaks the DevTools protocol to it.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-startup-window',
  '--password-store=basic',
  '--use-mock-keychain',
  '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter',
];
const closeWithinMs = 3000;

/** Starts a Chromium with an empty profile: `url` for other debuggers, `root` and `attach` to talk, `close` to end. */
export async function startBrowser() {
  const profile = mkdtempSync(join(tmpdir(), 'electron-standin-'));
  const child = spawn(
    process.env.PAPYRUS_TEST_CHROMIUM ?? 'chromium',
    [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  process.on('exit', () => child.kill('SIGKILL'));
  const url = await addressOf(child);
  const { root, session } = await connect(url);
  return {
    url,
    root,
    async attach(targetId) {
      const { sessionId } = await root.send('Target.attachToTarget', { targetId, flatten: true });
      return session(sessionId);
    },
    async close() {
      await closeBrowser(child, root);
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}.`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

async function connect(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('Chromium refused the DevTools connection.')));
  });
  const waiting = new Map();
  const sessions = new Map();
  let lastId = 0;

  function session(sessionId) {
    const emitter = new EventEmitter();
    emitter.send = (method, params = {}) => {
      if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('Chromium is closed.'));
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject, method });
        socket.send(JSON.stringify({ id, method, params, sessionId }));
      });
    };
    sessions.set(sessionId, emitter);
    return emitter;
  }

  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.id === undefined) {
      sessions.get(message.sessionId)?.emit(message.method, message.params);
      return;
    }
    const { resolve, reject, method } = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) resolve(message.result);
    else reject(new Error(`${method}: ${message.error.message}`));
  });
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium is closed.'));
    waiting.clear();
  });
  return { root: session(undefined), session };
}

async function closeBrowser(child, root) {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), closeWithinMs);
  root.send('Browser.close').catch(() => {});
  await ended;
  clearTimeout(timer);
}
