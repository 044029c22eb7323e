/** A column whose field is being decided. */
import type { Field as CustomField } from '../../fields/field.ts';
import type { Contents } from './content.ts';
import type { Named } from './meaning.ts';
import type { Field, Question } from './plan.ts';

/** A column while its field is being decided. */
export interface Candidate extends Named {
  column: string;
  folded: string;
  contents: Contents;
  field: Field | null;
  /** The custom field that the column fills. */
  custom: CustomField | null;
  rank: number;
  reason: string;
  /** The caller has chosen the field. */
  isMapped: boolean;
  /** The question about the column as one of a custom field. */
  question: Question | null;
}
