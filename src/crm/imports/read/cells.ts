/** The cells of a row by field, and the reasons why fields of the row are left out. */
import type { ZodType } from 'zod';
import { OWN_SYSTEM } from './own-file.ts';
import type { Field, FilePlan, PlannedColumn, Problem } from './plan.ts';

/** A filled cell, with the column that says how to read it. */
export interface FilledCell {
  text: string;
  column: PlannedColumn;
}

/** Access to the cells of a row by their fields. */
export class Cells {
  readonly problems: Problem[] = [];
  readonly plan: FilePlan;
  readonly #filled: ReadonlyMap<Field, FilledCell[]>;

  constructor(plan: FilePlan, filled: ReadonlyMap<Field, FilledCell[]>) {
    this.plan = plan;
    this.#filled = filled;
  }

  /** The file was exported by this project, so its cells are values already. */
  get isExact(): boolean {
    return this.plan.system === OWN_SYSTEM;
  }

  /** The filled cells of a field, the best column first. */
  all(field: Field): FilledCell[] {
    return this.#filled.get(field) ?? [];
  }

  /** The text of the best filled cell of a field. */
  first(field: Field): string | undefined {
    return this.all(field)[0]?.text;
  }

  /** The value of an exported file; `undefined` for other files, and for a cell that another program has rewritten. */
  exact<Value>(field: Field, schema: ZodType<Value>): Value | undefined {
    return this.isExact ? schema.safeParse(this.first(field)).data : undefined;
  }

  /** Reports a field that is left out. Returns `undefined` as its value. */
  refuse(field: string, message: string): undefined {
    this.problems.push({ field, message });
    return undefined;
  }

  /** Returns the value in the form that the API's schema gives it; reports and leaves out what the schema refuses. */
  valid<Value>(field: string, value: unknown, schema: ZodType<Value>): Value | undefined {
    if (value === undefined) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    return this.refuse(field, parsed.error.issues[0]?.message ?? 'is not valid');
  }
}
