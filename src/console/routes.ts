/** `/console`: the addresses of the console. The pages are in `pages.tsx`. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type AppEnv, createRouter, ProblemError, problemOf, scripted } from '../platform/http/index.ts';
import {
  ACTIONS,
  type ActionName,
  type ConsoleParts,
  QUESTIONS,
  type QuestionName,
  SCREENS,
  type ScreenName,
} from './addresses.ts';
import { act, showProblem, showQuestion, showScreen } from './pages.tsx';

/** Creates the routes. */
export function consoleRoutes(parts: ConsoleParts): OpenAPIHono<AppEnv> {
  const router = createRouter();
  router.onError((error, c) => {
    // A browser without a session is redirected to the sign-in page.
    if (error instanceof ProblemError && error.code === 'NOT_AUTHENTICATED') return c.redirect('/sign-in', 303);
    return showProblem(c, problemOf(error, c));
  });

  const asPage = scripted({ swaps: true });
  for (const [name, path] of Object.entries(SCREENS) as [ScreenName, string][]) {
    router.get(path, asPage, (c) => showScreen(c, name, parts));
  }
  for (const [name, path] of Object.entries(QUESTIONS) as [QuestionName, string][]) {
    router.get(path, asPage, (c) => showQuestion(c, name, parts));
  }
  for (const [name, path] of Object.entries({ ...ACTIONS, ...QUESTIONS }) as [ActionName, string][]) {
    router.post(path, asPage, (c) => act(c, name, parts));
  }
  return router;
}
