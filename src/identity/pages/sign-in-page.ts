/** The pages of signing in: with address and password, with a mailed code or link, with an invitation. */
import { html } from 'hono/html';
import type { Markup, Page } from './layout.ts';

/** What may be filled in beforehand. Checked: nothing else from an address ever gets into a page. */
export interface Prefilled {
  tenant?: string | undefined;
  email?: string | undefined;
}

/** Address and password, or a code by mail. */
export function signInPage(prefilled: Prefilled): Page {
  return {
    title: 'Sign in',
    body: html`
      <form method="post" action="/sign-in/password">
        <label>E-mail address
          <input type="email" name="email" value="${prefilled.email ?? ''}" autocomplete="username" required maxlength="254" />
        </label>
        ${tenantField(prefilled.tenant)}
        <label>Password
          <input type="password" name="password" autocomplete="current-password" maxlength="1024" />
        </label>
        <button>Sign in</button>
        <button class="second" formaction="/sign-in/send-code">Mail me a code instead</button>
      </form>`,
  };
}

/** The code of a mail. `code` is filled in; that of a link is not shown. */
export function codePage({ code, tenant }: { code?: string | undefined; tenant?: string | undefined } = {}): Page {
  const isLink = code !== undefined && code.length > 8;
  return {
    title: isLink ? 'Sign in with your link' : 'Enter your code',
    body: html`
      ${isLink ? '' : html`<p>If the address has an account, a code or a link is in its mailbox. It is good in this browser only.</p>`}
      <form method="post" action="/sign-in/code">
        ${
          isLink
            ? html`<input type="hidden" name="code" value="${code}" />`
            : html`<label>Code
          <input name="code" value="${code ?? ''}" inputmode="numeric" autocomplete="one-time-code" required maxlength="40" />
        </label>`
        }
        <button>Sign in</button>
      </form>
      <h2>${isLink ? 'Another browser?' : 'No mail?'}</h2>
      <p class="soft">${
        isLink
          ? 'The link works in a browser that asked to sign in.'
          : 'Look into the folder for spam, and check the address and the name of the organization.'
      } <a href="${signInPath(tenant)}">Ask for a new code</a></p>`,
  };
}

/** The code of an invitation, which one press uses: opening the page uses nothing, so a scanner of mails may open it. */
export function invitationPage({ tenant, invitation }: { tenant: string; invitation: string }): Page {
  return {
    title: 'Accept your invitation',
    body: html`
      <p>You are invited to the organization <strong>${tenant}</strong>.</p>
      <form method="post" action="/sign-in/invitation">
        <input type="hidden" name="tenant" value="${tenant}" />
        <input type="hidden" name="invitation" value="${invitation}" />
        <button>Accept and sign in</button>
      </form>
      <h2>Signed in before?</h2>
      <p class="soft">The link is good once. <a href="${signInPath(tenant)}">Sign in with your address</a></p>`,
  };
}

function signInPath(tenant: string | undefined): string {
  return tenant === undefined ? '/sign-in' : `/sign-in?${new URLSearchParams({ tenant })}`;
}

function tenantField(tenant: string | undefined): Markup {
  return html`<label>Organization <small>its short name, needed at your first sign-in</small>
          <input name="tenant" value="${tenant ?? ''}" autocomplete="organization" autocapitalize="none" spellcheck="false" maxlength="40" />
        </label>`;
}
