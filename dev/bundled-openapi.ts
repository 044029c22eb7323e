/**
 * What @asteasolutions/zod-to-openapi is in a bundle: nothing. `dev/build-assets.ts` describes the API once, when it is
 * built; deployed, it is only read. Spares the Worker 8 KiB. A name that @hono/zod-openapi imports and that is missing
 * here fails the build; a method it calls and that is missing fails the first request.
 */
import type { ZodType } from 'zod';

/** What is said about a schema is for the description alone. */
export function extendZodWithOpenApi(zod: { ZodType: { prototype: object } }): void {
  Object.assign(zod.ZodType.prototype, {
    openapi(this: ZodType) {
      return this;
    },
  });
}

/** Keeps nothing, so that an app has nothing to copy from the apps mounted on it. */
export class OpenAPIRegistry {
  readonly definitions = [];
  registerPath(): void {}
  registerComponent(): void {}
  registerWebhook(): void {}
}

class NoGenerator {
  constructor() {
    throw new Error('The API is described when it is built, not in the bundle');
  }
}

export { NoGenerator as OpenApiGeneratorV3, NoGenerator as OpenApiGeneratorV31 };

/** Asked of what a registry holds, which is nothing. */
export function getOpenApiMetadata(): object {
  return {};
}
