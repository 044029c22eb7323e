/** One-time codes and links that are sent by mail. */
export { type AddressDigest, addressDigest } from './address-digest.ts';
export { codeHmac } from './code-hmac.ts';
export {
  type CodeGuess,
  type CodeHmac,
  type CodeOptions,
  type CodeRequest,
  type CodeServices,
  createOneTimeCodes,
  type IssuedCode,
  type MailedLink,
  type OneTimeCodes,
  type VerifiedCode,
} from './one-time-code.ts';
export type { CodeScope } from './scope.ts';
