/** The form of a read in the log: JSON, and in entries of sessions also the record that names the user. */
import type { NewAuditEntry } from '../outbox/index.ts';

/** A read, as its entry shows it. */
export type AuditedRead = Omit<NewAuditEntry, 'outcome'>;

/** The caller of a read. The user of a session is not known yet when the read is logged. */
export interface ReadActor {
  readonly type: 'user' | 'machine';
  readonly id: string | null;
}

/** The parts of an entry that only the handler of a read knows. */
export interface ReadNote extends Pick<AuditedRead, 'patientId' | 'purpose' | 'data'> {
  /** `true`: the database has the entry before the answer is sent. Default: as the route says. */
  strict?: boolean;
}

/** A read as the log has it. */
export interface LoggedRead extends AuditedRead {
  outcome: 'ok' | 'refused' | 'failed';
  requestId: string;
  /** The time of the read, in ms since the epoch. */
  at: number;
  /** Missing if the entry of the log has the record of a session instead. */
  actor?: ReadActor;
}

/** Writes a read as text. */
export function writeRead(read: LoggedRead): string {
  return JSON.stringify(read);
}

/** The latest time of a ULID. */
const LAST_MS = 2 ** 48 - 1;
/** JSON escapes of characters that PostgreSQL cannot store in a text: NUL, and halves of surrogate pairs. */
const NO_TEXT = /\\u(?:0000|d[89a-f])/i;

/**
 * Reads a text of {@link writeRead}. Returns `null` for another text, such as one of a later release, and for one that the
 * database would refuse: no entry may stop the drain.
 */
export function parseRead(text: string): LoggedRead | null {
  try {
    const read = JSON.parse(text) as Partial<LoggedRead> | null;
    const { action, outcome, entity, requestId, at = -1, actor, data = {} } = read ?? {};
    const required = [action, outcome, entity?.type, requestId, actor ? actor.type : ''];
    const optional = [entity?.id, actor?.id, read?.onBehalf, read?.patientId, read?.purpose, read?.ipDigest];
    const isRead =
      required.every((part) => typeof part === 'string') &&
      optional.every((part) => part === undefined || part === null || typeof part === 'string') &&
      ['ok', 'refused', 'failed'].includes(outcome ?? '') &&
      Number.isInteger(at) &&
      at >= 0 &&
      at <= LAST_MS &&
      typeof data === 'object' &&
      !NO_TEXT.test(text);
    // The type is known: the fields were checked.
    return isRead ? (read as LoggedRead) : null;
  } catch {
    return null;
  }
}
