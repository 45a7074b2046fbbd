// The lines in which the terminal says where the server is: last of all, and how to come there from elsewhere.
import { hostname, networkInterfaces, userInfo } from 'node:os';
import { isEveryAddress, isLoopbackHost } from '../listening.ts';
import type { ServerOptions } from '../config/options.ts';
import type { RunningServer } from '../server.ts';

/** Returns the lines, for a server that has just started. */
export function whereLines(
  server: Pick<RunningServer, 'url' | 'deskUrl'>,
  { host }: ServerOptions,
): string[] {
  return [
    `Desk: ${server.deskUrl}`,
    ...tunnelLines(server.deskUrl),
    ...networkLines(new URL(server.url).port, host),
    `KoShelf API: ${server.url}/api`,
    `Papyrus API: ${server.url}/api/v1`,
    `API page: ${server.url}/docs`,
  ];
}

/** Returns how the desk is opened from another computer, where this one has no screen; nothing where it has. */
export function tunnelLines(deskUrl: string, env: NodeJS.ProcessEnv = process.env): string[] {
  if (hasScreen(env)) return [];
  const { hostname: name, port } = new URL(deskUrl);
  return [
    'The desk opens on this computer only. From another one, run this there and open the link in its browser:',
    `  ssh -L ${port}:${name}:${port} ${userInfo().username}@${hostname()}`,
  ];
}

function hasScreen(env: NodeJS.ProcessEnv): boolean {
  if (env.SSH_CONNECTION) return false;
  return process.platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
}

function networkLines(port: string, host: string): string[] {
  if (!isEveryAddress(host)) {
    return isLoopbackHost(host)
      ? ['On the network: not reachable; --host 0.0.0.0 lets your other devices in']
      : [];
  }
  return networkAddresses(host === '0.0.0.0').map((address) => `On the network: http://${address}:${port}`);
}

/** Every address under which others in the network find this computer, IPv4 first; link-local ones need a zone and are left out. */
export function networkAddresses(ipv4Only: boolean, interfaces = networkInterfaces()): string[] {
  const all = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80:'));
  const of = (family: string) => all.filter((each) => each.family === family).map(({ address }) => address);
  return [
    ...of('IPv4').toSorted(),
    ...(ipv4Only
      ? []
      : of('IPv6')
          .toSorted()
          .map((address) => `[${address}]`)),
  ];
}
