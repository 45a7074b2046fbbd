// The tray icon: how the server is, and the ways to the desk.
import { fileURLToPath } from 'node:url';
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { HostState } from './server-host.ts';

export type TrayActions = {
  openDesk(): void;
  openInBrowser(): void;
  quit(): void;
  /** Absent where the system does not let an app start itself at login. */
  openAtLogin?: { isOn(): boolean; turn(on: boolean): void };
};

/** Puts the icon into the tray and returns a function that draws the server's state. */
export function createTray(actions: TrayActions): (state: HostState) => void {
  const tray = new Tray(trayImage());
  tray.on('click', () => actions.openDesk());
  return (state) => {
    const line = statusLine(state);
    tray.setToolTip(`Papyrus Shelf: ${line}`);
    tray.setContextMenu(Menu.buildFromTemplate(menuOf(line, state.kind === 'running', actions)));
  };
}

/** Returns the line that says how the server is. */
function statusLine(state: HostState): string {
  if (state.kind === 'starting') return 'Starting …';
  if (state.kind === 'failed') return `Not running. ${state.message}`;
  return `${countOf(state.books)}${state.scanning ? ', looking for more …' : ''}`;
}

function countOf(books: number): string {
  if (books === 0) return 'No books yet';
  return books === 1 ? '1 book' : `${books} books`;
}

function menuOf(line: string, isRunning: boolean, actions: TrayActions): MenuItemConstructorOptions[] {
  const { openAtLogin } = actions;
  return [
    { id: 'status', label: line, enabled: false },
    { type: 'separator' },
    { id: 'desk', label: 'Open the desk', enabled: isRunning, click: () => actions.openDesk() },
    { id: 'browser', label: 'Open in browser', enabled: isRunning, click: () => actions.openInBrowser() },
    ...(openAtLogin === undefined
      ? []
      : [
          {
            id: 'login',
            label: 'Start at login',
            type: 'checkbox' as const,
            checked: openAtLogin.isOn(),
            click: () => openAtLogin.turn(!openAtLogin.isOn()),
          },
        ]),
    { type: 'separator' },
    { id: 'quit', label: 'Quit', click: () => actions.quit() },
  ];
}

/** macOS colours a template image itself; elsewhere the icon has its own colours. The @2x file is found by its name. */
function trayImage(): Electron.NativeImage {
  const name = process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
  return nativeImage.createFromPath(fileURLToPath(new URL(`./icons/${name}`, import.meta.url)));
}
