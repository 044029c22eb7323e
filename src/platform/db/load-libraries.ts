/** Loads the libraries of the database. A bundler makes them a chunk of their own. */
export function loadLibraries() {
  return import('./libraries.ts');
}
