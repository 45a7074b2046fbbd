// How the server is reached: its address, its port, who else may ask, and how its connections end.
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo, BlockList, Socket } from 'node:net';
import { AppError } from './base/errors.ts';
import { isListed, isLoopback, neighbourhoodOf } from './http/addresses.ts';
import { networksOf } from './http/forwarded.ts';
import type { ServerOptions } from './config/options.ts';
import { errorCode } from './base/error-code.ts';

/** Node's own bound lies above that of uploads; `http/patience.ts` ends everything else sooner. */
const REQUEST_MS = 7 * 60 * 60 * 1000;
/** A connection that says nothing, or only half of its first lines. */
const HEADERS_MS = 30_000;
const LOOK_AT_CONNECTIONS_MS = 5_000;
const LOOPBACK = '127.0.0.1';

export type Listening = {
  /** The address for links in answers, without a slash at the end. */
  origin: () => string;
  /** The address at this computer, where alone the desk opens. */
  localOrigin: () => string;
  /** Hands requests to the application; those that come sooner are asked to come back. */
  serve(application: RequestListener): void;
  /** Stops accepting, ends streams that never end by themselves, gives answers under way a moment. */
  close(): Promise<void>;
};

/** Returns whether others than this computer may ask: over the network, or through a proxy. */
export const isReachable = ({ host, trustedProxies }: ServerOptions) =>
  !isLoopbackHost(host) || trustedProxies.length > 0;

/** Returns whether only this computer can be meant by the host. */
export const isLoopbackHost = (host: string) => host === 'localhost' || isLoopback(host);

/** Returns whether the host stands for every address of this computer. */
export const isEveryAddress = (host: string) => host === '0.0.0.0' || host === '::';

/**
 * Listens on the host, and at this computer's own address when the host is another one of it.
 * Throws unavailable with a sentence when the port or the address cannot be had.
 */
export async function startListening({ host, port, trustedProxies }: ServerOptions): Promise<Listening> {
  const mayConnect = countConnections(networksOf(trustedProxies));
  const servers: Server[] = [];
  let stops: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    const closing = stops;
    stops = [];
    await Promise.all(closing.map((stop) => stop()));
  };
  const open = async (at: string, on: number): Promise<number> => {
    const server = createServer(
      {
        requestTimeout: REQUEST_MS,
        headersTimeout: HEADERS_MS,
        connectionsCheckingInterval: LOOK_AT_CONNECTIONS_MS,
      },
      comeBackSoon,
    );
    server.on('connection', mayConnect);
    await listen(server, at, on);
    servers.push(server);
    stops.push(closeConnections(server));
    return (server.address() as AddressInfo).port;
  };
  const bound = await open(host, port);
  if (!isLoopbackHost(host) && !isEveryAddress(host)) {
    await open(LOOPBACK, bound).catch(async (error: unknown) => {
      await close();
      throw error;
    });
  }
  const local = isLoopbackHost(host) ? host : LOOPBACK;
  return {
    // Links in answers are for people at this computer when the server listens everywhere.
    origin: () => originOf(isEveryAddress(host) ? LOOPBACK : host, bound),
    localOrigin: () => originOf(local, bound),
    serve: (application) => {
      for (const server of servers) {
        server.off('request', comeBackSoon);
        server.on('request', application);
      }
    },
    close,
  };
}

/** More than browsers, apps and readers of one household keep open together. */
const MOST_CONNECTIONS = 128;

/** Ends connections of an address that has too many; trusted proxies speak for others and may have any number. */
function countConnections(trusted: BlockList): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const address = socket.remoteAddress ?? '';
    if (isListed(trusted, address)) return;
    const from = neighbourhoodOf(address);
    const count = (open.get(from) ?? 0) + 1;
    if (count > MOST_CONNECTIONS) {
      socket.destroy();
      return;
    }
    open.set(from, count);
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left === 0) open.delete(from);
      else open.set(from, left);
    });
  };
}

const originOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

const comeBackSoon: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '2' });
  res.end('Papyrus Shelf is starting. Try again in a moment.\n');
};

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    const code = errorCode(error) ?? '';
    const reasons: Record<string, string> = {
      EADDRINUSE: `Port ${port} is taken by another program. Close that one, or choose another port with --port.`,
      EACCES: `Port ${port} may not be used by this user. Choose one above 1023 with --port.`,
      EADDRNOTAVAIL: `This computer does not have the address ${host}.`,
      ENOTFOUND: `There is no address for the name ${host}.`,
    };
    throw new AppError('unavailable', reasons[code] ?? `The server cannot listen on ${host}:${port}.`, {
      code: 'listen',
      cause: error,
    });
  });
}

function closeConnections(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      const force = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 1_000);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      server.closeIdleConnections();
    });
}
