/** The common parts of all rooms with HTTP routes. */
export type { ApiKeyRecord, ApiKeyRecords } from './api-key.ts';
export { type AuditedRoute, noteRead } from './audited-route.ts';
export { cors, onlyData, scripted, securityHeaders } from './browser.ts';
export { costs } from './costs.ts';
export { presentedBy } from './credentials.ts';
export { csrf, WRITING_METHODS } from './csrf.ts';
export type { DataContext } from './data-context.ts';
export { type ApiTexts, type Description, describe, mountDocs } from './docs.ts';
export { gate, mayUse, requireRight } from './gate.ts';
export { type GuardedOptions, guarded, type OperationId, unguarded } from './guarded.ts';
export { invalidField, invalidFields, validationProblem } from './invalid.ts';
export { issueMessage } from './issue-messages.ts';
export { enforceLimits, subjectOf } from './limit.ts';
export { otherMethods } from './other-methods.ts';
export {
  answerError,
  answerNotFound,
  type FieldProblem,
  notFound,
  ProblemError,
  problemOf,
  summaryOfError,
} from './problem.ts';
export { requestScope, type ScopeSource } from './request-scope.ts';
export { answerQuery, conditional, etagOf, privateByDefault, publicCache } from './response-cache.ts';
export {
  allows,
  defineRights,
  grantableRights,
  isDefined,
  isRestricted,
  missingRights,
  type Right,
  type RightsDefinition,
  rights,
  rightsOf,
} from './rights.ts';
export { createRouter } from './router.ts';
export {
  changesSchema,
  daySchema,
  ETAG,
  idSchema,
  json,
  jsonBody,
  momentSchema,
  moneyInputSchema,
  moneySchema,
  PROBLEMS,
  pageQuerySchema,
  pageSchema,
  problems,
  wholeNumberParameter,
} from './schemas.ts';
export type { AppEnv, Caller, Scope, TenantScope } from './scope.ts';
export type { Settings } from './settings.ts';
export { endless, streamed } from './streamed.ts';
export { domainSchema, emailSchema, noteSchema, textSchema } from './text-schemas.ts';
