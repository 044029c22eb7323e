/** Proofs of identity: passwords and one-time codes. */
export {
  type CodeGuess,
  type CodeHmac,
  type CodeOptions,
  type CodeRequest,
  type CodeServices,
  createOneTimeCodes,
  type IssuedCode,
  type OneTimeCodes,
  type VerifiedCode,
} from './one-time-code.ts';
export {
  hashPassword,
  PASSWORD_COST,
  type PasswordCheck,
  type PasswordCost,
  verifyAbsent,
  verifyPassword,
} from './password.ts';
export { type PasswordPolicy, passwordProblem } from './password-policy.ts';
