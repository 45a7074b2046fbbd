// The one way out: asks other servers for a person, and never one the person did not mean.
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { AppError, invalid, unavailable } from '../base/errors.ts';
import { version } from '../base/version.ts';
import { createAddressRule } from './addresses.ts';

export type OutboundRequest = {
  method?: 'GET' | 'HEAD';
  /** Are sent to the first server only, never to where it points. */
  headers?: Record<string, string>;
  /** Longest answer in bytes; the default is 5 MiB. */
  maxBytes?: number;
  /** Until the whole answer is there; the default is 10 seconds. */
  timeoutMs?: number;
  signal?: AbortSignal;
};
export type OutboundAnswer = {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  bytes: Buffer;
  /** Where it came from after redirects. */
  url: string;
};

/** Finds a name's addresses; tests put their own in place of the system's. */
export type Resolve = (
  name: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export type Outbound = ReturnType<typeof createOutbound>;

const MAX_BYTES = 5 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const REDIRECTS = 5;
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);
/** The code the address check fails with, to tell it from a network's own errors. */
const REFUSED = 'EADDRREFUSED';

/**
 * Returns the client. A name is looked up once, each of its addresses is checked, and the connection goes to a checked one:
 * a second answer of the name's server changes nothing (DNS rebinding). Redirects are checked like first requests.
 */
export function createOutbound({
  allowedNetworks,
  resolve = resolveBySystem,
}: {
  /** Ranges (CIDR) inside the house that may be asked all the same. */
  allowedNetworks: readonly string[];
  resolve?: Resolve;
}) {
  const mayAsk = createAddressRule(allowedNetworks);
  const lookup: LookupFunction = (name, options, done) => {
    resolve(name, (error, found) => {
      // Where there is no address, the system's resolver gives no list either.
      if (error !== null) return done(error, '');
      const { family } = options;
      const addresses = family === 4 || family === 6 ? found.filter((each) => each.family === family) : found;
      const [first] = addresses;
      if (first === undefined) done(failure('ENOTFOUND'), '');
      else if (!addresses.every(({ address }) => mayAsk(address))) done(failure(REFUSED), '');
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
  // One connection for each request: none is kept that was checked under another rule or name.
  const agent = new Agent({ connect: { lookup, timeout: TIMEOUT_MS }, pipelining: 0, keepAliveTimeout: 1 });

  return {
    /**
     * Returns what the address answers, whatever its status. Throws invalid for addresses that may not be asked, unavailable
     * when nothing answers in time, too_large for more than `maxBytes`.
     */
    async ask(address: string, asked: OutboundRequest = {}): Promise<OutboundAnswer> {
      const { method = 'GET', maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS } = asked;
      const limit = AbortSignal.timeout(timeoutMs);
      const signal = asked.signal === undefined ? limit : AbortSignal.any([limit, asked.signal]);
      const first = checked(address);
      let url = first;
      for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
        const headers = {
          'user-agent': `PapyrusShelf/${version}`,
          'accept-encoding': 'identity',
          ...(url.origin === first.origin && redirects === 0 ? asked.headers : {}),
        };
        try {
          const answer = await request(url, { method, headers, dispatcher: agent, signal });
          const location = one(answer.headers['location']);
          if (REDIRECT_STATUSES.has(answer.statusCode) && location !== undefined) {
            answer.body.on('error', () => {}).destroy();
            url = next(url, location);
            continue;
          }
          const encoding = one(answer.headers['content-encoding']);
          if (encoding !== undefined && encoding !== 'identity') {
            answer.body.on('error', () => {}).destroy();
            throw unavailable(`${url.hostname} answers in a packed form that was not asked for.`);
          }
          const bytes = await readAll(answer.body, maxBytes, url);
          return { status: answer.statusCode, headers: flat(answer.headers), bytes, url: url.href };
        } catch (error) {
          throw worded(error, url);
        }
      }
      throw unavailable(`${first.hostname} points from one address to the next without end.`);
    },

    close: (): Promise<void> => agent.destroy(),
  };

  function checked(address: string): URL {
    if (!URL.canParse(address)) throw invalid('This is no address of the web.');
    const url = new URL(address);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw invalid('Only addresses that begin with https:// or http:// can be asked.');
    if (url.username !== '' || url.password !== '')
      throw invalid('An address with a user name or password in it is not asked.');
    const port = url.port === '' ? 443 : Number(url.port);
    // Below 1024 other protocols listen: a request could speak to them by accident or on purpose.
    if (port < 1024 && port !== 80 && port !== 443) throw invalid(`Port ${port} is not one of the web.`);
    // The system is not asked for the address of an address: it is checked here.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayAsk(host)) throw houseAddress(url);
    return url;
  }

  function next(from: URL, location: string): URL {
    if (!URL.canParse(location, from.href))
      throw unavailable(`${from.hostname} points to something that is no address.`);
    const to = new URL(location, from);
    if (from.protocol === 'https:' && to.protocol !== 'https:')
      throw unavailable(`${from.hostname} points from a protected address to an open one.`);
    return checked(to.href);
  }
}

const resolveBySystem: Resolve = (name, done) => systemLookup(name, { all: true }, done);

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

async function readAll(body: AsyncIterable<Buffer>, maxBytes: number, url: URL): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes)
      throw new AppError('too_large', `${url.hostname} answers with more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const houseAddress = (url: URL, cause?: unknown) =>
  invalid(
    `${url.hostname} is an address inside this network. Allow it with --allow-networks if you mean it.`,
    { code: 'private_address', cause },
  );

function worded(error: unknown, url: URL): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  if (code === REFUSED) return houseAddress(url, error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return unavailable(`There is no server by the name ${url.hostname}.`, { cause: error });
  if (error instanceof Error && (error.name === 'TimeoutError' || code?.endsWith('_TIMEOUT') === true))
    return unavailable(`${url.hostname} did not answer in time.`, { cause: error });
  if (error instanceof Error && error.name === 'AbortError') return error;
  return unavailable(`${url.hostname} did not answer.`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
