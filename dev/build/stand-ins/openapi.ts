/**
 * Replaces @asteasolutions/zod-to-openapi in a bundle with functions that describe nothing. `dev/build/assets.ts`
 * generates the OpenAPI document at build time; a deployment only serves the file. If @hono/zod-openapi imports a name
 * that is missing here, the build fails; if it calls a missing method, the first request fails.
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

/** Stores routes only: the start of an app checks that each declared operation is one of them. */
export class OpenAPIRegistry {
  readonly definitions: { type: 'route'; route: object }[] = [];
  registerPath(route: object): void {
    this.definitions.push({ type: 'route', route });
  }
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
