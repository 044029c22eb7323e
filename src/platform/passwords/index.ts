/** Passwords: which may be chosen, and how they are kept. */
export {
  hashPassword,
  type PasswordCheck,
  type PasswordCost,
  verifyAbsent,
  verifyPassword,
} from './password.ts';
export { type PasswordPolicy, passwordProblem } from './password-policy.ts';
