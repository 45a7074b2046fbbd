// Where links lead: --public-url when there is one, else where the client asked.
import { networkInterfaces, hostname } from 'node:os';
import { isIP } from 'node:net';
import type { Request } from 'express';
import { hostNameOf, isLoopback, isPrivate, localAddress, ownAddress } from './addresses.ts';

/** Says where links lead that are made for the sender of a request: scheme, name and port, without a slash at the end. */
export type LinkBase = (req: Request) => string;

/** Returns the base of links the client itself follows: whatever name it asked under works for it. */
export const linksForAsker =
  (publicUrl: string | undefined): LinkBase =>
  (req) =>
    publicUrl ?? ownAddress(req);

/**
 * Returns the base of links that are handed to somebody else, as in a letter. A stranger may write any name into a request, and
 * the letter would carry its code there: the name counts only when it can be nobody else's than this house's.
 */
export const linksForOthers =
  (publicUrl: string | undefined): LinkBase =>
  (req) =>
    publicUrl ?? (isOfTheHouse(req) ? ownAddress(req) : localAddress(req));

/** Returns the base of links the owner gives to somebody: where the server is found from elsewhere in the house. */
export const linksForGuests =
  ({ publicUrl, host }: { publicUrl?: string | undefined; host: string }): LinkBase =>
  ({ socket, secure }) => {
    const name = host === '0.0.0.0' || host === '::' ? (houseAddress() ?? '127.0.0.1') : host;
    return (
      publicUrl ??
      `${secure ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${socket.localPort ?? 0}`
    );
  };

const houseAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family, address }) => !internal && family === 'IPv4' && isPrivate(address))?.address;

/** Endings that no one can register (RFC 6761, 6762, 8375; ICANN's .internal), or that only a router gives. */
const OF_THE_HOUSE = /^[^.:]+(\.(local|localhost|home\.arpa|internal|lan))?$/;

function isOfTheHouse(req: Request): boolean {
  const name = hostNameOf(req.host);
  if (isIP(name) !== 0 && ownAddresses().has(name)) return true;
  const asker = req.ip ?? '';
  if (!isLoopback(asker) && !isPrivate(asker)) return false;
  if (isIP(name) !== 0) return isLoopback(name) || isPrivate(name);
  return name === hostname().toLowerCase() || OF_THE_HOUSE.test(name);
}

const ownAddresses = (): Set<string> =>
  new Set(
    Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).map(({ address }) => address.toLowerCase()),
    ),
  );
