/** The kinds of pages: screens show, questions ask before an action, actions change. */
import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { AppEnv, Caller, Right, Scope, TenantScope } from '../platform/http/index.ts';
import type { ConsoleParts } from './addresses.ts';

/**
 * A request for a page, before its caller is verified. A page may start reads at this point; their results are used
 * only if the caller turns out to have the right.
 */
export interface Asking {
  c: Context<AppEnv>;
  scope: Scope;
  tenant: TenantScope;
  parts: ConsoleParts;
  /** ms since the epoch. */
  now: number;
}

/** A request whose caller may see the console. */
export interface Visit extends Asking {
  caller: Caller;
  /** Whether the caller may use the forms of the page: has the right, and has proved a second factor. */
  mayAct: boolean;
  /** Whether the caller's tenant operates the service, and so may see and change data that concerns all tenants. */
  isOperator: boolean;
}

/** A screen. */
export interface Screen {
  title: string;
  /** The right that the screen needs in addition to `console:view`. */
  access?: Right;
  /** The topics whose events change the page, at most 20. Default: `jobs`, and for operators `service`. */
  topics?(visit: Visit): readonly string[];
  /**
   * Starts the reads that join the gate's request to Redis. The returned function makes the page, for a verified caller.
   */
  open(asking: Asking): (visit: Visit) => Promise<Child>;
}

/** An outcome that the next page reports. */
export interface Outcome {
  /** The code of a sentence in `outcome.ts`. */
  done: string;
  /** The number in the sentence. */
  count?: number;
  /** The page to show, if it is not the one with the form. */
  to?: string;
}

/** A question before an action. */
export interface Question {
  title: string;
  /** Returns the question: what the action will do, and to how many things, and the text of the button. */
  ask(visit: Visit): Promise<{ text: Child; button: string; fields?: Readonly<Record<string, string>> }>;
}

/**
 * An action, which adds its own entry to the audit trail. `fields` are those of the form. An action whose entry cannot be
 * written must reject.
 */
export type Action = (visit: Visit, fields: Readonly<Record<string, string>>) => Promise<Outcome>;

/**
 * Starts a read whose result may never be used: if the gate refuses the caller, a failure of the read must not end the
 * process.
 */
export function early<Value>(read: Promise<Value>): Promise<Value> {
  read.catch(() => {});
  return read;
}
