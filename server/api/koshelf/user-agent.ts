// Names the browser and the system of a User-Agent header, for the list of sessions.
import Bowser from 'bowser';

/** Header fields may be kilobytes; every browser names itself long before. */
const READ_CHARS = 512;
const BROWSERS = new Set<string>(Object.values(Bowser.BROWSER_MAP));

/** Returns the browser with its major version and the system, in KoShelf's words (koshelf.md "The lock") for those it cannot tell. */
export function describeUserAgent(userAgent: string | null): { browser: string; os: string } {
  const given = userAgent?.slice(0, READ_CHARS).trim() ?? '';
  if (given === '') return { browser: UNKNOWN_BROWSER, os: UNKNOWN_OS };
  const { browser, os } = Bowser.parse(given);
  return { browser: browserOf(browser.name, browser.version), os: os.name ?? UNKNOWN_OS };
}

const UNKNOWN_BROWSER = 'Unknown browser';
const UNKNOWN_OS = 'Unknown OS';

/** For an agent it does not know bowser repeats what stands before the first slash: that is no browser. */
function browserOf(name: string | undefined, version: string | undefined): string {
  const major = /^\d{1,6}/.exec(version ?? '')?.[0];
  if (name === undefined || !BROWSERS.has(name) || major === undefined) return UNKNOWN_BROWSER;
  return `${name === 'Microsoft Edge' ? 'Edge' : name} ${major}`;
}
