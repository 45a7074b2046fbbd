import { describe, expect, it } from 'vitest';
import { askerOf, isNetwork, networksOf } from '../../../server/http/forwarded.ts';
import type { Forwarded } from '../../../server/http/forwarded.ts';

const TRUSTED = ['10.0.0.0/8', '127.0.0.1/32', '2001:db8:1::/48'];
const asker = (given: Partial<Forwarded>, trusted = TRUSTED) =>
  askerOf(
    {
      peer: '10.0.0.1',
      isEncrypted: false,
      forwarded: undefined,
      xForwardedFor: undefined,
      xForwardedProto: undefined,
      ...given,
    },
    networksOf(trusted),
  );
const ipOf = (given: Partial<Forwarded>) => asker(given).ip;

describe('a range of addresses', () => {
  it.each(['10.0.0.0/8', '192.0.2.7/32', '0.0.0.0/0', 'fc00::/7', '::1/128', '::/0'])('may be %s', (text) => {
    expect(isNetwork(text)).toBe(true);
  });
  it.each([
    '',
    '10.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0/8',
    '::1',
    '::1/129',
    'nas/8',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    'fe80::1%eth0/64',
  ])(
    'is not %s', // prettier-ignore
    (text) => {
      expect(isNetwork(text)).toBe(false);
    },
  );
});

describe('who asks', () => {
  it('is the peer when there are no headers', () => {
    expect(asker({ peer: '198.51.100.1' })).toEqual({ ip: '198.51.100.1', isHttps: false, host: '' });
    expect(asker({})).toEqual({ ip: '10.0.0.1', isHttps: false, host: '' });
    expect(asker({ peer: '::ffff:192.0.2.1', isEncrypted: true })).toEqual({
      ip: '192.0.2.1',
      isHttps: true,
      host: '',
    });
    expect(asker({ peer: '' })).toEqual({ ip: '', isHttps: false, host: '' });
  });

  it('is the peer whatever it says when nobody trusts it', () => {
    const said = {
      forwarded: 'for=203.0.113.9;proto=https',
      xForwardedFor: '203.0.113.9',
      xForwardedProto: 'https',
    };
    expect(asker({ peer: '192.0.2.1', ...said })).toEqual({ ip: '192.0.2.1', isHttps: false, host: '' });
    expect(asker(said, [])).toEqual({ ip: '10.0.0.1', isHttps: false, host: '' });
  });

  it('is the right-most address that is not trusted', () => {
    expect(asker({ xForwardedFor: '198.51.100.42, 10.2.3.4', xForwardedProto: 'https' })).toEqual({
      ip: '198.51.100.42',
      isHttps: true,
      host: '',
    });
    expect(ipOf({ xForwardedFor: '203.0.113.66, 198.51.100.42, 10.2.3.4' })).toBe('198.51.100.42');
    expect(ipOf({ peer: '::ffff:10.0.0.1', xForwardedFor: '::ffff:198.51.100.42' })).toBe('198.51.100.42');
    expect(ipOf({ peer: '2001:db8:1::5', xForwardedFor: '2001:DB8:2::1' })).toBe('2001:db8:2::1');
  });

  it('is the first of the chain when all of it is trusted', () => {
    expect(ipOf({ xForwardedFor: '10.9.9.9, 10.2.3.4' })).toBe('10.9.9.9');
  });

  it.each([
    ['for=198.51.100.42', '198.51.100.42'],
    ['For="198.51.100.42:4711";proto=https;by=10.0.0.1', '198.51.100.42'],
    ['for="[2001:db8:2::1]:4711"', '2001:db8:2::1'],
    ['for="[2001:db8:2::1]"', '2001:db8:2::1'],
    ['proto=https;for=203.0.113.66, for=198.51.100.42, for=10.2.3.4', '198.51.100.42'],
    ['for=unknown, for=198.51.100.42', '198.51.100.42'],
    ['host="a,for=203.0.113.66";for=198.51.100.42', '198.51.100.42'],
    ['for=_hidden, for=198.51.100.42', '10.0.0.1'],
    ['for=198.51.100.42:port', '10.0.0.1'],
    ['for="198.51.100.42', '10.0.0.1'],
  ])('is read from Forwarded: %s', (forwarded, ip) => {
    expect(ipOf({ forwarded })).toBe(ip);
  });

  it.each([
    ['198.51.100.42:4711', '198.51.100.42'],
    ['"198.51.100.42"', '198.51.100.42'],
    ['[2001:db8:2::1]:80', '2001:db8:2::1'],
    ['unknown, , 198.51.100.42', '198.51.100.42'],
    ['', '10.0.0.1'],
    ['198.51.100.42, nonsense', '10.0.0.1'],
    ['198.51.100.256', '10.0.0.1'],
  ])('is read from X-Forwarded-For: %s', (xForwardedFor, ip) => {
    expect(ipOf({ xForwardedFor })).toBe(ip);
  });

  it('is told by Forwarded before X-Forwarded-For', () => {
    expect(ipOf({ forwarded: 'for=198.51.100.42', xForwardedFor: '203.0.113.66' })).toBe('198.51.100.42');
    expect(ipOf({ forwarded: 'proto=https', xForwardedFor: '203.0.113.66' })).toBe('203.0.113.66');
  });

  it.each([
    [{ forwarded: 'for=198.51.100.42;proto=https' }, true],
    [{ forwarded: 'proto=http, proto=https' }, false],
    [{ forwarded: 'proto=http', xForwardedProto: 'https' }, false],
    [{ forwarded: 'for=198.51.100.42', xForwardedProto: 'HTTPS' }, true],
    [{ xForwardedProto: 'https, http' }, true],
    [{ xForwardedProto: 'http, https' }, false],
    [{ xForwardedProto: 'wss' }, false],
    [{ xForwardedProto: 'https', xForwardedFor: 'nonsense' }, false],
  ])('came by https or not: %j', (given, isHttps) => {
    expect(asker(given).isHttps).toBe(isHttps);
  });

  it.each([
    [{ host: 'a.example' }, 'a.example'],
    [{ host: 'a.example', xForwardedHost: 'b.example' }, 'b.example'],
    [{ host: 'a.example', xForwardedHost: 'b.example, c.example' }, 'b.example'],
    [
      {
        host: 'a.example',
        forwarded: 'for=198.51.100.42;host="b.example:8443"',
        xForwardedHost: 'c.example',
      },
      'b.example:8443',
    ],
    [{ host: 'a.example', xForwardedHost: 'b.example', xForwardedFor: 'nonsense' }, 'a.example'],
    [{ host: 'a.example', xForwardedHost: 'b.example', peer: '198.51.100.1' }, 'a.example'],
    [{ host: 'a.example', xForwardedHost: ' ' }, 'a.example'],
  ])('asked under a name: %j', (given, host) => {
    expect(asker(given).host).toBe(host);
  });

  it('is found at once in headers as long as they may be', () => {
    const started = performance.now();
    for (const forwarded of [
      'a'.repeat(16_000),
      'for="'.repeat(3_000),
      'for=1,'.repeat(2_500),
      '\\'.repeat(16_000),
    ])
      expect(ipOf({ forwarded })).toBe('10.0.0.1');
    expect(performance.now() - started).toBeLessThan(500);
  });
});
