// An OpenAPI document as plain lines, one fact each, so that two documents can be compared.

type Json = { readonly [key: string]: unknown };
type Document = Json & { paths: Record<string, Record<string, Json>>; components: Record<string, Json> };

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const DEPTH = 4;

/**
 * Returns the facts: operations with their query, body and answers, every field with its type. What says nothing of the
 * protocol is left out: names of path parameters and schemas, texts, whether a field of an answer may be null or missing
 * (the contract requires none and answers here have them all).
 */
export function factsOf(document: unknown): string[] {
  const { paths, components } = document as Document;
  const facts: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (operation === undefined) continue;
      const name = operationName(method, path);
      facts.push(name);
      for (const given of listOf(operation['parameters'])) {
        const { in: where, name: parameter, schema, required } = resolve(given);
        if (where !== 'query') continue;
        const needed = required === true ? ' required' : '';
        facts.push(...valueFacts(`${name} ?${String(parameter)}`, schema, needed));
      }
      for (const [type, { schema }] of contentOf(resolve(operation['requestBody'])))
        facts.push(...fieldsOf(schema, `${name} <${short(type)}`, 'body'));
      for (const [status, answer] of Object.entries(operation['responses'] ?? {})) {
        facts.push(`${name} >${status}`);
        if (!status.startsWith('2')) continue;
        for (const [type, { schema }] of contentOf(resolve(answer)))
          facts.push(...fieldsOf(schema, `${name} >${status}${short(type)}`, 'answer'));
      }
    }
  }
  return [...new Set(facts)].toSorted();

  function resolve(value: unknown): Json {
    const reference = (value as Json | undefined)?.['$ref'];
    if (typeof reference !== 'string') return (value ?? {}) as Json;
    const [, group, id] = /^#\/components\/(\w+)\/(.+)$/.exec(reference) ?? [];
    return resolve(components[group!]![id!]);
  }

  /** The one schema that is meant: a reference, or the part of a union that is not null. */
  function plain(value: unknown): Json {
    const schema = resolve(value);
    const parts = (listOf(schema['allOf']) as Json[]).map(plain);
    if (parts.length > 1) {
      const all = parts.map((each) => each['properties'] as Json);
      return { type: 'object', properties: Object.assign({}, ...all) as Json };
    }
    const union = [schema['anyOf'], schema['oneOf'], schema['allOf']].find((each) => Array.isArray(each));
    const [part, ...others] = (listOf(union) as Json[]).filter((each) => resolve(each)['type'] !== 'null');
    if (part === undefined || others.length > 0) return schema;
    return { ...plain(part), ...('default' in schema ? { default: schema['default'] } : {}) };
  }

  function typeOf(value: unknown): string {
    const schema = plain(value);
    const { type, format, enum: words } = schema;
    // null among them says what nullable does.
    const named = Array.isArray(words) ? words.filter((word) => word !== null).map(String) : undefined;
    if (named !== undefined) return `one of ${named.toSorted().join(' ')}${byDefault(schema)}`;
    if (type === 'array') return `list of ${typeOf(schema['items'])}`;
    const told = ['uuid', 'date', 'date-time'].find((each) => each === format);
    return `${told ?? (typeof type === 'string' ? type : 'anything')}${byDefault(schema)}`;
  }

  /** What a value may be, and apart from it the bounds it keeps to. */
  function valueFacts(place: string, value: unknown, needed: string): string[] {
    const schema = plain(value);
    const bounds = limits(schema['type'] === 'array' ? plain(schema['items']) : schema);
    return [`${place}: ${typeOf(value)}${needed}`, ...bounds.map((each) => `${place} limit: ${each}`)];
  }

  function fieldsOf(value: unknown, place: string, side: 'body' | 'answer', depth = 0): string[] {
    const schema = plain(value);
    if (schema['type'] === 'array') return fieldsOf(schema['items'], `${place}[]`, side, depth);
    const properties = schema['properties'] as Record<string, unknown> | undefined;
    if (properties === undefined || depth >= DEPTH) return [`${place}: ${typeOf(schema)}`];
    const required = new Set(listOf(schema['required']));
    return Object.entries(properties).flatMap(([key, field]) => {
      const here = `${place}.${key}`;
      const needed = side === 'body' && required.has(key) ? ' required' : '';
      const inner = plain(field);
      const isNested =
        inner['properties'] !== undefined ||
        (inner['type'] === 'array' && plain(inner['items'])['properties'] !== undefined);
      if (isNested && depth < DEPTH) return fieldsOf(field, here, side, depth + 1);
      return side === 'body' ? valueFacts(here, field, needed) : [`${here}: ${typeOf(field)}`];
    });
  }
}

/** Returns the name an operation is compared by: `GET /books/{}`. */
export const operationName = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`;

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const contentOf = (body: Json): [string, Json][] =>
  Object.entries((body['content'] ?? {}) as Record<string, Json>);
const short = (mediaType: string) => (mediaType === 'application/json' ? '' : ` ${mediaType}`);
const byDefault = (schema: Json) => ('default' in schema ? ` = ${JSON.stringify(schema['default'])}` : '');

function limits(schema: Json): string[] {
  const least = bound(schema['minimum'], -Number.MAX_SAFE_INTEGER);
  const most = bound(schema['maximum'], Number.MAX_SAFE_INTEGER);
  const longest = schema['maxLength'];
  return [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
    ...(typeof longest === 'number' ? [`${longest} characters`] : []),
  ];
}

const bound = (value: unknown, boundless: number) =>
  typeof value === 'number' && value !== boundless ? value : undefined;
