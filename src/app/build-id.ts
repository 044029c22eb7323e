/**
 * Which build this is: a bundle has `dist/build-id.ts` in place of this file, which `dev/build-id.ts` writes. Log lines carry
 * it, so that `npm run trace` knows whether it has the source maps of the code that wrote a line.
 */
export const BUILD_ID: string | undefined = undefined;
