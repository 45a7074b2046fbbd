// The desktop app: tray, window, bridge, preferences, one instance, a clean end. Everything but the person is real.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect, test as base } from 'playwright/test';
import { startApp } from './support/app.ts';
import {
  type Desktop,
  type DesktopFolders,
  makeFolders,
  removeFolders,
  startDesktop,
} from './support/desktop.ts';
import { makeYours } from './support/visit-desk.ts';

type Bridge = {
  pickFolder(): Promise<string | null>;
  pickStatisticsFile(): Promise<string | null>;
  deskToken(): Promise<string>;
  restart(): Promise<void>;
  version(): Promise<string>;
};
declare global {
  var desktop: Bridge;
}

type Fixtures = { folders: DesktopFolders; desktop: Desktop; desk: Page; elsewhere: string };

const test = base.extend<Fixtures>({
  // oxlint-disable-next-line eslint/no-empty-pattern -- Playwright wants an object pattern, even where nothing is used.
  folders: async ({}, use) => {
    const folders = await makeFolders();
    await use(folders);
    await removeFolders(folders);
  },
  desktop: async ({ folders }, use) => {
    const desktop = await startDesktop(folders);
    await use(desktop);
    await desktop.app.close();
  },
  /** The page of the desk's window. */
  desk: async ({ desktop }, use) => {
    const page = await desktop.app.firstWindow();
    await page.waitForURL(/\/desk\//);
    await page.waitForLoadState();
    await use(page);
  },
  /** The origin of another program's pages. */
  // oxlint-disable-next-line eslint/no-empty-pattern -- see above
  elsewhere: async ({}, use) => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>Elsewhere</title>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use(originOf(server.address() as AddressInfo));
    server.closeAllConnections();
    server.close();
  },
});

const originOf = ({ port }: AddressInfo): string => `http://127.0.0.1:${port}`;
const windowCount = (desktop: Desktop): Promise<number> =>
  desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
const closeWindow = (desktop: Desktop): Promise<void> =>
  desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());

test('the tray says how the library is and leads to the desk', async ({ desktop }) => {
  await expect
    .poll(() => desktop.menu())
    .toEqual(['No books yet', 'Open the desk', 'Open in browser', 'Quit']);
});

test('the window shows the desk from our own server, signed in by a link that does not stay in the address', async ({
  desk,
}) => {
  await expect(desk).toHaveTitle(/Papyrus Shelf/);
  expect(new URL(desk.url()).hostname).toBe('127.0.0.1');
  await expect.poll(() => new URL(desk.url()).search).toBe('');
});

test('the page has the bridge and nothing of node', async ({ desk }) => {
  const seen = await desk.evaluate(() => ({
    bridge: Object.keys(globalThis.desktop).sort(),
    isFrozen: Object.isFrozen(globalThis.desktop),
    node: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter(
      (name) => name in globalThis,
    ),
  }));
  expect(seen).toEqual({
    bridge: ['deskToken', 'pickFolder', 'pickStatisticsFile', 'restart', 'version'],
    isFrozen: true,
    node: [],
  });
  expect(await desk.evaluate(() => globalThis.desktop.version())).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the bridge gives a new one-time token each time', async ({ desk }) => {
  const first = await desk.evaluate(() => globalThis.desktop.deskToken());
  const second = await desk.evaluate(() => globalThis.desktop.deskToken());
  expect(first).toMatch(/^[\w-]{20,}$/);
  expect(second).not.toBe(first);
});

test('the pickers give the chosen path, and null when the person closes them', async ({ desktop, desk }) => {
  await desktop.app.evaluate(() => recorded.picks.push('/home/ann/Books', '/home/ann/statistics.sqlite3'));
  expect(await desk.evaluate(() => globalThis.desktop.pickFolder())).toBe('/home/ann/Books');
  expect(await desk.evaluate(() => globalThis.desktop.pickStatisticsFile())).toBe(
    '/home/ann/statistics.sqlite3',
  );
  expect(await desk.evaluate(() => globalThis.desktop.pickFolder())).toBeNull();
  expect(await desktop.app.evaluate(() => recorded.pickers)).toEqual([
    ['openDirectory'],
    ['openFile'],
    ['openDirectory'],
  ]);
});

test('the window stays on our server, whatever its page tries', async ({ desktop, desk, elsewhere }) => {
  const home = new URL(desk.url()).origin;
  for (const target of [`${elsewhere}/`, 'https://example.org/', 'data:text/html,hello']) {
    await desk.evaluate((url) => void Object.assign(globalThis, { location: url }), target).catch(() => {});
    // A second round trip: by then a navigation that was let through would have begun.
    expect(await desk.evaluate(() => globalThis.desktop.version())).toBeTruthy();
    expect(new URL(desk.url()).origin).toBe(home);
  }
  expect(await windowCount(desktop)).toBe(1);
});

