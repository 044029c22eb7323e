/**
 * The arithmetic of `Upstash-Retry-Delay`, e.g. `pow(2, retried) * 1000`: numbers, the variable `retried`, + - * / and
 * parentheses, and a fixed list of functions. The file evaluates expressions by recursive descent and does not use
 * `eval`.
 */

const FUNCTIONS: Record<string, (...args: number[]) => number> = {
  pow: Math.pow,
  exp: Math.exp,
  sqrt: Math.sqrt,
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
  min: Math.min,
  max: Math.max,
};

/** The maximum length of an expression, which limits the recursion of nested parentheses. */
const MAX_LENGTH = 1_000;

/** The error for an expression that cannot be evaluated. */
export class ExpressionError extends Error {
  readonly code = 'invalid_expression';
}

/**
 * Evaluates a retry-delay expression to milliseconds.
 *
 * @param retried the number of earlier retries: 0 for the delay before the first retry
 * @throws ExpressionError if the expression cannot be evaluated
 */
export function evaluateRetryDelay(expression: string, retried: number): number {
  if (expression.length > MAX_LENGTH) throw new ExpressionError(`retry delay is longer than ${MAX_LENGTH} characters`);
  const tokens = expression.match(/\d+(?:\.\d+)?|[a-z]+|\S/gi) ?? [];
  let at = 0;

  const fail = (): never => {
    throw new ExpressionError(`cannot read retry delay at ${tokens[at] ?? 'its end'}: ${expression}`);
  };
  const accept = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string): void => {
    if (!accept(token)) fail();
  };

  function sum(): number {
    let value = product();
    for (;;) {
      if (accept('+')) value += product();
      else if (accept('-')) value -= product();
      else return value;
    }
  }

  function product(): number {
    let value = operand();
    for (;;) {
      if (accept('*')) value *= operand();
      else if (accept('/')) value /= operand();
      else return value;
    }
  }

  function operand(): number {
    if (accept('-')) return -operand();
    if (accept('(')) {
      const value = sum();
      expect(')');
      return value;
    }
    if (accept('retried')) return retried;
    const token = tokens[at] ?? fail();
    if (/^\d/.test(token)) {
      at += 1;
      return Number(token);
    }
    return call(token);
  }

  function call(name: string): number {
    const apply = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (apply === undefined) return fail();
    at += 1;
    expect('(');
    const args = [sum()];
    while (accept(',')) args.push(sum());
    expect(')');
    return apply(...args);
  }

  const value = sum();
  if (at !== tokens.length || !Number.isFinite(value)) fail();
  return Math.max(0, value);
}
