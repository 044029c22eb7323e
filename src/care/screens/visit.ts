/** The kinds of pages: screens show, actions change. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { AppEnv } from '../../platform/http/index.ts';
import type { Api, Who } from './api.ts';

export type Router = OpenAPIHono<AppEnv>;

/** A request for a page by a signed-in caller. */
export interface Visit {
  c: Context<AppEnv>;
  api: Api;
  me: Who;
  /** ms since the epoch. */
  now: number;
  /** The fields of the form. Empty without a form. */
  fields: Readonly<Record<string, string>>;
}

/** The content of a page. */
export interface Page {
  /** The name of the page, without data of a patient: browsers keep titles in their history. */
  title: string;
  /** The heading. Default: the title. */
  heading?: Child;
  content: Child;
  /** The department whose visits the page shows live. */
  live?: string | undefined;
  /** `hallway` leaves out the menu and the names. */
  view?: 'hallway';
  /** Default 200. */
  status?: 200 | 400 | 403 | 409;
}

/** A page. The operations that it calls decide whether the caller may see it. */
export interface Screen {
  path: string;
  show(visit: Visit): Promise<Page>;
}

/** A change by a form. It returns the address of the next page, a page that asks again, or a file. */
export interface Action {
  path: string;
  act(visit: Visit): Promise<string | Page | Response>;
}
