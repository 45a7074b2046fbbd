// The lock of what others may reach: beyond this computer everybody would read along without one.
import type { KoshelfSessions } from './accounts/koshelf-sessions.ts';
import { AppError } from './base/errors.ts';
import type { ServerOptions } from './config/options.ts';
import { isLoopbackHost, isReachable } from './listening.ts';

/** Sets or removes the password that was given; makes one up where one must be. Throws forbidden where nobody could read it. */
export async function lockDoors(sessions: KoshelfSessions, options: ServerOptions): Promise<void> {
  const { host, koshelfPassword, terminal } = options;
  if (koshelfPassword === null) sessions.removePassword();
  else if (koshelfPassword !== undefined) await sessions.setPassword(koshelfPassword);
  if (sessions.locked() || !isReachable(options)) return;
  if (terminal === undefined) {
    throw new AppError(
      'forbidden',
      isLoopbackHost(host)
        ? 'A proxy lets others reach your library. Give --koshelf-password-file as well, or leave --trusted-proxies out.'
        : `Listening on ${host} lets others reach your library. Give --koshelf-password-file as well, or leave --host out.`,
      { code: 'open_host' },
    );
  }
  // Not through the log: its lines are kept.
  terminal.write(
    `KoShelf password: ${await sessions.makePassword()}\nIt is shown this once; --koshelf-password-file sets another.\n`,
  );
}
