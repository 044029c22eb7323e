/** The daily mail with the newest seal of the audit trail, which its readers keep outside the database. */
import { letter, type MailApp, type MailContent, moment, shown } from './letter.ts';

/** A seal and its organization. */
export interface AuditSealMail {
  organization: string;
  tenantId: string;
  seal: number;
  /** SHA-256 of the seal: 64 hexadecimal digits. */
  hash: string;
  /** The number of entries in the seal. */
  count: number;
  /** ISO 8601 in UTC. */
  sealedAt: string;
  /** The path of the page that verifies the trail. */
  path: string;
}

/** Writes the mail. Its line of JSON is accepted by `npm run audit:verify -- --anchor` and by the page. */
export function auditSeal(app: MailApp, { organization, path, ...kept }: AuditSealMail): MailContent {
  const { tenantId, seal, hash, count, sealedAt } = kept;
  return letter(app, `Audit trail of ${shown(tenantId)}: seal ${seal}`, [
    `The newest seal of the audit trail of ${shown(organization)} is number ${seal}. It was made on ` +
      `${moment(new Date(sealedAt))} over ${count} ${count === 1 ? 'entry' : 'entries'}. Its hash is ${hash}.`,
    'Keep this mail. A seal contains the hash of the one before, so this seal stands for the whole trail up to it. If an ' +
      'entry or a seal is changed or removed later, the trail does not match this mail any more.',
    'To compare the trail with this mail, put the next line into the field of the page below. Or save the line, or this ' +
      `whole mail as text, as the file mail.txt, and run: npm run audit:verify -- --tenant ${tenantId} --anchor mail.txt`,
    { data: JSON.stringify({ tenantId, seal, hash, count, sealedAt }) },
    { label: 'Verify the trail', path },
  ]);
}
