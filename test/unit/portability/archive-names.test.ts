import { describe, expect, it } from 'vitest';
import { createNames, safeName } from '../../../server/portability/archive-names.ts';

describe('a name in an archive', () => {
  it.each([
    ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['  . hidden. ', 'hidden'],
    ['CON', '_CON'],
    ['com1.txt', '_com1.txt'],
    ['cone', 'cone'],
    ['a\u202egpj.exe\u0000\n', 'agpj.exe'],
    ['half \ud800 of one', 'half \ufffd of one'],
    ['e\u0301', '\u00e9'],
    ['...', ''],
  ])('of %j is %j', (text, name) => {
    expect(safeName(text)).toBe(name);
  });

  it('is cut between characters where it is too long', () => {
    const name = safeName('😀'.repeat(100));
    expect([Buffer.byteLength(name), name.isWellFormed()]).toEqual([180, true]);
  });

  it('is each one once, whatever the system thinks of case and accents', () => {
    const nameOf = createNames(['manifest.json']);
    const names = [
      nameOf({ author: 'Ann', title: 'Sea' }, '.epub'),
      nameOf({ author: 'ann', title: 'SEA' }, '.epub'),
      nameOf({ author: 'Ann', title: 'Sea' }, '.epub'),
      nameOf({ author: undefined, title: 'manifest' }, '.json'),
      nameOf({ author: undefined, title: 'Ann - Sea.epub' }, '.json'),
      nameOf({ author: '', title: '///' }, '.pdf'),
      nameOf({ author: undefined, title: '...' }, '.pdf'),
    ];
    expect(names).toEqual([
      'Ann - Sea.epub', 'ann - SEA (2).epub', 'Ann - Sea (3).epub', 'manifest (2).json', 'Ann - Sea.epub (2).json', '___.pdf',
      'Untitled.pdf',
    ]); // prettier-ignore
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  });
});
