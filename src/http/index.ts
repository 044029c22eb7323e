/** What every room that answers HTTP needs. */
export { apiKeyTag, type Right } from './api-key.ts';
export { costs } from './costs.ts';
export { mountDocs } from './docs.ts';
export { gate } from './gate.ts';
export { guarded } from './guarded.ts';
export { answerError, answerNotFound, type FieldProblem, notFound, ProblemError } from './problem.ts';
export { requestScope, type ScopeSource } from './request-scope.ts';
export { answerQuery, conditional, privateByDefault, publicCache } from './response-cache.ts';
export { createRouter } from './router.ts';
export {
  changesSchema,
  daySchema,
  idSchema,
  json,
  jsonBody,
  momentSchema,
  moneyInputSchema,
  moneySchema,
  noteSchema,
  pageQuerySchema,
  pageSchema,
  problems,
  textSchema,
} from './schemas.ts';
export type { AppEnv, DataContext, Scope, TenantScope } from './scope.ts';
