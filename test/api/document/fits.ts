// Whether a value is what a schema of an OpenAPI 3.0 document says, and values at its bounds and one step beyond them.

export type Schema = { readonly [key: string]: unknown };
export type Components = Record<string, Schema>;

/** Returns what is wrong with the value, in words; undefined when it fits. */
export function flawIn(
  schema: Schema,
  value: unknown,
  components: Components,
  at = 'it',
): string | undefined {
  const { $ref: reference, anyOf, oneOf, allOf } = schema;
  if (typeof reference === 'string')
    return flawIn(components[reference.split('/').at(-1)!]!, value, components, at);
  if (value === null && schema['nullable'] === true) return undefined;
  const some = (anyOf ?? oneOf) as Schema[] | undefined;
  if (some !== undefined && some.every((each) => flawIn(each, value, components, at) !== undefined))
    return `${at} is none of ${some.length}`;
  for (const each of (allOf ?? []) as Schema[]) {
    const flaw = flawIn(each, value, components, at);
    if (flaw !== undefined) return flaw;
  }
  const words = schema['enum'] as unknown[] | undefined;
  if (words !== undefined && !words.includes(value)) return `${at} is no word of the list: ${String(value)}`;
  const { type } = schema;
  if (type === 'object') return objectFlaw(schema, value, components, at);
  if (type === 'array') return listFlaw(schema, value, components, at);
  if (type === 'string') return textFlaw(schema, value, at);
  if (type === 'integer' || type === 'number') return numberFlaw(schema, value, at);
  if (type === 'boolean' && typeof value !== 'boolean') return `${at} is no boolean`;
  return undefined;
}

function objectFlaw(schema: Schema, value: unknown, components: Components, at: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`;
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  const given = value as Record<string, unknown>;
  for (const name of (schema['required'] ?? []) as string[])
    if (!(name in given)) return `${at}.${name} is missing`;
  for (const [name, inner] of Object.entries(given)) {
    const known = properties[name] ?? schema['additionalProperties'];
    if (known === false) return `${at}.${name} is not described`;
    const flaw = isSchema(known) ? flawIn(known, inner, components, `${at}.${name}`) : undefined;
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function listFlaw(schema: Schema, value: unknown, components: Components, at: string): string | undefined {
  if (!Array.isArray(value)) return `${at} is no list`;
  const { items, minItems = 0, maxItems = Infinity } = schema;
  if (value.length < Number(minItems) || value.length > Number(maxItems)) return `${at} has ${value.length}`;
  for (const [index, each] of value.entries()) {
    const flaw = isSchema(items) ? flawIn(items, each, components, `${at}[${index}]`) : undefined;
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

const FORMATS: Record<string, (text: string) => boolean> = {
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text),
  'date-time': (text) =>
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) && isDay(text.slice(0, 10)),
  uri: (text) => URL.canParse(text) && /^https?:/.test(text),
  email: (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text),
  'time-zone': (text) => text === '' || text === 'UTC' || /^[A-Z]\w+\/\w+$/.test(text),
};

function isDay(text: string): boolean {
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

function textFlaw(schema: Schema, value: unknown, at: string): string | undefined {
  if (typeof value !== 'string') return `${at} is no text`;
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  if (value.length < Number(minLength) || value.length > Number(maxLength))
    return `${at} has ${value.length} letters`;
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value))
    return `${at} is not like ${pattern}`;
  const isRight = typeof format === 'string' ? FORMATS[format] : undefined;
  return isRight !== undefined && !isRight(value) ? `${at} is no ${String(format)}: ${value}` : undefined;
}

function numberFlaw(schema: Schema, value: unknown, at: string): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `${at} is no number`;
  if (schema['type'] === 'integer' && !Number.isSafeInteger(value)) return `${at} is no whole number`;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return value < Number(minimum) || value > Number(maximum) ? `${at} is ${value}` : undefined;
}

const WORDS: readonly unknown[] = [
  'x', '', ' ', '1970-01-01T00:00:00Z', 'no-such-word', '0', '1', '-1', '1.5', 'true', 'yes', '2026-02-28', '2026-02-30', '2026-03', '2026-13', '2026',
  '0000', '2026-02-28T10:00:00Z', '2026-02-30T10:00:00Z', 'yesterday', '#FFEB3B', '#FFEB3', 'UTC', 'Mars/Olympus', 'all',
  '00000000-0000-4000-8000-000000000000', '0123456789abcdef0123456789abcdef', 'https://example.org/a', 'someone@example.org',
  'a\0b', 'é漢😀',
]; // prettier-ignore
const OTHERS: readonly unknown[] = [null, 5, -1.5, 1e300, true, [], ['x'], [5], {}, { x: 1 }];
/** Longer texts are no longer sent: a body has a bound of its own. */
const LONGEST = 600_000;

/** Returns values for a field: those at the bounds of its schema, those one step beyond, and words of every kind. */
export const valuesFor = (schema: Schema, components: Components): unknown[] => [
  ...edgesOf(schema, components),
  ...WORDS,
  ...OTHERS,
];

/** Returns some of these values: of those that fit, and of those that are wrong in the same way, three each. */
export function someOf(values: readonly unknown[], schema: Schema, components: Components): unknown[] {
  const kinds = Map.groupBy(values, (value) =>
    flawIn(schema, value, components)?.replace(/: .*|[\d.e+-]+/g, ''),
  );
  return [...kinds.values()].flatMap((alike) => [...new Set(alike)].slice(0, 3));
}

function edgesOf(schema: Schema, components: Components): unknown[] {
  const { $ref: reference } = schema;
  if (typeof reference === 'string') return edgesOf(components[reference.split('/').at(-1)!]!, components);
  const alternatives = ['anyOf', 'oneOf', 'allOf'].flatMap((word) => (schema[word] ?? []) as Schema[]);
  const edges: unknown[] = alternatives.flatMap((each) => edgesOf(each, components));
  const { minLength, maxLength, minimum, maximum, items, minItems, maxItems } = schema;
  if (Array.isArray(schema['enum'])) edges.push(...(schema['enum'] as unknown[]));
  for (const length of [minLength, maxLength])
    if (typeof length === 'number' && length < LONGEST)
      edges.push('x'.repeat(Math.max(0, length - 1)), 'x'.repeat(length), 'x'.repeat(length + 1));
  for (const bound of [minimum, maximum])
    if (typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER)
      edges.push(bound - 1, bound, bound + 1);
  if (isSchema(items)) {
    const [good] = valuesFor(items, components).filter(
      (value) => flawIn(items, value, components) === undefined,
    );
    for (const count of [minItems, maxItems])
      if (typeof count === 'number' && count <= 1_000 && good !== undefined)
        for (const length of [count - 1, count, count + 1])
          if (length >= 0) edges.push(Array.from({ length }, () => good));
    edges.push(...edgesOf(items, components).map((value) => [value]));
  }
  return edges;
}

/** Returns the value a query's text stands for under its schema. */
export function readText(schema: Schema, text: string): unknown {
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'array':
      return text.trim() === '' ? [] : text.split(',').map((word) => word.trim());
    default:
      return text;
  }
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
