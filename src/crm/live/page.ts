/** The frame of the board. Its script, `browser/board.ts`, fills the lists from the API. */
import { html } from 'hono/html';
import { stages } from '../deals/schema.ts';

/** Returns the page. `userId` is `null` for an API key. */
export function livePage(userId: string | null) {
  return html`<!doctype html>
<html lang="en" data-user="${userId ?? ''}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Pipeline · Holdfast</title>
    <link rel="stylesheet" href="/live/board.css" />
    <script type="module" src="/live/board.js"></script>
  </head>
  <body>
    <a class="skip" href="#board">Skip to the board</a>
    <header>
      <h1>Pipeline</h1>
      <p id="total" class="soft"></p>
      <ul id="people" aria-label="People who look at this board"></ul>
      <p id="state" role="status" data-state="connecting"><span></span>Connecting</p>
      <form method="post" action="/sign-out" id="sign-out"><button>Sign out</button></form>
    </header>
    <noscript><p class="banner">This page needs JavaScript, because it updates itself.</p></noscript>
    <p id="problem" class="banner" role="alert" hidden></p>
    <main id="board" tabindex="-1">
      ${stages.map(
        (stage) => html`<section data-stage="${stage}" aria-labelledby="stage-${stage}">
        <h2 id="stage-${stage}">${stage}<span class="count"></span></h2>
        <p class="value soft"></p>
        <ul class="cards" aria-labelledby="stage-${stage}"></ul>
        <p class="more soft"></p>
      </section>`,
      )}
    </main>
    <aside>
      <section aria-labelledby="news-title">
        <h2 id="news-title">Happening now</h2>
        <ol id="news" aria-live="polite"></ol>
      </section>
      <section aria-labelledby="inbox-title">
        <h2 id="inbox-title">Your notifications<span class="count" id="unread"></span></h2>
        <ol id="inbox" aria-live="polite"></ol>
      </section>
    </aside>
  </body>
</html>
`;
}
