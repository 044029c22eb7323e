/**
 * The id of the build. `dev/build/build-id.ts` writes `dist/build-id.ts`, which replaces this file in a bundle. Log
 * lines contain the id, so that `npm run trace` can check that its source maps belong to the code that wrote a line.
 */
export const BUILD_ID: string | undefined = undefined;
