/** Loads the WebAuthn library. A bundler makes it a chunk of its own. */
export function loadLibrary() {
  return import('./library.ts');
}
