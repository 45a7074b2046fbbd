// The schemas of a face as OpenAPI 3.0 components: JSON Schema, but for the words that version says differently.
import { z } from 'zod';

export type Json = Record<string, unknown>;

/** What a face says of a field as it runs: undefined for one that is not there. */
export type Telling = (field: Json) => Json | undefined;

/** Returns the components of a registry: how to refer to them, and which of them something names. */
export function componentsOf(registry: ReturnType<typeof z.registry<{ id: string }>>, tell: Telling) {
  const schemasFor = (io: 'input' | 'output') =>
    (
      z.toJSONSchema(registry, {
        target: 'openapi-3.0',
        uri: (id) => `#/components/schemas/${id}`,
        io,
        unrepresentable: 'any',
      }) as { schemas: Record<string, Json> }
    ).schemas;
  // A body is described as it is sent, an answer as it arrives.
  const schemas = { ...schemasFor('output') };
  const sent = schemasFor('input');
  const noted = new Set<string>();
  const note = (id: string): void => {
    if (noted.has(id)) return;
    noted.add(id);
    schemas[id] = sent[id]!;
    for (const [, inner = ''] of JSON.stringify(sent[id]).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      note(inner);
  };
  return {
    /** Describes this schema as it is sent, and those it refers to. */
    noteSent(schema: z.ZodType): void {
      const id = registry.get(schema)?.id;
      if (id !== undefined) note(id);
    },

    /** Throws when the schema has no component name. */
    referenceTo(schema: z.ZodType, where: string): Json {
      const id = registry.get(schema)?.id;
      if (id === undefined) throw new Error(`${where} has no component name`);
      return { $ref: `${PREFIX}${id}` };
    },

    /** The schemas that are named in `roots` and in each other, by their names. */
    namedIn(roots: unknown): Record<string, Json> {
      const found = new Map<string, Json>();
      const look = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        const { $ref: reference } = value as Json;
        if (typeof reference === 'string' && reference.startsWith(PREFIX)) {
          const id = reference.slice(PREFIX.length);
          if (!found.has(id)) {
            const { $id: _id, ...schema } = schemas[id]!;
            found.set(id, tidied(schema, { schemas, tell }));
            look(found.get(id));
          }
        }
        for (const inner of Object.values(value)) look(inner);
      };
      look(roots);
      return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

const PREFIX = '#/components/schemas/';

/**
 * Returns the schema in OpenAPI's words. There null is no type: a list of words that may be null has it among them, and
 * what stands beside a reference says its type (OpenAPI 3.0.3, Schema Object, "nullable").
 */
export function tidied(schema: Json, around: { schemas: Record<string, Json>; tell: Telling }): Json {
  const { schemas, tell } = around;
  const { allOf } = schema;
  if (Array.isArray(allOf) && allOf.length === 1) {
    const [{ $ref: reference }] = allOf as [Json];
    const target = typeof reference === 'string' ? schemas[reference.slice(PREFIX.length)] : undefined;
    // Of words there is nothing to refer to but the words.
    if (target !== undefined && Array.isArray(target.enum)) {
      const { $id: _id, ...words } = target;
      const { allOf: _allOf, ...beside } = schema;
      return tidied({ ...words, ...beside }, around);
    }
    if (Object.keys(schema).length === 1) return { $ref: reference };
  }
  const isTold = FORMATS.has(String(schema.format));
  const told: Json = {};
  const needed = new Set((schema.required ?? []) as string[]);
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'required' || (key === 'pattern' && isTold)) continue;
    if (key === 'enum' && schema.nullable === true) told[key] = [...(value as unknown[]), null];
    else if (key === 'default' || key === 'enum' || key === 'example') told[key] = value;
    else if (key === 'properties') told[key] = fieldsOf(value as Record<string, Json>);
    else if (Array.isArray(value))
      told[key] = value.map((each) => (isSchema(each) ? tidied(each, around) : each));
    else told[key] = isSchema(value) ? tidied(value, around) : value;
  }
  if (needed.size > 0) told.required = [...needed];
  return told;

  /** A field that says of itself whether it is needed is, or is not. */
  function fieldsOf(properties: Record<string, Json>): Json {
    const fields: Json = {};
    for (const [name, each] of Object.entries(properties)) {
      const field = tell(each);
      if (field === undefined) needed.delete(name);
      else {
        const { needed: isNeeded, ...rest } = field;
        if (isNeeded === true) needed.add(name);
        fields[name] = tidied(rest, around);
      }
    }
    return fields;
  }
}

/** Formats that say all their patterns do. */
const FORMATS = new Set(['uuid', 'date', 'date-time']);

const isSchema = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
