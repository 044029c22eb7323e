/**
 * Loads the libraries of the database in a Worker, from the module beside the bundle that `dev/build/worker-modules.ts`
 * writes. workerd compiles a module at its first import, so a Worker starts without compiling a third of its code.
 */

// A bundler would resolve a literal.
const address = './database.mjs';

export function loadLibraries(): Promise<typeof import('./libraries.ts')> {
  return import(address);
}
