import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defaultOptions } from '../../../server/config/options.ts';
import { networkAddresses, tunnelLines, whereLines } from '../../../server/terminal/where.ts';

const address = (text: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo => {
  const rest = { address: text, internal, netmask: '', mac: '', cidr: null };
  return family === 'IPv4' ? { ...rest, family } : { ...rest, family, scopeid: 0 };
};
const interfaces = {
  lo: [address('127.0.0.1', 'IPv4', true), address('::1', 'IPv6', true)],
  eth0: [address('192.168.1.5', 'IPv4'), address('fe80::1', 'IPv6'), address('fd00::5', 'IPv6')],
  wlan0: [address('10.0.0.7', 'IPv4')],
};

describe('the addresses of this computer in the network', () => {
  it('are all but its own and those of one cable alone, IPv4 first', () => {
    expect(networkAddresses(false, interfaces)).toEqual(['10.0.0.7', '192.168.1.5', '[fd00::5]']);
  });

  it('are of IPv4 alone when the server listens on nothing else', () => {
    expect(networkAddresses(true, interfaces)).toEqual(['10.0.0.7', '192.168.1.5']);
  });
});

describe('the way to the desk from another computer', () => {
  const link = 'http://127.0.0.1:26260/desk/?token=x';

  it.runIf(process.platform === 'linux')('is told where there is no screen', () => {
    expect(tunnelLines(link, {}).at(-1)).toMatch(/^ {2}ssh -L 26260:127\.0\.0\.1:26260 \S+@\S+$/);
    expect(tunnelLines(link, { DISPLAY: ':0' })).toEqual([]);
    expect(tunnelLines(link, { WAYLAND_DISPLAY: 'wayland-0' })).toEqual([]);
  });

  it('is told to somebody who came by ssh', () => {
    expect(tunnelLines(link, { DISPLAY: 'localhost:10.0', SSH_CONNECTION: '1 2 3 4' })).toHaveLength(2);
  });
});

describe('what the terminal says of a server that has started', () => {
  const server = { url: 'http://127.0.0.1:26260', deskUrl: 'http://127.0.0.1:26260/desk/?token=x' };

  it('begins with the desk and says whether other devices can come in', () => {
    const lines = whereLines(server, defaultOptions());
    expect(lines[0]).toBe('Desk: http://127.0.0.1:26260/desk/?token=x');
    expect(lines).toContain('On the network: not reachable; --host 0.0.0.0 lets your other devices in');
    expect(lines.at(-1)).toBe('API page: http://127.0.0.1:26260/docs');
  });

  it('has every address when it listens on all of them', () => {
    const lines = whereLines(server, { ...defaultOptions(), host: '0.0.0.0' });
    expect(lines.filter((line) => line.startsWith('On the network: '))).toEqual(
      networkAddresses(true).map((each) => `On the network: http://${each}:26260`),
    );
  });
});
