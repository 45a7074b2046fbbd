// The text of (X)HTML as a reader sees it: blocks on lines of their own, no heads, scripts and styles.
import { cleanText } from '../text.ts';
import type { XmlHandler } from '../markup/xml.ts';

export type TextPart = {
  /** The heading it begins with, when it has one. */
  title?: string;
  text: string;
};

const BLOCKS = new Set('address article aside blockquote body br caption center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section subtitle table td th title tr ul v stanza empty-line'.split(' ')); // prettier-ignore
const HIDDEN = new Set('head script style svg math binary description'.split(' '));
const HEADINGS = new Set('h1 h2 h3 title'.split(' '));
const maxTitleLength = 300;

/**
 * Collects text; elements `opens` says yes to begin a new part. What comes before the first of them is a part too; parts
 * without text are left out. Stops taking text after `maxLength` characters.
 */
export const createTextReader = (
  opens: (local: string) => boolean,
  maxLength: number,
): XmlHandler & { parts(): TextPart[] } => {
  const parts: TextPart[] = [];
  let pieces: string[] = [];
  let length = 0;
  let hidden = 0;
  let heading: { local: string; text: string } | undefined;
  let title: string | undefined;

  const end = (): void => {
    const text = pieces
      .join('')
      .replace(/[^\S\n]+/g, ' ')
      .replace(/ ?\n[ \n]*/g, '\n')
      .trim();
    if (text !== '') parts.push({ ...(title === undefined ? {} : { title }), text });
    pieces = [];
    title = undefined;
  };
  return {
    onOpen: ({ local: name }) => {
      const local = name.toLowerCase();
      if (HIDDEN.has(local)) hidden += 1;
      if (hidden > 0) return;
      if (opens(local)) end();
      if (BLOCKS.has(local)) pieces.push('\n');
      if (HEADINGS.has(local) && title === undefined) heading ??= { local, text: '' };
      else if (heading !== undefined) heading.text += ' ';
    },
    onText: (text) => {
      if (hidden > 0) return;
      if (heading !== undefined && heading.text.length < maxTitleLength) heading.text += text;
      length += text.length;
      if (length > maxLength) return 'stop';
      pieces.push(text.replace(/\s+/g, ' '));
    },
    onClose: ({ local: name }) => {
      const local = name.toLowerCase();
      if (HIDDEN.has(local)) {
        hidden = Math.max(0, hidden - 1);
        return;
      }
      if (heading?.local === local) {
        title = cleanText(heading.text, maxTitleLength);
        heading = undefined;
      }
      if (BLOCKS.has(local)) pieces.push('\n');
    },
    parts: () => {
      end();
      return parts;
    },
  };
};
