// Parameters of an operation, as OpenAPI 3.0 describes them.
import { z } from 'zod';
import { tidied } from './openapi-schemas.ts';
import type { Json, Telling } from './openapi-schemas.ts';

/** Parameters are text on the way: they are described as what is read out of it, where that has a type of its own. */
export function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query', tell: Telling): Json[] {
  if (schema === undefined) return [];
  const described = (io: 'input' | 'output') =>
    z.toJSONSchema(schema, { target: 'openapi-3.0', io, unrepresentable: 'any' }) as {
      properties?: Record<string, Json>;
      required?: string[];
    };
  const { properties = {}, required = [] } = described('input');
  const read = described('output').properties ?? {};
  return Object.entries(properties).map(([name, sent]) => {
    const meant = read[name] ?? {};
    const isText = sent.type === 'string' || sent.anyOf !== undefined;
    const isReadAs = 'type' in meant && meant.type !== 'string' && isText;
    const { description, explode, ...property } = tidied(tell(isReadAs ? meant : sent) ?? {}, {
      schemas: {},
      tell,
    });
    if (explode === false) asList(property);
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      ...(explode === undefined ? {} : { style: 'form', explode }),
      schema: property,
    };
  });
}

/** What was said of the text with the commas is not true of the list. */
function asList(property: Json): void {
  for (const word of ['minLength', 'maxLength', 'pattern', 'allOf']) delete property[word];
  if (typeof property.default === 'string') property.default = property.default.split(',');
}

/** What a query value that is a list of words, with commas between them, says of itself: the words are checked elsewhere. */
export const listOfWords = (
  words: readonly string[],
  { least = 1, most }: { least?: number; most?: number } = {},
) => ({
  type: 'array' as const,
  items: { type: 'string', enum: [...words] },
  ...(least === 0 ? {} : { minItems: least }),
  ...(most === undefined ? {} : { maxItems: most }),
  explode: false,
});
