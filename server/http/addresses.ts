// Which addresses are this computer, which are in the house, and by which one a request came.
import { BlockList, isIP } from 'node:net';
import type { Request } from 'express';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
const house = new BlockList();
for (const [net, bits] of [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['169.254.0.0', 16]] as const) {
  house.addSubnet(net, bits, 'ipv4');
} // prettier-ignore
house.addSubnet('fc00::', 7, 'ipv6');
house.addSubnet('fe80::', 10, 'ipv6');

/** Whether the address is in one of the list's ranges; IPv4 inside IPv6 counts. */
export const isListed = (list: BlockList, address: string): boolean => {
  const kind = isIP(address);
  return kind !== 0 && list.check(address.replace(/%.*$/, ''), kind === 6 ? 'ipv6' : 'ipv4');
};

/** Whether the address is this computer's own; IPv4 inside IPv6 counts. */
export const isLoopback = (address: string): boolean => isListed(loopback, address);

/** Whether the address is private or link-local (RFC 1918, 3927, 4193, 4291). */
export const isPrivate = (address: string): boolean => isListed(house, address);

/**
 * Returns what limits are kept for: an IPv4 address, or the /64 of an IPv6 one, which is the least a household has
 * (RFC 6177) and whose addresses are all its own.
 */
export function neighbourhoodOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.split('::');
  const first = head.split(':').filter(Boolean);
  const last = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** The host name of a Host header without port and brackets, lower-cased. */
export const hostNameOf = (host: string | undefined): string =>
  (host ?? '')
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');

/** Whether a Host header names this computer itself. */
export const namesLoopback = (host: string | undefined): boolean => {
  const name = hostNameOf(host);
  return name === 'localhost' || isLoopback(name);
};

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:\d{1,5})?$/i;

/** The scheme, name and port a request came by, as its client sees them; without a slash at the end. */
export const ownAddress = (req: Request): string =>
  HOST.test(req.host) ? `${req.secure ? 'https' : 'http'}://${req.host}` : localAddress(req);

/** The address and the port of this end of the connection, whatever name it was asked under. */
export function localAddress({ socket, secure }: Request): string {
  const address = (socket.localAddress ?? '127.0.0.1').replace(/^::ffff:(?=[\d.]+$)/i, '');
  return `${secure ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${socket.localPort ?? 0}`;
}
