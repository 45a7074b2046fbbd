// Reads custom_metadata.lua, where KOReader keeps what a person changed about a book.
import { readDocProps } from './doc-props.ts';
import type { DocProps } from './doc-props.ts';
import { tableField } from './lua-fields.ts';
import { readLua } from './lua.ts';

/** Returns the properties the person set, and nothing that was left as the book has it. Throws UnreadableFile. */
export function readCustomMetadata(bytes: Buffer): DocProps {
  return readDocProps(tableField(readLua(bytes).table, 'custom_props'));
}

/** Returns a book's properties with the custom ones in their place, field by field. */
export function withCustomMetadata(props: DocProps, custom: DocProps): DocProps {
  const { authors, keywords, identifiers, ...rest } = custom;
  return {
    ...props,
    ...rest,
    authors: authors.length > 0 ? authors : props.authors,
    keywords: keywords.length > 0 ? keywords : props.keywords,
    identifiers: identifiers.length > 0 ? identifiers : props.identifiers,
  };
}
