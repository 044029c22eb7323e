/** Limits of requests: rules, verdicts, and verdicts in HTTP. */
export { callerOf } from './address.ts';
export { LimitError, type LimitErrorCode } from './errors.ts';
export { type LimitHeaders, type LimitProblem, limitProblem, rateLimitHeaders } from './headers.ts';
export { type CheckOptions, createLimiter, type Limiter, type LimiterServices } from './limiter.ts';
export { createLimitMemory, type LimitMemory, type LimitMemoryOptions } from './memory.ts';
export { type Rule, type RuleDefinition, rule, type Subject, type WhenDown } from './rule.ts';
export type { RuleState, Verdict } from './verdict.ts';
export { bucket, fixed, sliding, type Window } from './window.ts';
