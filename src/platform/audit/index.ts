/** The audit trail: entries of writes, sealed in signed Merkle trees, so that a change of the past is found. */
export { readLogAlert, unsealedAlert } from './alert.ts';
export { AnchorError, type AnchorSettings, type Anchors, openAnchors } from './anchors.ts';
export { type Draining, drainReads, LARGEST_DRAIN } from './drain-reads.ts';
export {
  type AuditEntry,
  entriesOfPatient,
  markMailed,
  type OutsideState,
  readEntry,
  readHead,
  readOutsideState,
  readSealsBefore,
  tenantsToMail,
} from './entries-table.ts';
export { type AuditEvent, toAuditEvent } from './fhir.ts';
export { verifyInput, verifyJob } from './job.ts';
export { type KeptSeal, readKeptSeals } from './kept-seal.ts';
export { stepsOfPath } from './merkle.ts';
export { checkProof, type EntryProof, type ProofParts, proofOf, proveEntry, verifyProof } from './proof.ts';
export { auditRoutes } from './routes.ts';
export { anchorSchedule, drainReadsSchedule, sealSchedule } from './schedule.ts';
export { entryQuerySchema, entrySchema } from './schema.ts';
export { LARGEST_SEAL, sealBatch } from './seal.ts';
export type { Seal } from './seal-form.ts';
export { searchTrail } from './search.ts';
export { type AuditKeys, createAuditKeys, type PublicAuditKey, publicKeysOf, verifySignature } from './signing.ts';
export { requestVerification } from './verification.ts';
export { linesOfReport, readPublicKeys } from './verification-text.ts';
export { type Anchor, type AuditFault, type AuditReport, type VerifyOptions, verifyTrail } from './verify.ts';
