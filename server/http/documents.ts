// The OpenAPI documents of the faces, made when first asked for, from the endpoints that answer requests.
import type { ApiDocument } from './api-page.ts';
import type { Face } from './face.ts';
import { openApiDocument } from './openapi.ts';
import type { FaceDescription } from './openapi.ts';

/** Where a face tells its document, below its own place. */
export const DOCUMENT = '/openapi.json';

type Document = Record<string, unknown>;
const made = new WeakMap<FaceDescription, Document>();

/** Returns a face's document, made once. */
export function documentOf({ mounts }: Face, description: FaceDescription): Document {
  let document = made.get(description);
  if (document === undefined) {
    const served = mounts.map(({ endpoints, paths: [path] }, at) =>
      at === 0 ? { endpoints } : { endpoints, mountedAt: path },
    );
    made.set(description, (document = openApiDocument(served, description)));
  }
  return document;
}

/** Returns where the document of each face is that has one. */
export const documentPaths = (faces: readonly Face[]): { name: string; path: string }[] =>
  faces.flatMap(({ name, description, mounts: [{ paths }] }) =>
    description === undefined ? [] : [{ name, path: `${paths[0]}${DOCUMENT}` }],
  );

/** Returns the documents for the page that shows all of them. */
export const apiDocuments = (faces: readonly Face[]): ApiDocument[] =>
  faces.flatMap((face) => {
    const { description, mounts } = face;
    if (description === undefined) return [];
    const link = `${mounts[0].paths[0]}${DOCUMENT}`;
    return [{ title: description.title, link, document: documentOf(face, description) }];
  });