test('a redirect to another server is refused', async ({ desk, elsewhere }) => {
  const home = new URL(desk.url()).origin;
  await desk.route(`${home}/leaving`, (route) =>
    route.fulfill({ status: 302, headers: { location: `${elsewhere}/` } }),
  );
  await desk.goto(`${home}/leaving`).catch(() => {});
  expect(desk.url()).not.toContain(elsewhere);
});

test('a pop-up never opens; plain https links and our own pages go to the system’s browser', async ({
  desktop,
  desk,
  elsewhere,
}) => {
  const own = new URL('/docs', desk.url()).href;
  const refused = [`${elsewhere}/`, 'file:///etc/passwd', 'https://ann:secret@example.org/', 'ms-msdt:/id'];
  for (const url of [...refused, own, 'https://example.org/help']) {
    await desk.evaluate((address) => void Reflect.get(globalThis, 'open')(address), url);
  }
  const link = '<a href="https://example.org/link" target="_blank" rel="noopener">elsewhere</a>';
  await desk
    .locator('body')
    .evaluate((body, html) => Reflect.get(body, 'insertAdjacentHTML').call(body, 'afterbegin', html), link);
  await desk.getByRole('link', { name: 'elsewhere' }).click();
  await expect
    .poll(() => desktop.opened())
    .toEqual([own, 'https://example.org/help', 'https://example.org/link']);
  await expect.poll(() => desktop.app.windows().length).toBe(1);
});

test('the page may copy to the clipboard and gets no other permission', async ({ desk }) => {
  const state = (permission: string): Promise<string> =>
    desk.evaluate(async (name) => {
      const { permissions } = globalThis.navigator as unknown as {
        permissions: { query(wanted: { name: string }): Promise<{ state: string }> };
      };
      return (await permissions.query({ name })).state;
    }, permission);
  await expect.poll(() => state('clipboard-write')).toBe('granted');
  for (const refused of ['clipboard-read', 'geolocation', 'notifications', 'camera']) {
    await expect.poll(() => state(refused)).toBe('denied');
  }
});

test('the bridge answers no other window, even one with our preload', async ({
  desktop,
  desk,
  elsewhere,
}) => {
  expect(await desk.evaluate(() => globalThis.desktop.version())).toBeTruthy();
  const opened = desktop.app.waitForEvent('window');
  await desktop.app.evaluate(async ({ app, BrowserWindow }, foreign) => {
    const preload = `${app.getAppPath()}/out/app/preload.cjs`;
    const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    await window.loadURL(foreign);
  }, `${elsewhere}/`);
  const page = await opened;
  await page.waitForURL(`${elsewhere}/`);
  for (const ask of ['pickFolder', 'deskToken', 'restart', 'version'] as const) {
    const refusal = page.evaluate((name): Promise<unknown> => globalThis.desktop[name](), ask);
    await expect(refusal).rejects.toThrow('This page may not ask the app for anything.');
  }
});

test('the bridge answers no other origin in our own window', async ({ desktop, desk, elsewhere }) => {
  await desktop.app.evaluate(async ({ BrowserWindow }, foreign) => {
    await BrowserWindow.getAllWindows()[0]!.loadURL(foreign);
  }, `${elsewhere}/`);
  await desk.waitForURL(`${elsewhere}/`);
  const refusal = desk.evaluate(() => globalThis.desktop.deskToken());
  await expect(refusal).rejects.toThrow('This page may not ask the app for anything.');
});

