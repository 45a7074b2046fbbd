/** Returns the object without the members that are undefined. */
export function defined<T extends object>(fields: { [Name in keyof T]: T[Name] | undefined }): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
