/** A fact in a list of facts (`dl`). */
import type { Child } from 'hono/jsx';

/** A fact with its name. */
export function Fact({ name, children }: { name: string; children?: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
