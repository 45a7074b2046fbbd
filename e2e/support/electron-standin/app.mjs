// Electron's `app`: paths, the single instance, the life of the process.
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startBrowser } from './browser.mjs';
import { createEvent } from './event.mjs';

let about;
let root;
let ready;
let mainHasRun;
let isQuitting = false;
let lockFile;

/** Every window that is open, by the id of its contents. */
export const openWindows = new Map();
/** The Chromium that shows the windows; rejected when it could not be started. */
export let browser;

/** Starts the browser for the app whose package.json is given. */
export function begin(parts) {
  ({ root, about } = parts);
  browser = startBrowser();
  const hasRun = new Promise((resolve) => {
    mainHasRun = resolve;
  });
  ready = browser
    .then(({ url }) => {
      // Playwright waits for this line of Electron's.
      process.stderr.write(`\nDevTools listening on ${url}\n`);
      return hasRun;
    })
    .then(() => app.emit('ready', createEvent(), {}));
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => app.quit());
}

/** Lets the app become ready: Electron waits until the main script has run, its top-level awaits included. */
export function finishLoading() {
  mainHasRun();
}

class App extends EventEmitter {
  commandLine = { appendSwitch() {} };

  isReady = () => false;
  whenReady = () => ready;
  getVersion = () => about.version;
  getAppPath = () => root;

  getPath(name) {
    if (name !== 'userData') throw new Error(`The stand-in has no path '${name}'.`);
    const config = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
    const folder = switchValue('user-data-dir') ?? join(config, about.name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  requestSingleInstanceLock() {
    const file = join(this.getPath('userData'), 'standin.lock');
    const words = join(this.getPath('userData'), 'standin.second-instance');
    const holder = pidIn(file);
    if (holder !== undefined) {
      writeFileSync(words, JSON.stringify(process.argv));
      process.kill(holder, 'SIGUSR2');
      return false;
    }
    writeFileSync(file, String(process.pid));
    lockFile = file;
    process.on('SIGUSR2', () => {
      this.emit('second-instance', createEvent(), JSON.parse(readFileSync(words, 'utf8')), process.cwd(), {});
    });
    return true;
  }

  quit() {
    if (isQuitting) return;
    if (isPrevented(this, 'before-quit')) return;
    isQuitting = true;
    for (const window of openWindows.values()) window.close();
    if (openWindows.size > 0 || isPrevented(this, 'will-quit')) {
      isQuitting = false;
      return;
    }
    this.exit(0);
  }

  exit(code = 0) {
    this.emit('quit', createEvent(), code);
    if (lockFile !== undefined) rmSync(lockFile, { force: true });
    void browser.then((started) => started.close()).finally(() => process.exit(code));
  }

  /** Called when the last window is gone: Electron quits when nobody listens. */
  lastWindowClosed() {
    if (!isQuitting && !this.emit('window-all-closed')) this.quit();
  }
}

export const app = new App();

function isPrevented(emitter, name) {
  const event = createEvent();
  emitter.emit(name, event);
  return event.defaultPrevented;
}

function switchValue(name) {
  const start = `--${name}=`;
  return process.argv.find((word) => word.startsWith(start))?.slice(start.length);
}

/** The process that holds the lock, undefined when none that lives does. */
function pidIn(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
