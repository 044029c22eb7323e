/** A column whose field is being decided. */
import type { Contents } from './content.ts';
import type { Named } from './meaning.ts';
import type { Field } from './plan.ts';

/** A column while its field is being decided. */
export interface Candidate extends Named {
  column: string;
  folded: string;
  contents: Contents;
  field: Field | null;
  rank: number;
  reason: string;
  /** The caller has chosen the field. */
  isMapped: boolean;
}
