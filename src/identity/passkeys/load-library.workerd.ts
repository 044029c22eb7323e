/**
 * Loads the WebAuthn library in a Worker, from the module beside the bundle that `dev/build/worker-modules.ts` writes.
 * workerd compiles a module at its first import, so a Worker starts without the library.
 */

// A bundler would resolve a literal.
const address = './passkeys.mjs';

export function loadLibrary(): Promise<typeof import('./library.ts')> {
  return import(address);
}
