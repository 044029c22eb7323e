/** Views whose reads are in the audit trail before they are shown; see docs/audit.md. */
import type { Context } from 'hono';
import type { AppEnv, AuditedRoute } from '../http/index.ts';

/** The declaration of such a view. */
export interface AuditedView<Input, Value> {
  /** The name of the read in the trail: `user.read`. */
  action: string;
  /** The kind of the row that is read: `user`. */
  entity: string;
  /** Returns the id of the row; none for a page. Default: `id` of the path. */
  idOf?(input: Input): string | undefined;
  /** Returns the patient whom the read concerns. */
  patientOf?(input: Input): string | undefined;
  /** Why the caller reads, for example a purpose of use of HL7: `TREAT`. */
  purpose?: string;
  /** `true`: the database has the entry before the answer is sent. Default: as `AUDIT_READS` says. */
  strict?: boolean;
  /** `true`: the entry waits for the value, because `load` calls `noteRead`. It costs 1 Redis request more. */
  late?: boolean;
  /** Returns the ids of the rows that a page shows, for its entry. It costs 1 Redis request more. */
  shown?(value: NonNullable<Value>): readonly string[];
}

/** Returns the declaration in the form that the gate needs. */
export function auditedRoute<Input, Value>(
  { action, entity, idOf, patientOf, purpose, strict = false, late = false, shown }: AuditedView<Input, Value>,
  claimedInput: (c: Context<AppEnv>) => Input | null,
): AuditedRoute {
  return {
    strict,
    late: timeOf({ late, shown }) === 'late',
    readOf(c) {
      const input = claimedInput(c);
      if (input === null) return null;
      const id = idOf ? idOf(input) : c.req.param('id');
      const patientId = patientOf?.(input);
      return {
        action,
        entity: { type: entity, ...(id === undefined ? {} : { id }) },
        ...(patientId === undefined ? {} : { patientId }),
        ...(purpose === undefined ? {} : { purpose }),
      };
    },
  };
}

/** Returns when the trail gets the entry: before the value is loaded, or after. */
export function timeOf({ late = false, shown }: { late?: boolean; shown?: unknown }): 'early' | 'late' {
  return late || shown !== undefined ? 'late' : 'early';
}
