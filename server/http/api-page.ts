// The readable API page: what the OpenAPI documents say, as plain HTML without scripts.
import type { RequestHandler } from 'express';

type Json = Record<string, unknown>;
export type ApiDocument = { title: string; link: string; document: Json };

/** Answers /docs with the page and /docs/style.css with its looks. The page is made once, when first asked for. */
export function apiPage(documents: () => ApiDocument[]): RequestHandler {
  let page: string | undefined;
  return (req, res, next) => {
    res.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    if (req.path === '/style.css') res.type('css').send(STYLE);
    else if (req.path === '/') res.type('html').send((page ??= render(documents())));
    else next();
  };
}

function render(documents: ApiDocument[]): string {
  const contents = documents.map(({ title }) => `<a href="#${slug(title)}">${text(title)}</a>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Papyrus Shelf API</title><link rel="stylesheet" href="/docs/style.css"></head>
<body><header><h1>Papyrus Shelf API</h1><nav aria-label="APIs">${contents}</nav></header>
<main>${documents.map(renderDocument).join('')}</main></body></html>`;
}

function renderDocument({ title, link, document }: ApiDocument): string {
  const info = document.info as Json;
  const base = ((document.servers as Json[])[0]?.url ?? '') as string;
  const operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const byTag = Map.groupBy(operations, ({ operation }) => String((operation.tags as string[])[0]));
  const schemas = (document.components as Json).schemas as Record<string, Json>;
  const answers = ((document.components as Json).responses ?? {}) as Record<string, Json>;
  const groups = [...byTag].map(
    ([tag, group]) =>
      `<section><h3>${text(tag)}</h3>${group.map((each) => renderOperation(base, each, answers)).join('')}</section>`,
  );
  const names = Object.entries(schemas).map(([name, schema]) => renderSchema(slug(title), name, schema));
  const id = slug(title);
  return `<article id="${id}"><h2>${text(title)}</h2><p>${text(info.description)} <a href="${text(link)}">OpenAPI document</a></p>
${groups.join('')}<section><h3>Schemas</h3>${names.join('')}</section></article>`.replaceAll(
    'href="#schema-',
    `href="#${id}-`,
  );
}

function renderOperation(
  base: string,
  { path, method, operation }: { path: string; method: string; operation: Json },
  shared: Record<string, Json>,
): string {
  // What is served elsewhere says so.
  const isAtRoot = operation.servers !== undefined;
  const parameters = operation.parameters as Json[];
  const body = operation.requestBody as Json | undefined;
  const rows = parameters.map((parameter) => {
    const required = parameter.required === true ? 'required' : '';
    return `<tr><th scope="row"><code>${text(parameter.name)}</code></th><td>${text(parameter.in)} ${required}</td><td>${typeOf(parameter.schema as Json)}</td><td>${text(parameter.description ?? '')}</td></tr>`;
  });
  const answers = Object.entries(operation.responses as Record<string, Json>)
    .map(([status, { $ref: reference, ...answer }]): [string, Json] => [
      status,
      typeof reference === 'string' ? shared[reference.split('/').at(-1)!]! : answer,
    ])
    .map(
      ([status, answer]) =>
        `<li><strong>${text(status)}</strong> ${text(answer.description)} ${contentOf(answer)}</li>`,
    );
  const open = (operation.security as unknown[]).length === 0;
  return `<details><summary><span class="method">${method.toUpperCase()}</span> <code>${text(isAtRoot ? path : base + path)}</code> <span>${text(operation.summary)}</span></summary>
${open ? '<p>Open to everybody.</p>' : ''}${typeof operation.description === 'string' ? `<p>${text(operation.description)}</p>` : ''}
${rows.length === 0 ? '' : `<table><caption>Parameters</caption><tbody>${rows.join('')}</tbody></table>`}
${body === undefined ? '' : `<p>Body: ${contentOf(body)}</p>`}<ul>${answers.join('')}</ul></details>`;
}

function renderSchema(documentId: string, name: string, schema: Json): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const required = new Set((schema.required ?? []) as string[]);
  const rows = properties.map(
    ([field, property]) =>
      `<tr><th scope="row"><code>${text(field)}</code></th><td>${required.has(field) ? 'always' : 'optional'}</td><td>${typeOf(property)}</td><td>${text(property.description ?? '')}</td></tr>`,
  );
  const inside =
    rows.length === 0 ? `<p>${typeOf(schema)}</p>` : `<table><tbody>${rows.join('')}</tbody></table>`;
  return `<details id="${documentId}-${slug(name)}"><summary><code>${text(name)}</code></summary>${inside}</details>`;
}

function contentOf(holder: Json): string {
  const content = Object.entries((holder.content ?? {}) as Record<string, Json>);
  return content
    .map(([type, { schema }]) =>
      type === 'application/json' ? typeOf(schema as Json) : `<code>${text(type)}</code>`,
    )
    .join(' ');
}

/** A schema in a few words, with a link where it has a name. */
function typeOf(schema: Json): string {
  const { $ref: reference, enum: values, items, type, format, properties, nullable } = schema;
  const alternatives = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as Json[] | undefined;
  const orNull = nullable === true ? ' or null' : '';
  if (typeof reference === 'string') {
    const name = reference.split('/').at(-1) ?? '';
    return `<a href="#schema-${slug(name)}">${text(name)}</a>${orNull}`;
  }
  if (alternatives !== undefined) return alternatives.map(typeOf).join(' or ') + orNull;
  if (Array.isArray(values)) return values.map((value) => `<code>${text(value)}</code>`).join(' ') + orNull;
  if (items !== undefined) return `list of ${typeOf(items as Json)}${orNull}`;
  if (properties !== undefined) {
    const fields = Object.entries(properties as Record<string, Json>).map(
      ([name, field]) => `${text(name)}: ${typeOf(field)}`,
    );
    return `{ ${fields.join(', ')} }${orNull}`;
  }
  return `${text(type ?? 'anything')}${format === undefined ? '' : ` (${text(format)})`}${orNull}`;
}

const text = (value: unknown): string =>
  String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9d2c5, #45403a); --soft: light-dark(#6b6257, #b3a99c); --accent: light-dark(#7a3e1d, #e0a37e); }
body { font: 1rem/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: light-dark(#fbf8f2, #1d1b18); color: light-dark(#26221d, #ece6dc); }
h1, h2, h3 { font-family: 'Iowan Old Style', Palatino, Georgia, serif; font-weight: 600; line-height: 1.2; }
h2 { border-top: 1px solid var(--line); padding-top: 1.5rem; margin-top: 2.5rem; }
nav a { margin-right: 1rem; }
a { color: var(--accent); }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary span:last-child { color: var(--soft); }
.method { display: inline-block; min-width: 4rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; display: block; overflow-x: auto; }
caption { text-align: left; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; font-weight: 400; }
input, button { font: inherit; padding: .45rem .8rem; max-width: 100%; box-sizing: border-box; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
`;
