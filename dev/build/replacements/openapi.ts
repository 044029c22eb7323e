/**
 * Replaces @asteasolutions/zod-to-openapi in a bundle with functions that describe nothing. `dev/build/assets.ts`
 * generates the OpenAPI document at build time, and a deployment only serves the file. If @hono/zod-openapi imports a
 * name that is missing here, the build fails. If it calls a method that is missing here, the first request fails.
 */
import type { ZodType } from 'zod';

/**
 * Adds the method `openapi()` to all schemas. The method drops its metadata, because only the OpenAPI document would
 * use it.
 */
export function extendZodWithOpenApi(zod: { ZodType: { prototype: object } }): void {
  Object.assign(zod.ZodType.prototype, {
    openapi(this: ZodType) {
      return this;
    },
  });
}

/** The names of a route. */
interface NamedRoute {
  path: string;
  operationId?: string | undefined;
}

/**
 * Stores only the names of routes. The start of a deployment uses the names to check that every declared operation is
 * mounted.
 */
export class OpenAPIRegistry {
  readonly definitions: { type: 'route'; route: NamedRoute }[] = [];

  registerPath({ path, operationId }: NamedRoute): void {
    this.definitions.push({ type: 'route', route: { path, operationId } });
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

/**
 * Returns no metadata. @hono/zod-openapi calls this function with the schemas of a registry; here a registry has no
 * schemas.
 */
export function getOpenApiMetadata(): object {
  return {};
}
