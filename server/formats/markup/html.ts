// Keeps the harmless part of the HTML that books bring as their description.
import sanitizeHtml from 'sanitize-html';
import { cutText } from '../text.ts';

/**
 * A description as HTML that is safe to show: paragraphs, headings, lists, quotations, emphasis and links; undefined
 * when no text is left. A text without markup whose markup was escaped is unescaped. At most 64 K characters are read.
 */
export const sanitizeDescription = (html: string | undefined): string | undefined => {
  if (html === undefined) return undefined;
  const text = cutText(html, maxLength);
  const raw = (markup.test(text) ? text : unescapeXml(text)).replace(unwanted, '');
  const clean = sanitizeHtml(raw, rules).replaceAll('<br />', '<br>').trim();
  return visible.test(clean.replace(/<[^>]*>/g, '')) ? clean : undefined;
};

const maxLength = 64 * 1024;

const markup = /<[a-z/!]/i;

const words = (list: string): string[] => list.split(' ');

// koshelf.md "Metadata of books", HTML: its tags, attributes and schemes.
const rules: sanitizeHtml.IOptions = {
  allowedTags: words('p br h1 h2 h3 h4 h5 h6 ul ol li strong em b i blockquote pre code div span a'),
  allowedAttributes: {
    '*': ['lang', 'title'],
    a: ['href', 'hreflang', 'rel'],
    blockquote: ['cite'],
    ol: ['start'],
  },
  allowedSchemes: words(
    'bitcoin ftp ftps geo http https im irc ircs magnet mailto mms mx news nntp openpgp4fpr sip sms smsto ssh tel url ' +
      'webcal wtai xmpp',
  ),
  allowedSchemesAppliedToAttributes: ['href', 'cite'],
  allowProtocolRelative: false,
  nestingLimit: 64,
  transformTags: {
    a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: 'noopener noreferrer' } }),
  },
};

// Controls other than tab and line ends, and the marks that turn text around beyond their own line (UAX #9).
const unwanted = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const visible = /[^\p{Cf}\s]/u;

const xmlCharacters = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The text with XML's entities as characters, or as it was when it has an entity XML does not know. */
const unescapeXml = (text: string): string => {
  if (!text.includes('&')) return text;
  let isKnown = true;
  const plain = text.replace(
    /&(?:#(\d{1,8})|#x([\da-f]{1,6})|(\w{1,32}));/gi,
    (entity: string, decimal?: string, hex?: string, name?: string) => {
      const character = name === undefined ? characterOf(decimal, hex) : xmlCharacters.get(name);
      isKnown &&= character !== undefined;
      return character ?? entity;
    },
  );
  return isKnown ? plain : text;
};

const characterOf = (decimal: string | undefined, hex: string | undefined): string | undefined => {
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : undefined;
};
