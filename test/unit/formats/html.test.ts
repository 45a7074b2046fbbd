import { describe, expect, it } from 'vitest';
import { sanitizeDescription } from '../../../server/formats/markup/html.ts';

describe('sanitizeDescription', () => {
  it('keeps plain markup and drops scripts with their content', () => {
    expect(sanitizeDescription('<p>Hello <strong>world</strong></p><script>alert("x")</script>')).toBe(
      '<p>Hello <strong>world</strong></p>',
    );
  });

  it('keeps the text of tags it drops, and no comments', () => {
    expect(
      sanitizeDescription('<font color="red">red</font><!-- no --><table><tr><td>cell</td></tr></table>'),
    ).toBe('redcell');
  });

  it('unescapes markup that was escaped as a whole', () => {
    expect(sanitizeDescription('&lt;p&gt;Tom &amp;amp; Jerry&lt;/p&gt;')).toBe('<p>Tom &amp; Jerry</p>');
  });

  it('leaves escaped signs alone in a text that has markup', () => {
    expect(sanitizeDescription('<p>use &lt;b&gt; and &nbsp;x</p>')).toBe('<p>use &lt;b&gt; and \u00a0x</p>');
  });

  it('sanitises what unescaping brings to light', () => {
    expect(sanitizeDescription('&lt;svg/onload=alert(1)&gt;safe&lt;script&gt;x()&lt;/script&gt;')).toBe(
      'safe',
    );
  });

  it('keeps links to known places only, and marks them', () => {
    expect(sanitizeDescription('<a href="https://e.org/" onclick="x()" class="y" target="_top">a</a>')).toBe(
      '<a href="https://e.org/" rel="noopener noreferrer">a</a>',
    );
    expect(sanitizeDescription('<a href="JaVaScript:alert(1)">b</a>')).toBe(
      '<a rel="noopener noreferrer">b</a>',
    );
    expect(sanitizeDescription('<a href="java\u0000script&#58;alert(1)">c</a>')).toBe(
      '<a rel="noopener noreferrer">c</a>',
    );
    expect(sanitizeDescription('<a href="data:text/html,x">d</a>')).toBe(
      '<a rel="noopener noreferrer">d</a>',
    );
    expect(sanitizeDescription('<a href="chapter.html">e</a>')).toBe(
      '<a href="chapter.html" rel="noopener noreferrer">e</a>',
    );
  });

  it('keeps language, list start and citation, but no ids or styles', () => {
    expect(
      sanitizeDescription(
        '<ol start="3" id="i"><li lang="de" style="color:red">x</li></ol><blockquote cite="http://e.org">q</blockquote>',
      ),
    ).toBe('<ol start="3"><li lang="de">x</li></ol><blockquote cite="http://e.org">q</blockquote>');
  });

  it('writes line breaks as HTML does', () => {
    expect(sanitizeDescription('a<br/>b<br>c')).toBe('a<br>b<br>c');
  });

  it('gives nothing when no text is left', () => {
    expect(sanitizeDescription(' <p>&nbsp;</p><img src=x onerror=alert(1)> ')).toBeUndefined();
    expect(sanitizeDescription('')).toBeUndefined();
    expect(sanitizeDescription(undefined)).toBeUndefined();
  });

  it('removes controls and marks that turn text around', () => {
    expect(sanitizeDescription('a\u0007\u202eb\nc')).toBe('ab\nc');
  });

  it('bounds length and depth', () => {
    expect(sanitizeDescription('x'.repeat(1_000_000))).toHaveLength(65_536);
    expect(sanitizeDescription(`${'<div>'.repeat(10_000)}x`)?.length).toBeLessThan(1000);
  });
});
