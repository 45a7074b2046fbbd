// How the server is reached: its address, its port, who else may ask, and how its connections end.
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AppError } from './base/errors.ts';
import { isLoopback } from './http/addresses.ts';
import type { ServerOptions } from './options.ts';

/** Returns whether others than this computer may ask: over the network, or through a proxy. */
export const isReachable = ({ host, trustedProxies }: ServerOptions) =>
  !isLoopbackHost(host) || trustedProxies.length > 0;

/** Returns whether only this computer can be meant by the host. */
export const isLoopbackHost = (host: string) => host === 'localhost' || isLoopback(host);

/** Returns the address for links in answers, without a slash at the end. */
export function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  // Links in answers are for people at this computer when the server listens everywhere.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Listens. Throws unavailable with a sentence when the port or the address cannot be had. */
export async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
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

/** Returns what stops accepting, ends streams that never end by themselves, gives answers under way a moment. */
export function closeConnections(server: Server): () => Promise<void> {
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
