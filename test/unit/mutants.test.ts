/** The tool behind `npm run mutants`: its changes, and those that a seed draws. */
import { describe, expect, test } from 'vitest';
import { draw } from '../mutants/draw.ts';
import { luaMutants } from '../mutants/lua-mutants.ts';
import { applyMutant, describeChange, LEAST_OF_A_ROOM, type Mutant, nameMutants, ROOMS } from '../mutants/mutant.ts';
import { readSources } from '../mutants/sources.ts';

const SCRIPT = `const first = script('one', \`
-- Returns 1 if it is == 2.
if redis.call('GET', KEYS[1]) == ARGV[1] and not gone then
  redis.call('DEL', KEYS[1])
  return 1
end
return \${LATER} + 2
\`);

function run() {
  return first.run(redis, []);
}
`;

describe('a script', () => {
  const mutants = luaMutants('src/platform/locks/one.ts', SCRIPT);
  const changed = (mutator: string) =>
    mutants
      .filter((each) => each.mutator === mutator)
      .map((each) => applyMutant(SCRIPT, each).split('\n')[each.start.line]?.trim());

  test('is changed in its operators, conditions, numbers and calls', () => {
    expect(changed('LuaEquality')).toEqual(["if redis.call('GET', KEYS[1]) ~= ARGV[1] and not gone then"]);
    expect(changed('LuaLogic')).toEqual(["if redis.call('GET', KEYS[1]) == ARGV[1] or not gone then"]);
    expect(changed('LuaNot')).toEqual(["if redis.call('GET', KEYS[1]) == ARGV[1] and gone then"]);
    expect(changed('LuaCondition')).toEqual(['if true then', 'if false then']);
    expect(changed('LuaCall')).toEqual(['']);
    expect(changed('LuaArithmetic')).toEqual([`return \${LATER} - 2`]);
    expect(changed('LuaNumber')).toEqual(['return 2', `return \${LATER} + 3`]);
  });

  test('is not changed in its comments, in its quoted texts, or outside its borders', () => {
    expect(mutants.filter(({ start }) => start.line < 2 || start.line > 6)).toEqual([]);
  });

  test('is reached where its declared name is used', () => {
    const sources = readSources(new Map([['src/platform/locks/one.ts', SCRIPT]]));
    expect(sources.declarationAt('src/platform/locks/one.ts', { line: 3, column: 0 })).toBe('first');
    expect(sources.usesOf('first')).toEqual([{ file: 'src/platform/locks/one.ts', line: 10 }]);
  });
});

describe('a mutant', () => {
  const source = 'one\nif (a < b) {\n  stop();\n}\n';
  const bare = {
    mutator: 'BlockStatement',
    start: { line: 1, column: 11 },
    end: { line: 3, column: 1 },
    replacement: '{}',
  };

  test('shows the lines that it changes', () => {
    const [mutant] = nameMutants('src/platform/cache/one.ts', source, [bare]);
    expect(mutant && describeChange(source, mutant)).toBe('- if (a < b) {\n-   stop();\n- }\n+ if (a < b) {}');
  });

  test('keeps its id when it moves, and differs from the same change elsewhere', () => {
    const moved = { ...bare, start: { line: 2, column: 11 }, end: { line: 4, column: 1 } };
    const twice = { ...bare, start: { line: 4, column: 11 }, end: { line: 6, column: 1 } };
    const [before] = nameMutants('src/platform/cache/one.ts', source, [bare]);
    const [after, other] = nameMutants('src/platform/cache/one.ts', `one\n${source}if (a < b) {\n  stop();\n}`, [
      moved,
      { ...twice, start: { line: 5, column: 11 }, end: { line: 7, column: 1 } },
    ]);
    expect(after?.id).toBe(before?.id);
    expect(other?.id).not.toBe(before?.id);
  });
});

describe('a draw', () => {
  const rooms = [...ROOMS, 'others'];
  const all = Array.from({ length: 4_000 }, (_, at): Mutant => {
    const room = at < 3_500 ? 'others' : (rooms[at % ROOMS.length] ?? '');
    const place = { line: at, column: 0 };
    return { id: `id-${at}`, file: 'src/one.ts', room, mutator: 'One', start: place, end: place, replacement: '' };
  });

  test('has the requested number of mutants, and enough of each room', () => {
    const drawn = draw(all, '1', 300);
    expect(new Set(drawn).size).toBe(300);
    for (const room of ROOMS) {
      expect(drawn.filter((each) => each.room === room).length, room).toBeGreaterThanOrEqual(LEAST_OF_A_ROOM);
    }
  });

  test('is the same for the same seed and any order of the mutants, and differs for another seed', () => {
    const drawn = draw(all, '1', 300);
    expect(draw(all.toReversed(), '1', 300)).toEqual(drawn);
    expect(draw(all, '2', 300)).not.toEqual(drawn);
  });

  test('begins with mutants of all rooms', () => {
    const first = draw(all, '1', 300).slice(0, rooms.length);
    expect(first.map(({ room }) => room)).toEqual(rooms);
  });
});
