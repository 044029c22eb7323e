/**
 * Replaces @asteasolutions/zod-to-openapi in a bundle with empty functions. `dev/build-assets.ts` generates the
 * OpenAPI document at build time; a deployment only serves the file. If @hono/zod-openapi imports a name that is missing
 * here, the build fails; if it calls a missing method, the first request fails.
 */
import type { ZodType } from 'zod';

/** Metadata of a schema is only for the OpenAPI document. */
export function extendZodWithOpenApi(zod: { ZodType: { prototype: object } }): void {
  Object.assign(zod.ZodType.prototype, {
    openapi(this: ZodType) {
      return this;
    },
  });
}

/** Stores nothing, so that an app has nothing to copy from the apps mounted on it. */
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

/** Called with the content of a registry, which is empty. */
export function getOpenApiMetadata(): object {
  return {};
}
