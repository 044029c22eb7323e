/** The stylesheet of the pages. It is a separate file, so that the content security policy can forbid inline styles. */
export const STYLE_PATH = '/sign-in/style.css';

export const STYLE = `:root {
  color-scheme: light dark;
  --back: #f4f4f2; --card: #fff; --text: #1c1c1a; --soft: #62625d; --line: #c9c9c3; --accent: #1f5f4f; --on: #fff;
  --bad: #a3261c; --bad-back: #fbecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #171716; --card: #222220; --text: #ececea; --soft: #a6a6a0; --line: #4a4a46; --accent: #6cc3ab; --on: #10201b;
    --bad: #ff9c92; --bad-back: #3a211e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 24px 16px; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 6vh auto 0; padding: 28px 24px; background: var(--card); border-radius: 10px; }
h1 { margin: 0 0 16px; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 28px 0 8px; padding-top: 20px; border-top: 1px solid var(--line); font-size: 1.05rem; }
p { margin: 0 0 16px; overflow-wrap: anywhere; }
label { display: block; margin: 0 0 14px; font-weight: 600; }
label small { display: block; font-weight: 400; color: var(--soft); }
input { display: block; width: 100%; margin-top: 4px; padding: 10px 12px; font: inherit; font-weight: 400; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: 6px; }
button { width: 100%; padding: 11px 16px; font: inherit; font-weight: 600; color: var(--on); background: var(--accent);
  border: 1px solid var(--accent); border-radius: 6px; cursor: pointer; }
button + button { margin-top: 10px; }
button.second { color: inherit; background: transparent; border-color: var(--line); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
dl { margin: 0 0 20px; }
dt { color: var(--soft); font-size: .9rem; }
dd { margin: 0 0 10px; overflow-wrap: anywhere; }
.problem { padding: 10px 12px; color: var(--bad); background: var(--bad-back); border-radius: 6px; }
.problem p, .problem ul { margin: 0; }
.problem ul { padding-left: 20px; }
.soft { color: var(--soft); font-size: .9rem; margin-bottom: 0; }
`;
