/** The normal forms of texts: how a line and an e-mail address are stored, and how names are compared. */

export { addressForMail, addressPrefix, normalAddress, normalDomain } from './address.ts';
export { fold } from './fold.ts';
export { normalLine, normalNote } from './line.ts';
