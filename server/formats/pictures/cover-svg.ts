// Decides which SVG images may be drawn: a drawing cannot be stopped half way, so it must be cheap before it starts.

/**
 * True for an SVG of shapes, text, gradients and embedded raster images only, in UTF-8 or a subset of it. Whatever
 * multiplies work out of few bytes (references, filters, masks, patterns, entities, nested SVG) makes it false.
 */
export const isPlainSvg = (image: Uint8Array): boolean => {
  if (image.length > maxBytes) return false;
  const text = Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('latin1');
  const encoding = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)/.exec(text)?.[1];
  if (encoding !== undefined && !/^(?:utf-?8|us-ascii|iso-8859-1)$/i.test(encoding)) return false;
  if (costly.test(text)) return false;
  return countTags(text) <= maxTags;
};

const maxBytes = 1024 * 1024;
const maxTags = 4000;

// An element name may carry any prefix; `filter` also works as an attribute and as a CSS property.
const costly =
  /<[^\s<>/!?]*(?:use|filter|mask|pattern|marker)[\s/>]|\bfilter\s*[:=]|<!ENTITY|data:image\/svg|\\/i;

const countTags = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('<'); at !== -1 && count <= maxTags; at = text.indexOf('<', at + 1)) count++;
  return count;
};
