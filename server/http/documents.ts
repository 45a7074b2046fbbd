// The OpenAPI documents of the faces, made when first asked for, from the endpoints that answer requests.
import type { ApiDocument } from './api-page.ts';
import type { Face } from './face.ts';
import { openApiDocument } from './openapi.ts';

/** Where a face tells its document, below its own place. */
export const DOCUMENT = '/openapi.json';

/** Returns what makes the document of each face that has one. */
export function documentsOf(faces: readonly Face[]): Map<Face, () => Record<string, unknown>> {
  return new Map(
    faces.flatMap((face) => {
      const { description, mounts } = face;
      if (description === undefined) return [];
      const served = mounts.map(({ endpoints, paths: [path] }, at) =>
        at === 0 ? { endpoints } : { endpoints, mountedAt: path },
      );
      let made: Record<string, unknown> | undefined;
      return [[face, () => (made ??= openApiDocument(served, description))] as const];
    }),
  );
}

/** Returns where the document of each face is that has one. */
export const documentPaths = (faces: readonly Face[]): { name: string; path: string }[] =>
  faces.flatMap(({ name, description, mounts: [{ paths }] }) =>
    description === undefined ? [] : [{ name, path: `${paths[0]}${DOCUMENT}` }],
  );

/** Returns the documents for the page that shows all of them. */
export const apiDocuments = (faces: readonly Face[]): ApiDocument[] =>
  [...documentsOf(faces)].map(([face, document]) => ({
    title: face.description?.title ?? face.name,
    link: `${face.mounts[0].paths[0]}${DOCUMENT}`,
    document: document(),
  }));
