// Who asks, when proxies stand in between: the address, the scheme and the name the trusted ones among them tell.
import { BlockList, isIP } from 'node:net';
import { isListed } from './addresses.ts';

export type Asker = {
  /** Of the client as far as it can be trusted; IPv4 inside IPv6 is written as IPv4. */
  ip: string;
  isHttps: boolean;
  /** The Host the client asked under; empty when nobody says. */
  host: string;
};

export type Forwarded = {
  /** The address at the other end of the connection. */
  peer: string;
  /** Whether that connection itself is encrypted. */
  isEncrypted: boolean;
  forwarded: string | undefined;
  xForwardedFor: string | undefined;
  xForwardedProto: string | undefined;
  host?: string | undefined;
  xForwardedHost?: string | undefined;
};

/** Whether the text is a range of addresses with its prefix length: 10.0.0.0/8, fc00::/7. */
export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

/** Returns the ranges as one list. Ranges that are none are left out. */
export function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const network = parseNetwork(text);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return list;
}

/**
 * Returns who asks (koshelf.md "The lock"): headers count only from a trusted peer; the client is the right-most
 * address that is not trusted; an address nobody can read makes all headers void.
 */
export function askerOf(given: Forwarded, trusted: BlockList): Asker {
  const peer = addressIn(given.peer) ?? given.peer;
  const direct = { ip: peer, isHttps: given.isEncrypted, host: given.host ?? '' };
  if (!isListed(trusted, peer)) return direct;
  const pairs = forwardedPairs(given.forwarded ?? '');
  const named = pairs.filter(({ name }) => name === 'for').map(({ value }) => value);
  const chain = (named.length > 0 ? named : (given.xForwardedFor ?? '').split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && entry.toLowerCase() !== 'unknown')
    .map(addressIn);
  if (!chain.every((address) => address !== undefined)) return direct;
  const firstOf = (name: string, header: string | undefined) =>
    (pairs.find((pair) => pair.name === name)?.value ?? header?.split(',')[0])?.trim() ?? '';
  return {
    ip: [...chain, peer].findLast((address) => !isListed(trusted, address)) ?? chain[0] ?? peer,
    isHttps: given.isEncrypted || firstOf('proto', given.xForwardedProto).toLowerCase() === 'https',
    host: firstOf('host', given.xForwardedHost) || direct.host,
  };
}

function parseNetwork(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', digits = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? [];
  const [kind, bits] = [isIP(address), Number(digits)];
  if (kind === 0 || bits > (kind === 4 ? 32 : 128)) return undefined;
  return { address, bits, family: kind === 4 ? 'ipv4' : 'ipv6' };
}

/** The pairs of a Forwarded header in order, names in lower case (RFC 7239 §4); commas in quotes separate nothing. */
const forwardedPairs = (header: string): { name: string; value: string }[] =>
  Array.from(
    header.matchAll(/([\w-]{1,32})=(?:"((?:[^"\\]|\\.)*)"|([^;,]*))/g),
    ([, name = '', quoted, bare = '']) => ({
      name: name.toLowerCase(),
      value: quoted?.replace(/\\(.)/g, '$1') ?? bare,
    }),
  );

/** The address of `ip`, `ip:port`, `[v6]` or `[v6]:port`, quoted or not; undefined for anything else. */
function addressIn(entry: string): string | undefined {
  const text = entry.replace(/^"(.*)"$/, '$1').trim();
  const address =
    /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const inner = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (inner !== undefined && isIP(inner) === 4) return inner;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}
