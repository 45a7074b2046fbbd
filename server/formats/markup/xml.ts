// Reads XML of any quality: a small tree for documents that are looked into, events for those that are long.
import { Parser } from 'htmlparser2';
import { SaxesParser } from 'saxes';
import { UnreadableFile } from '../book.ts';
import type { Decoder } from '../encoding.ts';
import { decodeXml, xmlDecoder } from './xml-encoding.ts';
import { entityBorder, replaceEntities } from './xml-entities.ts';

export type XmlName = { local: string; prefix: string };

/** Attribute values by their name as written, prefix included. */
export type XmlAttributes = ReadonlyMap<string, string>;

export type XmlElement = XmlName & {
  attributes: XmlAttributes;
  /** Elements and text in document order; CDATA is text. */
  content: readonly (XmlElement | string)[];
};

export type XmlLimits = { maxElements: number; maxDepth: number };

/** Called for what is found, in document order. Answering 'stop' ends the reading. */
export type XmlHandler = {
  onOpen?(name: XmlName, attributes: XmlAttributes): 'stop' | void;
  /** A piece of text; one text may come in several pieces. CDATA is text. */
  onText?(text: string): 'stop' | void;
  onClose?(name: XmlName): 'stop' | void;
};

/**
 * The root element of a document, read strictly, else as well as it can be; undefined when there is no element. Nothing
 * a document type declares is used. Throws UnreadableFile too_large above the limits.
 */
export const parseXml = (
  document: Uint8Array | string,
  limits: Partial<XmlLimits> = {},
): XmlElement | undefined => {
  const allowed = { ...defaultLimits, ...limits };
  const text = replaceEntities(typeof document === 'string' ? document : decodeXml(document));
  try {
    return parseStrictly(text, allowed);
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const tree = createTree(allowed);
    const parser = tolerantParser(tree);
    parser.write(text);
    parser.end();
    return tree.root();
  }
};

/**
 * Reads a long document piece by piece, tolerantly, in the encoding it declares, and tells the handler what it finds.
 * Holds no more than one piece and one tag in memory. Throws UnreadableFile too_large above the limits.
 */
export const scanXml = async (
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  handler: XmlHandler,
  limits: Partial<XmlLimits> = {},
): Promise<void> => {
  const parser = tolerantParser(withinLimits(handler, { ...defaultLimits, ...limits }));
  let decoder: Decoder | undefined;
  let carried = '';
  try {
    for await (const chunk of withWholeHead(chunks)) {
      decoder ??= xmlDecoder(chunk);
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        const text = carried + decoder.decode(chunk.subarray(at, at + pieceBytes), { stream: true });
        const border = entityBorder(text);
        carried = text.slice(border);
        parser.write(replaceEntities(text.slice(0, border)));
      }
    }
    parser.write(replaceEntities(carried + (decoder?.decode() ?? '')));
    parser.end();
  } catch (error) {
    if (error !== stopped) throw error;
  }
};

/** The child elements, of one local name if it is given, in order. */
export const childElements = (element: XmlElement, local?: string): XmlElement[] =>
  element.content.filter(
    (node): node is XmlElement => typeof node !== 'string' && (local === undefined || node.local === local),
  );

/** The first child element of a local name. */
export const findChild = (element: XmlElement, local: string): XmlElement | undefined =>
  element.content.find((node): node is XmlElement => typeof node !== 'string' && node.local === local);

/** The elements of a local name inside this one at any depth, in document order. */
export const descendants = (element: XmlElement, local: string): XmlElement[] => {
  const found: XmlElement[] = [];
  const visit = (inside: XmlElement): void => {
    for (const node of inside.content) {
      if (typeof node === 'string') continue;
      if (node.local === local) found.push(node);
      visit(node);
    }
  };
  visit(element);
  return found;
};

/** An attribute by its local name; one without a prefix goes first. */
export const attribute = (attributes: XmlAttributes, local: string): string | undefined => {
  const plain = attributes.get(local);
  if (plain !== undefined) return plain;
  for (const [name, value] of attributes) if (name.endsWith(`:${local}`)) return value;
  return undefined;
};

/** All text inside an element, at any depth, untrimmed. */
export const textOf = (element: XmlElement): string => {
  let text = '';
  for (const node of element.content) text += typeof node === 'string' ? node : textOf(node);
  return text;
};

