// The desk's window: a sandboxed page that shows our own server and nothing else.
import { fileURLToPath } from 'node:url';
import { BrowserWindow, dialog, session, shell, type WebContents } from 'electron';

/** Copying an address is all the desk ever asks a browser's permission for. */
const allowedPermissions = new Set(['clipboard-sanitized-write']);

const besideThisFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Opens a window on the desk's link. Its page can neither leave the link's origin nor open other windows. */
export function openDeskWindow(deskUrl: string): BrowserWindow {
  const { origin } = new URL(deskUrl);
  const window = new BrowserWindow({
    width: 1080,
    height: 800,
    minWidth: 360,
    minHeight: 480,
    show: false,
    title: 'Papyrus Shelf',
    icon: besideThisFile('./icons/icon.png'),
    webPreferences: {
      preload: besideThisFile('./preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    },
  });
  guard(window.webContents, origin);
  window.once('ready-to-show', () => window.show());
  // A failure shows Chromium's own error page; the tray menu says how the server is.
  window.loadURL(deskUrl).catch(() => window.show());
  return window;
}

/** Gives an address to the system's browser and says so when the system has none. */
export function openOutside(url: string): void {
  shell.openExternal(url).catch(() => {
    dialog.showErrorBox('Papyrus Shelf', 'No browser could be opened.');
  });
}

function guard(contents: WebContents, origin: string): void {
  const stayHome = (event: { preventDefault(): void; url: string }): void => {
    if (!isOf(event.url, origin)) event.preventDefault();
  };
  contents.on('will-navigate', stayHome);
  contents.on('will-redirect', stayHome);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isOf(url, origin) || isPlainHttps(url)) openOutside(url);
    return { action: 'deny' };
  });
  session.defaultSession.setPermissionRequestHandler((asking, permission, answer) => {
    answer(allowedPermissions.has(permission) && isOf(asking.getURL(), origin));
  });
  session.defaultSession.setPermissionCheckHandler((_asking, permission, requestingOrigin) => {
    return allowedPermissions.has(permission) && isOf(requestingOrigin, origin);
  });
}

function isOf(url: string, origin: string): boolean {
  return URL.canParse(url) && new URL(url).origin === origin;
}

function isPlainHttps(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === 'https:' && username === '' && password === '';
}
