// Makes small FictionBook documents for tests.

export type Fb2Parts = {
  /** Markup inside title-info, publish-info and the first body. */
  titleInfo?: string;
  publishInfo?: string;
  body?: string;
  /** Markup behind the first body: further bodies and binaries. */
  rest?: string;
  encoding?: 'utf-8' | 'windows-1251' | 'utf-16le';
};

/** The bytes of a document in its encoding. Windows-1251 is written for ASCII and Russian letters without Ё. */
export const makeFb2 = ({
  titleInfo = '',
  publishInfo = '',
  body = '',
  rest = '',
  encoding = 'utf-8',
}: Fb2Parts): Buffer => {
  const text = `<?xml version="1.0" encoding="${encoding === 'utf-16le' ? 'utf-16' : encoding}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description>
<title-info>${titleInfo}</title-info>
<document-info><author><nickname>the scanner</nickname></author><date value="2001-01-01"/></document-info>
<publish-info>${publishInfo}</publish-info>
</description>
<body>${body}</body>${rest}
</FictionBook>`;
  if (encoding === 'utf-16le') return Buffer.from(`\ufeff${text}`, 'utf16le');
  if (encoding === 'utf-8') return Buffer.from(text);
  // Windows-1251 holds А to я at 0xC0 to 0xFF.
  return Buffer.from(Array.from(text, (letter) => toWindows1251(letter.charCodeAt(0))));
};

const toWindows1251 = (code: number): number => (code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : code);
