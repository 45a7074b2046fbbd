// One account with one of everything, for requests that need something to be about.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerOptions } from '../../../../server/config/options.ts';
import { makeEpub } from '../../../support/make-epub.ts';
import { startIdentityProvider } from '../../../support/identity-provider.ts';
import type { IdentityProvider } from '../../../support/identity-provider.ts';
import { OWNER, startTestServer } from '../../../support/server.ts';
import type { TestServer } from '../../../support/server.ts';
import { fresh, thingsOf } from './things.ts';
import type { Asking, Things } from './things.ts';

export type World = Things & {
  server: TestServer;
  /** The owner's header. */
  authorization: string;
  /** Signs up somebody else and returns how they ask. */
  somebody(): Promise<Asking & { email: string; refreshToken: string; authorization: string }>;
  /** What the last letter to this address would confirm with, from the desk: no mail server is set up. */
  letterToken(email: string): Promise<string>;
  /** In Google's place. */
  google: IdentityProvider;
  close(): Promise<void>;
};

export const PASSWORD = OWNER.password;
/** Where the server says it is found. */
export const PUBLIC_URL = 'https://books.example.org';

/** Starts a server whose owner has claimed it. */
export async function openWorld(options: Partial<ServerOptions> = {}): Promise<World> {
  const source = await startSource();
  const google = await startIdentityProvider(`${PUBLIC_URL}/api/v1/auth/oauth/google/callback`);
  const server = await startTestServer({
    options: {
      allowNetworks: ['127.0.0.1/32'],
      publicUrl: PUBLIC_URL,
      googleIssuer: google.issuer,
      googleClientId: google.clientId,
      googleClientSecret: google.clientSecret,
      ...options,
    },
    ports: { metadataSources: { openLibrary: source.url, googleBooks: source.url } },
    files: { 'found.epub': makeEpub({ title: 'Found', authors: ['Finder'] }) },
  });
  const token = await server.claim();
  // Strangers come too, as on a server whose owner lets everybody in for an hour.
  await server.desk('POST', '/people/open-hour', {});
  const askingWith = (bearer: string): Asking => ({
    call: (method, path, body) => server.papyrus(method, path, body, bearer),
    send: (path, asked) =>
      server.get(`/api/v1${path}`, {
        ...asked,
        headers: { authorization: `Bearer ${bearer}`, ...asked.headers },
      }),
  });
  const world: World = {
    ...thingsOf(askingWith(token)),
    server,
    authorization: `Bearer ${token}`,
    somebody: async () => {
      const email = `${fresh('reader').replace(' ', '')}@example.org`;
      const body = { ...OWNER, email, invitation: await server.invite() };
      const answer = await server.papyrus('POST', '/auth/register', body);
      if (answer.status !== 201) throw new Error(`signing up answered ${answer.status} ${answer.text}`);
      const { access_token, refresh_token } = answer.json() as Record<string, string>;
      return {
        email,
        ...askingWith(access_token!),
        refreshToken: refresh_token!,
        authorization: `Bearer ${access_token!}`,
      };
    },
    letterToken: async (email) => {
      const { letters } = (await server.desk('GET', '/letters')).json() as {
        letters: { letter_id: string; email: string }[];
      };
      const letter = letters.findLast((each) => each.email === email);
      const opened = await server.desk('POST', `/letters/${letter?.letter_id}/link`);
      return linkedToken((opened.json() as { url: string }).url);
    },
    google,
    close: async () => {
      await server.close();
      source.close();
      await google.close();
    },
  };
  return world;
}

const linkedToken = (url: string) => new URL(url).searchParams.get('token') ?? '';

/** A source of metadata that knows one book. */
async function startSource(): Promise<{ url: string; close(): void }> {
  const found = { docs: [{ title: 'Known', author_name: ['Ada'], isbn: ['9780441478125'] }] };
  const source = createServer((_req, res) => res.end(JSON.stringify(found)));
  await new Promise<void>((done) => source.listen(0, '127.0.0.1', done));
  const { port } = source.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => source.close() };
}