/** What is inside an element as markup: its text as it is when it has no elements, else elements without attributes. */
export const innerMarkup = (element: XmlElement): string =>
  element.content.some((node) => typeof node !== 'string')
    ? element.content.map(markupOf).join('')
    : textOf(element);

const markupOf = (node: XmlElement | string): string =>
  typeof node === 'string'
    ? node.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    : `<${node.local}>${node.content.map(markupOf).join('')}</${node.local}>`;

const defaultLimits: XmlLimits = { maxElements: 250_000, maxDepth: 256 };

/** The same bytes, the first piece long enough to tell the encoding from. */
async function* withWholeHead(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
    } else {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < headBytes) continue;
      yield head;
      head = undefined;
    }
  }
  if (head !== undefined) yield head;
}

const headBytes = 1024;

const noAttributes: XmlAttributes = new Map();

const pieceBytes = 256 * 1024;

const stopped = new Error('stopped');

const nameOf = (qualified: string): XmlName => {
  const colon = qualified.indexOf(':');
  return colon === -1
    ? { local: qualified, prefix: '' }
    : { local: qualified.slice(colon + 1), prefix: qualified.slice(0, colon) };
};

type Tree = Required<XmlHandler> & { root(): XmlElement | undefined };

const createTree = (limits: XmlLimits): Tree => {
  let root: XmlElement | undefined;
  const open: (XmlElement & { content: (XmlElement | string)[] })[] = [];
  const counted = withinLimits({}, limits);
  return {
    onOpen(name, attributes) {
      counted.onOpen(name, attributes);
      const element = { ...name, attributes, content: [] };
      open.at(-1)?.content.push(element);
      if (open.length === 0) root ??= element;
      open.push(element);
    },
    onText(text) {
      open.at(-1)?.content.push(text);
    },
    onClose(name) {
      counted.onClose(name);
      open.pop();
    },
    root: () => root,
  };
};

const withinLimits = (handler: XmlHandler, limits: XmlLimits): Required<XmlHandler> => {
  let elements = 0;
  let depth = 0;
  const obey = (answer: 'stop' | void): void => {
    if (answer === 'stop') throw stopped;
  };
  return {
    onOpen(name, attributes) {
      elements += 1;
      depth += 1;
      if (elements > limits.maxElements || depth > limits.maxDepth) {
        throw new UnreadableFile('too_large', 'A part of the book has too many elements to read.');
      }
      obey(handler.onOpen?.(name, attributes));
    },
    onText: (text) => obey(handler.onText?.(text)),
    onClose(name) {
      depth -= 1;
      obey(handler.onClose?.(name));
    },
  };
};

/** Throws at the first thing that is not well-formed. */
const parseStrictly = (text: string, limits: XmlLimits): XmlElement | undefined => {
  const tree = createTree(limits);
  const parser = new SaxesParser({ position: false });
  let attributes = new Map<string, string>();
  // Announced one by one, attributes are read without enumerating an object per element.
  parser.on('attribute', ({ name, value }) => {
    refuseCrowd(attributes.size);
    attributes.set(name, value);
  });
  parser.on('opentag', ({ name }) => {
    tree.onOpen(nameOf(name), attributes.size === 0 ? noAttributes : attributes);
    if (attributes.size > 0) attributes = new Map();
  });
  parser.on('text', (piece) => {
    tree.onText(piece);
  });
  parser.on('cdata', (piece) => {
    tree.onText(piece);
  });
  parser.on('closetag', ({ name }) => {
    tree.onClose(nameOf(name));
  });
  parser.write(text).close();
  return tree.root();
};

const tolerantParser = (handler: Required<XmlHandler>): Parser => {
  let attributesSoFar = 0;
  return new Parser(
    {
      onattribute() {
        refuseCrowd(attributesSoFar++);
      },
      onopentag(name, attributes) {
        attributesSoFar = 0;
        handler.onOpen(nameOf(name), new Map(Object.entries(attributes)));
      },
      ontext(text) {
        handler.onText(text);
      },
      onclosetag(name) {
        handler.onClose(nameOf(name));
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
};

const maxAttributes = 1000;

/** A tag with millions of attributes would take minutes before it is ever seen whole. */
const refuseCrowd = (attributes: number): void => {
  if (attributes >= maxAttributes) {
    throw new UnreadableFile('too_large', 'A part of the book has too many attributes to read.');
  }
};
