// The commands for a server that runs already: they ask its desk, as a browser of this computer would.
import { resolve } from 'node:path';
import type { z } from 'zod';
import { DESK_GUARD, deskCookieName } from '../api/desk/auth.ts';
import { DeskError, DeskLink, JobList, LibraryFolder, Status } from '../api/desk/schemas.ts';
import { askSecret } from '../config/ask-secret.ts';
import { AppError, unavailable } from '../base/errors.ts';
import type { Words } from '../config/command-line.ts';
import { findRunning } from './running.ts';
import { tunnelLines } from './where.ts';

const ANSWER_MS = 30_000;
const OPEN = new Set(['waiting', 'running']);

type Ask = { command: NonNullable<Words['command']>; dataDir: string };

/**
 * Does what a command asks and returns the lines to print.
 * Throws AppError with a sentence when no server runs on the folder, or when it refuses.
 */
export async function runCommand({ command, dataDir }: Ask): Promise<string[]> {
  const desk = deskOf(dataDir);
  switch (command.name) {
    case 'status':
      return status(await desk('GET', '/status', Status), (await desk('GET', '/jobs', JobList)).jobs);
    case 'desk-link': {
      const { url } = await desk('POST', '/links', DeskLink);
      return [url, ...tunnelLines(url)];
    }
    case 'add-folder': {
      const { path } = await desk('POST', '/folders', LibraryFolder, {
        path: fullPath(command.operand ?? ''),
      });
      return [`${path} is a folder of the library now. Its books are being read.`];
    }
    case 'set-password': {
      const password = await askSecret('New password of the owner: ');
      await desk('PUT', '/owner/password', undefined, { password });
      return ['The password is changed. Devices sign in again with the new one.'];
    }
  }
}

/** The server knows no working folder of the terminal's; "~" is its own word. */
const fullPath = (path: string) => (path.startsWith('~') ? path : resolve(path));

function status(now: z.infer<typeof Status>, jobs: z.infer<typeof JobList>['jobs']): string[] {
  const { books, comics, annotations, failures } = now.counts;
  const under = jobs.filter(({ state }) => OPEN.has(state));
  return [
    `Papyrus Shelf ${now.version}, running since ${now.started_at}`,
    `Owner: ${now.owner === null ? 'nobody yet; open the desk to make an account' : `${now.owner.display_name} <${now.owner.email}>`}`,
    `Books: ${books}, comics: ${comics}, highlights and notes: ${annotations}, files that could not be read: ${failures}`,
    `Data folder: ${now.data_dir}`,
    `KoShelf API: ${now.urls.koshelf}`,
    `Papyrus API: ${now.urls.papyrus}`,
    ...under.map(({ kind, subject, state, done_units: done, total_units: total, unit }) =>
      [
        `${state === 'waiting' ? 'Waiting' : 'Under way'}: ${kind}`,
        ...(subject === '' ? [] : [subject]),
        ...(state === 'waiting' ? [] : [`${done}${total === null ? '' : ` of ${total}`} ${unit}`]),
      ].join(', '),
    ),
  ];
}

/** Returns what asks the desk of the server that runs on the folder. */
function deskOf(dataDir: string) {
  const running = findRunning(dataDir);
  if (running === undefined) throw nobodyRuns(dataDir);
  const { url, key } = running;
  const cookie = `${deskCookieName(Number(new URL(url).port))}=${key}`;
  return async function ask<Answer extends z.ZodType | undefined>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    schema: Answer,
    body?: object,
  ): Promise<Answer extends z.ZodType ? z.output<Answer> : undefined> {
    const response = await fetch(`${url}/desk/api${path}`, {
      method,
      headers: { ...DESK_GUARD, cookie, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((error: unknown) => {
      throw nobodyRuns(dataDir, error);
    });
    // A note left by a server that was killed: another program, or another library, has its port now.
    if (response.status === 401) throw nobodyRuns(dataDir);
    const answer: unknown =
      response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (!response.ok) {
      const refusal = DeskError.safeParse(answer);
      throw refusal.success
        ? new AppError('unavailable', refusal.data.error.message)
        : unavailable(`The server at ${url} answered ${response.status}.`);
    }
    return schema?.parse(answer) as Answer extends z.ZodType ? z.output<Answer> : undefined;
  };
}

const nobodyRuns = (dataDir: string, cause?: unknown) =>
  unavailable(
    `No Papyrus Shelf runs on the data folder ${dataDir}. Start it first, or name its folder with --data-dir.`,
    { cause },
  );
