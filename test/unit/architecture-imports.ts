// Finds every import of a TypeScript file: static, type-only, dynamic, import types and what createRequire loads.
import { parseSync } from 'vite';

export type Import = {
  /** As written: "./books.ts", "node:fs", "drizzle-orm/sqlite-core". */
  specifier: string;
  /** True when nothing of it is left at run time. */
  typeOnly: boolean;
};

/** Returns the imports of a source file in no order. Throws when the source does not parse. */
export function importsOf(path: string, source: string): Import[] {
  // The parser knows .ts and .tsx; a .cts file is the same language.
  const { program, module, errors } = parseSync(path.replace(/\.[cm]ts$/, '.ts'), source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const entries = [...module.staticImports.map(ofImport), ...module.staticExports.flatMap(ofExport)];
  const loaded = module.dynamicImports.map(({ moduleRequest }) => ({
    specifier: literal(source.slice(moduleRequest.start, moduleRequest.end), path),
    typeOnly: false,
  }));
  return [...entries, ...loaded, ...inExpressions(program)];
}

type StaticImport = ReturnType<typeof parseSync>['module']['staticImports'][number];
type StaticExport = ReturnType<typeof parseSync>['module']['staticExports'][number];

const ofImport = ({ moduleRequest, entries }: StaticImport): Import => ({
  specifier: moduleRequest.value,
  typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
});

const ofExport = ({ entries }: StaticExport): Import[] =>
  entries.flatMap(({ moduleRequest, isType }) =>
    moduleRequest == null ? [] : [{ specifier: moduleRequest.value, typeOnly: isType }],
  );

function literal(written: string, path: string): string {
  const [, text] = /^\s*(?:'([^']*)'|"[^"]*")\s*$/.exec(written) ?? [];
  const specifier = text ?? /^\s*"([^"]*)"\s*$/.exec(written)?.[1];
  if (specifier === undefined)
    throw new Error(`${path} imports something only known at run time: ${written}`);
  return specifier;
}

/** `import('x').Type` and `require('x')`, `require.resolve('x')`, `createRequire(…).resolve('x')`, wherever they are. */
function inExpressions(node: unknown): Import[] {
  if (Array.isArray(node)) return node.flatMap(inExpressions);
  if (typeof node !== 'object' || node === null) return [];
  const found = Object.values(node).flatMap(inExpressions);
  if (!('type' in node)) return found;
  if (node.type === 'TSImportType' && 'source' in node) {
    return [...found, ...textOf(node.source).map((specifier) => ({ specifier, typeOnly: true }))];
  }
  if (node.type === 'CallExpression' && 'callee' in node && 'arguments' in node && loads(node.callee)) {
    const [first] = node.arguments as unknown[];
    return [...found, ...textOf(first).map((specifier) => ({ specifier, typeOnly: false }))];
  }
  return found;
}

type Callee = { type?: unknown; name?: unknown; object?: Callee; property?: Callee; callee?: Callee };

function loads(callee: unknown): boolean {
  const { type, name, object, property } = callee as Callee;
  if (type === 'Identifier') return name === 'require';
  if (type !== 'MemberExpression' || property?.name !== 'resolve') return false;
  return object?.name === 'require' || object?.callee?.name === 'createRequire';
}

function textOf(node: unknown): string[] {
  const value = typeof node === 'object' && node !== null && 'value' in node ? node.value : undefined;
  return typeof value === 'string' ? [value] : [];
}
