// Starts the built desktop app, on Electron or on its stand-in, with folders of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright';

export type Message = { message: string; detail?: string; buttons?: string[] };

export type Desktop = {
  app: ElectronApplication;
  dataDir: string;
  userDataDir: string;
  /** The labels of the tray's menu, from the top, separators left out. */
  menu(): Promise<string[]>;
  /** Clicks the item of the tray's menu with this id. */
  click(id: string): Promise<void>;
  /** The messages shown so far. */
  messages(): Promise<Message[]>;
  /** Presses a button of a message by their numbers, both from 0. */
  press(message: number, button: number): Promise<void>;
  /** Addresses given to the system's browser so far. */
  opened(): Promise<string[]>;
  /** Starts the app a second time and returns the exit code of that one. */
  startAgain(): Promise<number | null>;
};

export type DesktopFolders = { folder: string; dataDir: string; userDataDir: string };

const root = join(import.meta.dirname, '../..');
const recorder = join(import.meta.dirname, 'record-desktop.cjs');

declare global {
  /** Set by record-desktop.cjs, in the app's main process. */
  var recorded: {
    menu?: Electron.Menu;
    messages: (Message & { answer(response: number): void })[];
    picks: string[];
    pickers: string[][];
    opened: string[];
  };
}

/** Makes the folders of one test: `dataDir` for the library, `userDataDir` for the app's preferences. */
export async function makeFolders(): Promise<DesktopFolders> {
  const folder = await mkdtemp(join(tmpdir(), 'papyrus-shelf-desktop-'));
  return { folder, dataDir: join(folder, 'data'), userDataDir: join(folder, 'app') };
}

/** Removes the folders of one test. */
export async function removeFolders({ folder }: DesktopFolders): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Starts the app; `preferences` is the text of its preferences file, by default the test's data folder and any port. */
export async function startDesktop({
  folder,
  dataDir,
  userDataDir,
  preferences = JSON.stringify({ dataDir, port: 0 }),
}: DesktopFolders & { preferences?: string }): Promise<Desktop> {
  mkdirSync(userDataDir, { recursive: true });
  writeFileSync(join(userDataDir, 'preferences.json'), preferences);
  const words = [root, `--user-data-dir=${userDataDir}`];
  // Whatever the preferences say, nothing of the person who runs the specs is touched.
  const env = { ...definedIn(process.env), HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const app = await _electron.launch({ args: ['-r', recorder, ...words], env });
  return {
    app,
    dataDir,
    userDataDir,
    menu: () =>
      app.evaluate(() =>
        (recorded.menu?.items ?? []).map((item) => item.label).filter((label) => label !== ''),
      ),
    click: (id) => app.evaluate((_electron, wanted) => recorded.menu!.getMenuItemById(wanted)!.click(), id),
    messages: () =>
      app.evaluate(() =>
        recorded.messages.map(({ message, detail, buttons }) => ({
          message,
          ...(detail !== undefined && { detail }),
          ...(buttons !== undefined && { buttons }),
        })),
      ),
    press: (message, button) =>
      app.evaluate((_electron, [shown, pressed]) => recorded.messages[shown]!.answer(pressed), [
        message,
        button,
      ] as const),
    opened: () => app.evaluate(() => recorded.opened),
    async startAgain() {
      const again = spawn(electronProgram(), words, { env, stdio: 'ignore' });
      const [code] = (await once(again, 'exit')) as [number | null];
      return code;
    },
  };
}

/** The program the electron package names, which is also the one Playwright starts. */
function electronProgram(): string {
  return createRequire(import.meta.url)('electron') as string;
}

function definedIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
