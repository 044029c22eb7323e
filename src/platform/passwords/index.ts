/** Passwords: the rules for new passwords, and the hashes that are stored. */
export {
  hashPassword,
  type PasswordCheck,
  type PasswordCost,
  verifyAbsent,
  verifyPassword,
} from './password.ts';
export { type PasswordPolicy, passwordProblem } from './password-policy.ts';
