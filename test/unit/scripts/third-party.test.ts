import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../scripts/build-stamp.ts';
import { lockedPackages, thirdParty } from '../../../scripts/third-party.ts';

describe('the page of third parties', () => {
  it('is what npm run third-party writes', () => {
    const plain = (page: string) => page.replace(/[ -]+/g, ' ');
    expect(plain(readFileSync(join(root, 'THIRD-PARTY.md'), 'utf8'))).toBe(
      plain(thirdParty(lockedPackages())),
    );
  });

  it('names what is delivered, what is built into the pages too, and nothing that only builds or tests', () => {
    const page = thirdParty(lockedPackages());
    expect(page).toContain('| better-sqlite3 13');
    expect(page).toContain('| react-dom 19');
    expect(page).not.toContain('| vitest ');
  });

  it('is not made while the terms of a package are unknown', () => {
    expect(() => thirdParty({ 'node_modules/odd': { version: '1.0.0' } })).toThrow('does not say its terms');
  });
});
