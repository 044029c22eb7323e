/** `/live`: a pipeline board that updates itself. It demonstrates the feeds in local mode; a deployment answers 404. */
import { answerError, answerNotFound, createRouter, gate, ProblemError, scripted } from '../../platform/http/index.ts';
import { livePage } from './page.ts';

export const liveRoutes = createRouter();

liveRoutes.onError((error, c) => {
  if (error instanceof ProblemError && error.code === 'NOT_AUTHENTICATED') return c.redirect('/sign-in', 303);
  return answerError(error, c);
});

liveRoutes.use('/live', (c, next) =>
  c.var.scope.environment.HOLDFAST_MODE === 'local' ? next() : Promise.resolve(answerNotFound(c)),
);

liveRoutes.get('/live', gate({ access: 'crm:read' }), scripted(), (c) => {
  c.header('cache-control', 'no-store');
  return c.html(livePage(c.var.caller.userId));
});
