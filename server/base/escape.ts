import { escapeUTF8 } from 'entities';

/** Returns the text as it may stand in an element or an attribute of XML or HTML: nothing in it is markup. */
export const escapeMarkup = (text: string): string => escapeUTF8(text);
