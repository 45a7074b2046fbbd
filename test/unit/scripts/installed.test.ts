import { expect, it } from 'vitest';
import { differsFrom } from '../../../scripts/installed.mjs';

const wanted = {
  '': {},
  'node_modules/express': { version: '5.3.0', integrity: 'sha512-a' },
  'node_modules/keytar': { version: '7.9.0', integrity: 'sha512-b', optional: true },
};
const installed = { 'node_modules/express': { version: '5.3.0', integrity: 'sha512-a' } };

it('finds nothing to install when all that is needed is there, optional packages or not', () => {
  expect(differsFrom(installed, wanted)).toBeUndefined();
});

it('names a package that is missing', () => {
  expect(differsFrom({}, wanted)).toBe('node_modules/express');
});

it('names a package of another version or another content', () => {
  const express = installed['node_modules/express'];
  const other = (change: object) => ({ 'node_modules/express': { ...express, ...change } });
  expect(differsFrom(other({ version: '5.2.0' }), wanted)).toBe('node_modules/express');
  expect(differsFrom(other({ integrity: 'sha512-c' }), wanted)).toBe('node_modules/express');
});

it('names an optional package that is there in another version', () => {
  const stale = { ...installed, 'node_modules/keytar': { version: '7.8.0', integrity: 'sha512-b' } };
  expect(differsFrom(stale, wanted)).toBe('node_modules/keytar');
});

it('does not mind packages nobody asked for', () => {
  expect(differsFrom({ ...installed, 'node_modules/more': { version: '1.0.0' } }, wanted)).toBeUndefined();
});