test('closing the window leaves the app in the tray, which opens the desk again', async ({
  desktop,
  desk,
}) => {
  const closed = desk.waitForEvent('close');
  await closeWindow(desktop);
  await closed;
  expect(await windowCount(desktop)).toBe(0);
  const opened = desktop.app.waitForEvent('window');
  await desktop.click('desk');
  const again = await opened;
  await again.waitForURL(/\/desk\//);
  expect(await windowCount(desktop)).toBe(1);
});

test('“Open in browser” gives the system’s browser a fresh link', async ({ desktop, desk }) => {
  await desktop.click('browser');
  await desktop.click('browser');
  const [first, second] = (await desktop.opened()).map((url) => new URL(url));
  expect(first!.origin).toBe(new URL(desk.url()).origin);
  expect(first!.searchParams.get('token')).toMatch(/^[\w-]{20,}$/);
  expect(second!.searchParams.get('token')).not.toBe(first!.searchParams.get('token'));
});

test('a backup is put back by restarting from the desk, which opens again', async ({ desktop, desk }) => {
  test.slow();
  await makeYours(desk);
  const backups = desk.getByRole('region', { name: 'Backups' });
  await backups.getByRole('button', { name: 'Back up now' }).click();
  await backups.getByRole('button', { name: /^Restore the backup of/ }).click();
  await desk.getByRole('dialog').getByRole('button', { name: 'Restore', exact: true }).click();
  const opened = desktop.app.waitForEvent('window');
  const closed = desk.waitForEvent('close');
  await backups.getByRole('button', { name: 'Restart now' }).click();
  await closed;
  const again = await opened;
  await again.waitForURL(/\/desk\//);
  await expect(again.getByRole('heading', { level: 1, name: 'Ada’s library' })).toBeVisible();
  const after = again.getByRole('region', { name: 'Backups' });
  await expect(after.getByText('made before another was restored')).toBeVisible();
  await expect(after.getByText('takes the library’s place')).toBeHidden();
  expect(await windowCount(desktop)).toBe(1);
  expect(await desktop.messages()).toEqual([]);
  await expect.poll(async () => (await desktop.menu())[0]).toBe('No books yet');
});

test('a second start shows the first one’s window and ends', async ({ desktop, desk }) => {
  const closed = desk.waitForEvent('close');
  await closeWindow(desktop);
  await closed;
  expect(await windowCount(desktop)).toBe(0);
  const opened = desktop.app.waitForEvent('window');
  expect(await desktop.startAgain()).toBe(0);
  await (await opened).waitForURL(/\/desk\//);
  expect(await windowCount(desktop)).toBe(1);
  expect(await desktop.messages()).toEqual([]);
});

test('quitting closes the server: its port and its data folder are free again', async ({ folders }) => {
  const desktop = await startDesktop(folders);
  const desk = await desktop.app.firstWindow();
  await desk.waitForURL(/\/desk\//);
  const port = Number(new URL(desk.url()).port);
  const ended = once(desktop.app.process(), 'exit');
  await desktop.click('quit').catch(() => {});
  expect((await ended)[0]).toBe(0);
  // SQLite removes its log when the last connection is closed, and only then.
  expect(readdirSync(folders.dataDir).filter((name) => name.endsWith('-wal'))).toEqual([]);
  const listener = createTcpServer();
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  listener.close();
  const next = await startApp({ folder: folders.folder });
  expect(next.dataDir).toBe(desktop.dataDir);
  expect(await next.stop()).toBe(0);
});

for (const [what, text] of [
  ['not JSON', '{"port": 26'],
  ['not what they should be', '{"port": "many"}'],
] as const) {
  test(`preferences that are ${what} are put aside, with a notice`, async ({ folders }) => {
    const desktop = await startDesktop({ ...folders, preferences: text });
    await expect.poll(async () => (await desktop.messages())[0]?.message).toContain('could not be read');
    const kept = readdirSync(desktop.userDataDir).filter((name) => name.startsWith('preferences.broken-'));
    expect(kept).toHaveLength(1);
    expect((await desktop.messages())[0]!.message).toContain(kept[0]);
    await desktop.app.close();
  });
}

test('a data folder in use is named in a message; trying again works once it is free', async ({
  folders,
}) => {
  const other = await startApp({ folder: folders.folder });
  const desktop = await startDesktop(folders);
  await expect.poll(async () => (await desktop.messages()).length).toBe(1);
  const [message] = await desktop.messages();
  expect(message!.message).toBe('Papyrus Shelf could not start.');
  expect(message!.detail).toContain(`${join(folders.folder, 'data')} is in use by another Papyrus Shelf`);
  expect(message!.buttons).toEqual(['Try again', 'Open preferences', 'Quit']);
  expect((await desktop.menu())[0]).toContain('Not running.');
  await other.stop();
  await desktop.press(0, 0);
  await desktop.app.firstWindow();
  await expect.poll(async () => (await desktop.menu())[0]).toBe('No books yet');
  await desktop.app.close();
});

test('a taken port is named in a message, and the person may quit', async ({ folders, elsewhere }) => {
  const { port } = new URL(elsewhere);
  const desktop = await startDesktop({
    ...folders,
    preferences: JSON.stringify({ dataDir: folders.dataDir, port: Number(port) }),
  });
  await expect.poll(async () => (await desktop.messages())[0]?.detail).toContain(port);
  const ended = once(desktop.app.process(), 'exit');
  await desktop.press(0, 2).catch(() => {});
  expect((await ended)[0]).toBe(0);
});
