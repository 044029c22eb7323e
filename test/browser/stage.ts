/** A host behind a front, Chromium, and a tenant of each test's own with people and deals. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { key } from '../../src/platform/redis/index.ts';
import { newClientAddress } from '../support/client-address.ts';
import { startTestLambda } from '../support/lambda.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTenant } from '../support/tenant.ts';
import { startTestWorker } from '../support/worker.ts';
import { findChromium } from './chromium.ts';
import { type Front, startFront, toFunction, toServer } from './front.ts';

/** How long a page may take to show something, in ms. */
export const PATIENCE_MS = 60_000;

/** The board of a tab. */
export interface Board {
  page: Page;
  /** Errors in the console of the page, and errors that no code caught. */
  errors: string[];
  /** Waits until the tab is connected, and the deals are shown. */
  isLive(): Promise<void>;
  /** Waits until the deal is in the column. */
  hasDeal(id: string, stage: string): Promise<void>;
  /** Presses the button that moves the deal to the next stage. */
  moveOn(id: string): Promise<void>;
  /** The text of the connection's state. */
  state(text: string): Promise<void>;
  /** The lines of "Happening now", the newest first, without their time. */
  news(): Promise<string[]>;
}

/** A running host with a browser. */
export interface Stage {
  front: Front;
  /** Sends a request to the host, without a browser. */
  send: Send;
  /** Creates a tenant with deals in the stage `lead`. */
  tenant(): Promise<StageTenant>;
  /** Opens an empty page in a browser without a session. */
  newBrowser(options?: BrowserContextOptions): Promise<Page>;
  /** Opens a browser of its own in which the user has signed in. */
  signIn(person: Person, options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Opens the board in a new tab. */
  openBoard(context: BrowserContext): Promise<Board>;
  close(): Promise<void>;
}

/** A tenant, and what other programs do to it without passing the front. */
export interface StageTenant {
  people: [Person, Person];
  deals: [string, string, string];
  move(id: string, stage: string): Promise<void>;
  /** Removes the history of the topic `deals` from Redis, as an eviction does. */
  evictDeals(): Promise<void>;
}

type Send = (path: string, init: RequestInit) => Promise<Response>;

/** Starts everything. `variables` are settings of the host. */
export async function startStage(name: 'worker' | 'lambda', variables: Record<string, string> = {}): Promise<Stage> {
  const cloud = inject('cloud');
  const front = await startFront();
  const host = await startHost(name, front, variables);
  const browser: Browser = await chromium.launch({ executablePath: findChromium() ?? '' });

  async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    // The limits of sign-in count each address.
    const extraHTTPHeaders = { 'cf-connecting-ip': newClientAddress() };
    const context = await browser.newContext({ baseURL: front.url, extraHTTPHeaders, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  return {
    front,
    async tenant() {
      const { id, keys } = await createTenant(cloud.postgres.url);
      const person = () => addPerson(cloud.postgres.url, id);
      const call = async (path: string, method: string, body: object) => {
        const headers = { authorization: `Bearer ${keys.all}`, 'content-type': 'application/json' };
        const answer = await host.send(path, { method, headers, body: JSON.stringify(body) });
        expect(answer.status, path).toBeLessThan(300);
        return (await answer.json()) as { id: string };
      };
      const deal = async (title: string) => (await call('/deals', 'POST', { title, value: '1200.00' })).id;
      return {
        people: [await person(), await person()],
        deals: [await deal('Kelp nets'), await deal('Buoys'), await deal('Harbour lights')],
        move: async (dealId, stage) => void (await call(`/deals/${dealId}`, 'PATCH', { stage })),
        async evictDeals() {
          const { url, adminToken } = cloud.redisRest;
          const body = JSON.stringify(['DEL', key(id, 'feed', 'deals')]);
          const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${adminToken}` }, body });
          expect(await answer.json()).toEqual({ result: 1 });
        },
      };
    },
    newBrowser: async (options) => (await newContext(options)).newPage(),
    send: host.send,
    async signIn({ email, password, recoveryCodes }, options) {
      const context = await newContext(options);
      const headers = { origin: front.url };
      let answer = await context.request.post('/sign-in/password', { form: { email, password }, headers });
      const code = recoveryCodes.shift();
      if (code !== undefined) answer = await context.request.post('/sign-in/factor', { form: { code }, headers });
      expect(answer.url()).toBe(`${front.url}/welcome`);
      return context;
    },
    async openBoard(context) {
      const page = await context.newPage();
      const board = boardOf(page);
      await page.goto('/live');
      await board.isLive();
      return board;
    },
    async close() {
      await browser.close();
      front.close();
      await host.close();
    },
  };
}

async function startHost(
  name: 'worker' | 'lambda',
  front: Front,
  more: Record<string, string>,
): Promise<{ send: Send; close(): Promise<void> }> {
  const cloud = inject('cloud');
  const variables = { APP_URL: front.url, ...more };
  if (name === 'worker') {
    const worker = await startTestWorker(cloud, variables);
    front.handle(toServer(await worker.url()));
    return { send: worker.fetch, close: worker.close };
  }
  const lambda = await startTestLambda(cloud, { variables });
  front.handle(toFunction(lambda.fetch));
  return { send: lambda.fetch, close: lambda.close };
}

function boardOf(page: Page): Board {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  const card = (id: string, stage: string) => page.locator(`section[data-stage="${stage}"] li[data-id="${id}"]`);
  const state = (text: string) => page.locator('#state', { hasText: text }).waitFor();
  return {
    page,
    errors,
    state,
    async isLive() {
      await state('Live');
      await page.locator('#total:not(:empty)').waitFor();
    },
    hasDeal: (id, stage) => card(id, stage).waitFor(),
    moveOn: (id) => page.locator(`li[data-id="${id}"] button.on`).click(),
    async news() {
      const lines = await page.locator('#news li').allTextContents();
      return lines.map((line) => line.replace(/ \S+ [AP]M$/, ''));
    },
  };
}
