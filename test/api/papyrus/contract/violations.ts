// Everything a schema of the served document forbids, made from the schema itself.

type Schema = { readonly [key: string]: unknown };
type Components = Record<string, Schema>;

export type Violation = {
  /** Where and how, for the test's message. */
  what: string;
  body: unknown;
};

/** Returns bodies that differ from a good one in a single place, each against the schema. */
export function violationsOf(schema: Schema, good: unknown, components: Components): Violation[] {
  const body = resolve(schema, components);
  const properties = Object.entries((body['properties'] ?? {}) as Record<string, Schema>);
  const required = new Set((body['required'] ?? []) as string[]);
  const base = good as Record<string, unknown>;
  const wholes = [null, 5, 'text', true, [], [base]].map((whole) => ({
    what: `the whole body ${JSON.stringify(whole)?.slice(0, 40)}`,
    body: whole as unknown,
  }));
  const fields = properties.flatMap(([key, field]) => [
    ...(required.has(key) ? [{ what: `without ${key}`, body: without(base, key) }] : []),
    ...wrongValues(field, components).map((value) => ({
      what: `${key} = ${JSON.stringify(value)?.slice(0, 60)}`,
      body: { ...base, [key]: value },
    })),
  ]);
  return [...wholes, ...fields];
}

/** Values none of which the schema allows. */
function wrongValues(schema: Schema, components: Components): unknown[] {
  const options = optionsOf(schema, components);
  const types = new Set(options.map((option) => option['type']));
  if (options.length === 0 || types.has(undefined)) return [];
  const isNullable = options.some((option) => option['nullable'] === true) || schema['nullable'] === true;
  const wrong: unknown[] = isNullable ? [] : [null];
  if (!types.has('string')) wrong.push('text', '');
  if (!types.has('number') && !types.has('integer')) wrong.push(5, -1.5);
  if (!types.has('boolean')) wrong.push(true);
  if (!types.has('array')) wrong.push([], ['x']);
  if (!types.has('object')) wrong.push({}, { $gt: '' });
  if (options.length > 1) return wrong;
  const [only] = options as [Schema];
  if (types.has('string')) wrong.push(...wrongTexts(only));
  if (types.has('integer')) wrong.push(1.5, 1e300);
  if (types.has('number') || types.has('integer')) wrong.push(...wrongNumbers(only));
  if (types.has('array')) wrong.push(...wrongLists(only, components));
  return wrong;
}

function wrongTexts(schema: Schema): unknown[] {
  const { enum: words, format, maxLength, pattern, minLength } = schema;
  if (Array.isArray(words)) return ['no-such-word', 'x\0'];
  const texts: unknown[] = ['a\0b', '\ud800'];
  if (typeof maxLength === 'number') texts.push('x'.repeat(maxLength + 1));
  if (typeof minLength === 'number' && minLength > 0) texts.push('');
  if (format === 'uuid') texts.push('x', '1234');
  if (format === 'date') texts.push('2026-02-30', '01.02.2026');
  if (format === 'date-time') texts.push('2026-02-30T00:00:00Z', 'yesterday', '2026');
  if (format === 'uri') texts.push('no link', 'javascript:alert(1)');
  if (typeof pattern === 'string' && format === undefined && !new RegExp(pattern, 'u').test('\u2603'))
    texts.push('\u2603');
  return texts;
}

function wrongNumbers({ minimum, maximum }: Schema): unknown[] {
  return [
    ...(typeof minimum === 'number' && minimum > -Number.MAX_SAFE_INTEGER ? [minimum - 1] : []),
    ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? [maximum + 1] : []),
  ];
}

function wrongLists(schema: Schema, components: Components): unknown[] {
  const items = (schema['items'] ?? {}) as Schema;
  const inner = wrongValues(items, components).map((value) => [value]);
  const most = schema['maxItems'];
  return typeof most === 'number' && most <= 1000
    ? [...inner, Array.from({ length: most + 1 }, () => '00000000-0000-4000-8000-000000000000')]
    : inner;
}

/** The alternatives a value may take, null left out. */
function optionsOf(schema: Schema, components: Components): Schema[] {
  const plain = resolve(schema, components);
  const union = [plain['anyOf'], plain['oneOf'], plain['allOf']].find((each) => Array.isArray(each));
  if (union === undefined) return plain['type'] === 'null' ? [] : [plain];
  return (union as Schema[]).flatMap((each) => optionsOf(each, components));
}

function resolve(schema: Schema, components: Components): Schema {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return resolve(components[reference.replace('#/components/schemas/', '')]!, components);
}

function without(body: Record<string, unknown>, key: string): Record<string, unknown> {
  const { [key]: _left, ...rest } = body;
  return rest;
}
