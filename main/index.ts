// The desktop app: one instance, the server inside it, a tray icon, and the desk in a window.
import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, dialog, Menu, shell } from 'electron';
import { defaultOptions, readCommandLine, type ServerOptions } from '../server/config/options.ts';
import { answerBridge } from './bridge.ts';
import { openPreferences, type OpenPreferences } from './preferences.ts';
import { createServerHost, sentenceOf, type ServerHost } from './server-host.ts';
import { createTray } from './tray.ts';
import { openDeskWindow, openOutside } from './window.ts';

const title = 'Papyrus Shelf';

// What this program writes is the person's alone, in whatever folder it lies.
process.umask(0o077);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

if (app.requestSingleInstanceLock()) {
  // Electron is ready only once this module has run to its end: awaiting it here would wait for ever (electron#40719).
  void app.whenReady().then(openApp);
} else {
  app.quit();
}

async function openApp(): Promise<void> {
  let window: BrowserWindow | undefined;
  const preferences = openPreferences();
  const drawTray = createTray({
    openDesk: showDesk,
    openInBrowser: () => {
      const server = host.running();
      if (server !== undefined) openOutside(server.newDeskUrl());
    },
    quit: () => app.quit(),
    ...(canOpenAtLogin() && { openAtLogin: loginSwitch(preferences) }),
  });
  const host = createServerHost({ readOptions: () => optionsOf(preferences), onState: drawTray });

  function showDesk(): void {
    const server = host.running();
    if (server === undefined) return;
    if (window === undefined) {
      const opened = openDeskWindow(server.newDeskUrl());
      opened.on('closed', () => {
        if (window === opened) window = undefined;
      });
      window = opened;
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Ends the server and starts it again, with its desk in a window of its own: its address and its keys may be others. */
  async function restart(): Promise<void> {
    if (host.running() === undefined) return;
    await host.stop();
    const isRunning = await startOrAsk(host, preferences);
    const before = window;
    window = undefined;
    before?.close();
    if (isRunning) showDesk();
    else app.quit();
  }

  answerBridge({
    window: () => window,
    origin: () => host.running()?.url,
    newDeskUrl: () => host.running()?.newDeskUrl(),
    restart: () => void restart(),
  });
  // On macOS the shortcuts for copying and pasting live in the menu; elsewhere there is nothing to put in one.
  Menu.setApplicationMenu(
    process.platform === 'darwin'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null,
  );
  app.on('second-instance', showDesk);
  app.on('activate', showDesk);
  // Without a listener Electron quits with its last window; the tray stays until the person quits.
  app.on('window-all-closed', () => {});
  stopBeforeQuit(host);

  if (preferences.notice !== undefined) {
    void dialog.showMessageBox({ type: 'warning', title, message: preferences.notice });
  }
  if (await startOrAsk(host, preferences)) {
    if (!process.argv.includes('--hidden')) showDesk();
  } else {
    app.quit();
  }
}

/** Starts the server; when it cannot, says why and tries again for as long as the person wants. */
async function startOrAsk(host: ServerHost, preferences: OpenPreferences): Promise<boolean> {
  for (;;) {
    try {
      await host.start();
      return true;
    } catch (error) {
      const { response } = await dialog.showMessageBox({
        type: 'error',
        title,
        message: 'Papyrus Shelf could not start.',
        detail: sentenceOf(error),
        buttons: ['Try again', 'Open preferences', 'Quit'],
        defaultId: 0,
        cancelId: 2,
      });
      if (response === 2) return false;
      if (response === 1) await shell.openPath(preferences.file);
    }
  }
}

/** Holds the end of the app back once, until the server has closed its files. */
function stopBeforeQuit(host: ServerHost): void {
  let isStopped = false;
  app.on('will-quit', (event) => {
    if (isStopped) return;
    event.preventDefault();
    void host.stop().finally(() => {
      isStopped = true;
      app.quit();
    });
  });
}

/** The preferences as options, and on top of them what the command line says behind `--`. */
function optionsOf(preferences: OpenPreferences): ServerOptions {
  const { dataDir, port, libraryFolders, statisticsFiles } = preferences.read();
  const preferred = [
    ...(dataDir === null ? [] : [`--data-dir=${dataDir}`]),
    ...(port === null ? [] : [`--port=${port}`]),
    ...libraryFolders.map((folder) => `--library=${folder}`),
    ...statisticsFiles.map((file) => `--statistics=${file}`),
  ];
  const separator = process.argv.indexOf('--');
  const given = separator < 0 ? [] : process.argv.slice(separator + 1);
  const line = readCommandLine([...preferred, ...given]);
  return {
    ...(line.command === 'run' ? line.options : defaultOptions()),
    rendererDir: fileURLToPath(new URL('../renderer', import.meta.url)),
  };
}

function canOpenAtLogin(): boolean {
  return process.platform === 'darwin' || process.platform === 'win32';
}

function loginSwitch(preferences: OpenPreferences): { isOn(): boolean; turn(on: boolean): void } {
  return {
    isOn: () => preferences.read().openAtLogin,
    turn(on) {
      preferences.change({ openAtLogin: on });
      app.setLoginItemSettings({ openAtLogin: on, args: ['--hidden'] });
    },
  };
}

/** Says what went wrong before leaving: a tray app that just disappears helps nobody. */
function fail(error: unknown): void {
  dialog.showErrorBox(title, sentenceOf(error));
  app.exit(1);
}
