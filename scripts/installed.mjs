// Tells whether node_modules holds what package-lock.json asks for, from npm's own record of what it installed
// (node_modules/.package-lock.json, written last, so a broken-off installation has none).

/**
 * Returns the path of the first package that is missing or of another version, undefined when there is none.
 * Optional packages may be missing: they are for other systems, or could not be built on this one.
 */
export function differsFrom(installed, wanted) {
  return Object.keys(wanted).find((path) => {
    if (path === '') return false;
    const have = installed[path];
    const want = wanted[path];
    if (have === undefined) return want.optional !== true && want.devOptional !== true;
    return have.version !== want.version || have.integrity !== want.integrity;
  });
}
