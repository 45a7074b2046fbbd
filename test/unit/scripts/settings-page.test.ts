import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../scripts/build-stamp.ts';
import { settingsPage } from '../../../scripts/settings-page.ts';

it('the page of settings is what npm run settings-page writes', () => {
  const plain = (page: string) => page.replace(/[ -]+/g, ' ').replaceAll('| |', '||').replaceAll('| |', '||');
  expect(plain(readFileSync(join(root, 'docs', 'settings.md'), 'utf8'))).toBe(plain(settingsPage()));
});
