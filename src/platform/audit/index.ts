/** The audit trail: entries of writes, sealed in signed Merkle trees, so that a change of the past is found. */
export { unsealedAlert } from './alert.ts';
export { AnchorError, type AnchorSettings, type Anchors, openAnchors } from './anchors.ts';
export { entriesOfPatient } from './entries-table.ts';
export { type AuditEvent, toAuditEvent } from './fhir.ts';
export { verifyJob } from './job.ts';
export { type EntryProof, proveEntry, verifyProof } from './proof.ts';
export { auditRoutes } from './routes.ts';
export { anchorSchedule, sealSchedule } from './schedule.ts';
export { LARGEST_SEAL, sealBatch } from './seal.ts';
export type { Seal } from './seal-form.ts';
export { type AuditKeys, createAuditKeys, type PublicAuditKey, verifySignature } from './signing.ts';
export { type Anchor, type AuditFault, type AuditReport, type VerifyOptions, verifyTrail } from './verify.ts';
