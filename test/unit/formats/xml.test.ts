import { describe, expect, it } from 'vitest';
import {
  attribute,
  childElements,
  descendants,
  findChild,
  innerMarkup,
  parseXml,
  scanXml,
  textOf,
  type XmlElement,
} from '../../../server/formats/markup/xml.ts';
import { decodeXml } from '../../../server/formats/markup/xml-encoding.ts';

const parsed = (document: string | Uint8Array): XmlElement => {
  const root = parseXml(document);
  if (!root) throw new Error('There is no element.');
  return root;
};

const windows1251 = (text: string): Buffer =>
  Buffer.from(Array.from(text, (letter) => letter.charCodeAt(0) - (letter < '\u0080' ? 0 : 0x350)));

describe('one tag with very many attributes', () => {
  const crowd = `<a ${Array.from({ length: 2_000 }, (_, index) => `b${index}="c"`).join(' ')}/>`;

  it('is refused in a document that is looked into', () => {
    expect(() => parseXml(crowd)).toThrow('too many attributes');
    expect(() => parseXml(`<a>&broken${crowd}`)).toThrow('too many attributes');
  });

  it('is refused in a long document before it has been read whole', async () => {
    await expect(scanXml([Buffer.from(crowd)], {})).rejects.toThrow('too many attributes');
  });
});

describe('parseXml', () => {
  it('finds elements by local name and attributes with and without prefix', () => {
    const root = parsed('<o:a xmlns:o="u"><o:b o:role="aut" id="1">x</o:b><c/><b>y</b></o:a>');
    expect([root.local, root.prefix]).toEqual(['a', 'o']);
    expect(childElements(root, 'b').map(textOf)).toEqual(['x', 'y']);
    const b = findChild(root, 'b');
    expect(b && attribute(b.attributes, 'role')).toBe('aut');
    expect(b && attribute(b.attributes, 'id')).toBe('1');
    expect(findChild(root, 'd')).toBeUndefined();
  });

  it('gives text with CDATA and entities in document order', () => {
    expect(textOf(parsed('<a>x &amp; <b>y<![CDATA[<z>&amp;]]></b>&#x263a;&#65;</a>'))).toBe(
      'x & y<z>&amp;☺A',
    );
  });

  it('knows HTML entities and leaves unknown ones out', () => {
    expect(textOf(parsed('<a>x&nbsp;y&eacute;&mdash;&who;.</a>'))).toBe('x\u00a0yé—.');
  });

  it('never expands what a document type declares', () => {
    const laughs =
      '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;"><!ENTITY f SYSTEM "file:///etc/passwd">]>';
    expect(textOf(parsed(`${laughs}<a t="&m;">x&m;&f;y</a>`))).toBe('xy');
  });

  it('reads markup that is not well-formed as well as it can', () => {
    const root = parsed('<a><b>one<c>two</b>three & four</a>');
    expect(textOf(root)).toBe('onetwothree & four');
    expect(descendants(root, 'c').map(textOf)).toEqual(['two']);
    expect(textOf(parsed('<a x=1 x=2><b'))).toBe('');
  });

  it('gives nothing where there is no element', () => {
    expect(parseXml('')).toBeUndefined();
    expect(parseXml('just text')).toBeUndefined();
  });

  it('refuses documents with too many or too deep elements', () => {
    expect(() => parseXml('<a>'.repeat(100_000))).toThrow(expect.objectContaining({ reason: 'too_large' }));
    expect(() => parseXml(`<a>${'<b/>'.repeat(20)}</a>`, { maxElements: 20 })).toThrow(
      expect.objectContaining({ reason: 'too_large' }),
    );
    expect(childElements(parsed(`<a>${'<b/>'.repeat(20)}</a>`))).toHaveLength(20);
  });

  it('takes names of object properties for what they are', () => {
    const root = parsed('<a constructor="c" __proto__="p"><__proto__>x</__proto__></a>');
    expect(attribute(root.attributes, 'constructor')).toBe('c');
    expect(attribute(root.attributes, 'toString')).toBeUndefined();
    expect(findChild(root, '__proto__')?.content).toEqual(['x']);
  });
});

