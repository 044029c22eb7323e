export interface Mail {
  subject: string;
  text: string;
  html: string;
}
export interface Mailer {
  send(mail: Mail & { to: string; idempotencyKey: string }): Promise<void>;
}
export function createMailer({ url, token, from }: { url: string; token: string; from: string }): Mailer {
  return {
    async send({ to, subject, text, html }) {
      await fetch(`${url}/emails`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ from, to, subject, text, html }),
      });
    },
  };
}
export const signInCodeMail = ({ code }: { code: string; lifeMs: number }): Mail => ({
  subject: 'Your code',
  text: code,
  html: code,
});
export const invitationMail = (_: { name: string; company: string; appUrl: string }): Mail => ({
  subject: 'Invitation',
  text: 'x',
  html: 'x',
});
export const passwordChangedMail = (_: { name: string; at: Date }): Mail => ({
  subject: 'Password changed',
  text: 'x',
  html: 'x',
});
