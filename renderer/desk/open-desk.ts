// How a page becomes a signed-in desk: the link's token is exchanged once, the tray app can give a fresh one.
import type { Status } from '../../server/api/desk/schemas.ts';
import { api, ApiError, isSignedOut } from '../shared/api.ts';
import { desktop } from '../shared/desktop.ts';

let linkToken = new URLSearchParams(window.location.search).get('token');
let linkRefused = false;

/** Whether this page was opened by a link the server would not take. */
export const wasLinkRefused = (): boolean => linkRefused;

/**
 * The server's status, after the token of the page's address (if any) was exchanged for a session; null when this
 * browser has no session.
 */
export async function openDesk(signal?: AbortSignal): Promise<Status | null> {
  await exchangeLinkToken();
  const status = await statusIfSignedIn(signal);
  if (status !== null || desktop.deskToken === undefined) return status;
  await api.signIn(await desktop.deskToken());
  return await statusIfSignedIn(signal);
}

async function statusIfSignedIn(signal?: AbortSignal): Promise<Status | null> {
  try {
    return await api.status(signal);
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

async function exchangeLinkToken(): Promise<void> {
  if (linkToken === null) return;
  const token = linkToken;
  try {
    await api.signIn(token);
  } catch (error) {
    // Silence is no verdict: the token stays good for the next try.
    if (!(error instanceof ApiError)) throw error;
    linkRefused = true;
  }
  linkToken = null;
  // A token in the address bar would end up in the history and in bookmarks.
  window.history.replaceState(null, '', window.location.pathname);
}