describe('innerMarkup', () => {
  it('is the text as it is when there are no elements', () => {
    expect(innerMarkup(parsed('<a>&lt;p&gt;x &amp; y&lt;/p&gt;</a>'))).toBe('<p>x & y</p>');
  });

  it('is elements with escaped text when there are some', () => {
    expect(innerMarkup(parsed('<a><p class="c">x &lt; y</p></a>'))).toBe('<p>x &lt; y</p>');
  });
});

describe('decodeXml', () => {
  it('follows the byte order mark', () => {
    expect(decodeXml(Buffer.from('\ufeff<a>ü</a>'))).toBe('<a>ü</a>');
    expect(decodeXml(Buffer.from('\ufeff<a>ü</a>', 'utf16le'))).toBe('<a>ü</a>');
    expect(decodeXml(Buffer.from('\ufeff<a>ü</a>', 'utf16le').swap16())).toBe('<a>ü</a>');
  });

  it('recognises UTF-16 without a mark', () => {
    expect(decodeXml(Buffer.from('<?xml version="1.0"?><a>ü</a>', 'utf16le'))).toContain('<a>ü</a>');
  });

  it('follows the declaration', () => {
    expect(decodeXml(windows1251('<?xml version="1.0" encoding="windows-1251"?><a>Книга</a>'))).toContain(
      'Книга',
    );
  });

  it('takes a document that is wrong about UTF-16, or names no known encoding, for UTF-8', () => {
    expect(decodeXml(Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a>ü</a>'))).toContain('<a>ü</a>');
    expect(decodeXml(Buffer.from('<?xml version="1.0" encoding="no-such"?><a>ü</a>'))).toContain('<a>ü</a>');
  });

  it('replaces bytes that are wrong among ones that are right', () => {
    const document = Buffer.concat([Buffer.from('<a>éü'), Buffer.from([0xff]), Buffer.from('</a>')]);
    expect(decodeXml(document)).toBe('<a>éü\ufffd</a>');
  });
});

describe('scanXml', () => {
  const inPieces = function* (bytes: Buffer, size: number): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };

  it('tells the same whatever the pieces are, in any encoding', async () => {
    const bytes = windows1251(
      '<?xml version="1.0" encoding="windows-1251"?><a k="&eacute;"><b>Книга&nbsp;&amp;</b></a>',
    );
    for (const size of [1, 3, 1000]) {
      let heard = '';
      await scanXml(inPieces(bytes, size), {
        onOpen: ({ local }, attributes) => {
          heard += `<${local}${attributes.get('k') ?? ''}>`;
        },
        onText: (text) => {
          heard += text;
        },
        onClose: ({ local }) => {
          heard += `</${local}>`;
        },
      });
      expect(heard).toBe('<aé><b>Книга\u00a0&</b></a>');
    }
  });

  it('stops when it is told to, without reading on', async () => {
    let pieces = 0;
    const endless = function* (): Generator<Buffer> {
      yield Buffer.from('<a><b>');
      for (;;) {
        pieces += 1;
        yield Buffer.from('<c>x</c>');
      }
    };
    const opened: string[] = [];
    await scanXml(endless(), {
      onOpen: ({ local }) => {
        opened.push(local);
        return opened.length === 5 ? 'stop' : undefined;
      },
    });
    expect(opened).toEqual(['a', 'b', 'c', 'c', 'c']);
    expect(pieces).toBeLessThan(1000);
  });

  it('passes on what the handler throws', async () => {
    const failing = scanXml([Buffer.from('<a/>')], {
      onOpen: () => {
        throw new RangeError('mine');
      },
    });
    await expect(failing).rejects.toThrow(RangeError);
  });

  it('refuses a document that is too deep', async () => {
    await expect(scanXml([Buffer.from('<a>'.repeat(1000))], {})).rejects.toMatchObject({
      reason: 'too_large',
    });
  });
});
