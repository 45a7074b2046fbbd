import { describe, expect, it } from 'vitest';
import { describeUserAgent } from '../../../../server/api/koshelf/user-agent.ts';

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) ${WEBKIT}`;
const IPAD = `Mozilla/5.0 (iPad; CPU OS 17_3 like Mac OS X) ${WEBKIT}`;

describe('a user agent', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0', 'Firefox 123', 'Linux'],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/121.0.0.0 Safari/537.36 Edg/121.0.2277.83`,
      'Edge 121',
      'Windows',
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${BLINK} Chrome/121.0.0.0 Safari/537.36`,
      'Chrome 121',
      'macOS',
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 14_3) ${WEBKIT} Version/17.3 Safari/605.1.15`,
      'Safari 17',
      'macOS',
    ],
    [
      `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${BLINK} Chrome/121.0.0.0 Mobile Safari/537.36`,
      'Chrome 121',
      'Android',
    ],
    [`${IPHONE} EdgiOS/146.0.3856.59 Version/18.0 Mobile/15E148 Safari/604.1`, 'Edge 146', 'iOS'],
    [`${IPHONE} CriOS/146.0.7680.40 Mobile/15E148 Safari/604.1`, 'Chrome 146', 'iOS'],
    [`${IPHONE} FxiOS/146.0 Mobile/15E148 Safari/605.1.15`, 'Firefox 146', 'iOS'],
    [`${IPAD} Version/17.3 Mobile/15E148 Safari/604.1`, 'Safari 17', 'iOS'],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/121.0.0.0 Safari/537.36 OPR/107.0.0.0`,
      'Opera 107',
      'Windows',
    ],
    ['curl/8.5.0', 'Unknown browser', 'Unknown OS'],
    ['<b>My reader</b>/1.0 (a device)', 'Unknown browser', 'Unknown OS'],
    ['Firefox', 'Unknown browser', 'Unknown OS'],
    ['', 'Unknown browser', 'Unknown OS'],
    [' ', 'Unknown browser', 'Unknown OS'],
    [null, 'Unknown browser', 'Unknown OS'],
  ])('%s is %s on %s', (userAgent, browser, os) => {
    expect(describeUserAgent(userAgent)).toEqual({ browser, os });
  });

  it('is read at once whatever its length', () => {
    const started = performance.now();
    for (const long of ['(', '/', 'Version/', '1.', 'a ']) describeUserAgent(long.repeat(16_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
