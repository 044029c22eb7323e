/** The emulator's clock: order, waiting for tasks, and errors. */
import { describe, expect, test, vi } from 'vitest';
import { runningClock, testClock } from '../../../../dev/qstash/clock.ts';
import { HOUR, MINUTE, SECOND, useQstash } from '../../../support/qstash.ts';

describe('a clock of its own', () => {
  test('runs due tasks at their time, in order of time and then of registration', async () => {
    const clock = testClock(0);
    const ran: [string, number][] = [];
    const task = (name: string) => () => {
      ran.push([name, clock.now()]);
    };
    clock.at(20, task('c'));
    clock.at(10, task('a'));
    clock.at(10, task('b'));
    clock.at(31, task('never'));
    await clock.advance(30);
    expect(ran).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 20],
    ]);
    expect(clock.now()).toBe(30);
    expect(clock.waiting()).toEqual({ count: 1, next: 31 });
  });

  test('keeps the order of registration among many tasks due together', async () => {
    const clock = testClock(0);
    const ran: number[] = [];
    for (let n = 0; n < 100; n++) clock.at(10, () => void ran.push(n));
    await clock.advance(10);
    expect(ran).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('waits for tasks, and for tasks started by them, before it moves on', async () => {
    const clock = testClock(0);
    const ran: string[] = [];
    clock.at(10, async () => {
      await Promise.resolve();
      ran.push(`first at ${clock.now()}`);
      clock.at(15, async () => {
        await Promise.resolve();
        ran.push(`second at ${clock.now()}`);
      });
    });
    clock.at(20, () => {
      ran.push(`third at ${clock.now()}`);
    });
    await clock.advance(100);
    expect(ran).toEqual(['first at 10', 'second at 15', 'third at 20']);
  });

  test('handles calls of advance one after the other', async () => {
    const clock = testClock(0);
    const seen: number[] = [];
    for (const due of [5, 15, 25]) clock.at(due, () => Promise.resolve().then(() => void seen.push(clock.now())));
    await Promise.all([clock.advance(10), clock.advance(10), clock.advance(10)]);
    expect(seen).toEqual([5, 15, 25]);
    expect(clock.now()).toBe(30);
  });

  test('passes on the error of a task, and goes on after it', async () => {
    const clock = testClock(0);
    clock.at(1, () => Promise.reject(new Error('later')));
    clock.at(2, () => {
      throw new Error('at once');
    });
    await expect(clock.advance(1)).rejects.toThrow('later');
    await expect(clock.advance(1)).rejects.toThrow('at once');
    await clock.advance(1);
  });

  test('keeps ten thousand timers in order', async () => {
    const clock = testClock(0);
    const ran: number[] = [];
    for (let n = 0; n < 10_000; n++) {
      const due = (n * 7_919) % 10_007;
      clock.at(due, () => void ran.push(due));
    }
    await clock.advance(10_007);
    expect(ran).toHaveLength(10_000);
    expect(ran).toEqual([...ran].sort((a, b) => a - b));
  });

  test('starts nothing after it has been stopped', async () => {
    const clock = testClock(0);
    const task = vi.fn();
    clock.at(1, task);
    clock.stop();
    clock.at(2, task);
    clock.start(task);
    await clock.advance(10);
    expect(task).not.toHaveBeenCalled();
  });

  test('fires by itself if it runs, and can be moved ahead', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      const clock = runningClock();
      const ran: string[] = [];
      clock.at(clock.now() + 2 * SECOND, () => void ran.push('second'));
      clock.at(clock.now() + SECOND, () => void ran.push('first'));
      clock.at(clock.now() + 100 * 24 * HOUR, () => void ran.push('far'));
      vi.advanceTimersByTime(SECOND);
      expect(ran).toEqual(['first']);
      vi.advanceTimersByTime(SECOND);
      expect(ran).toEqual(['first', 'second']);
      await clock.advance(100 * 24 * HOUR);
      expect(ran).toEqual(['first', 'second', 'far']);
      clock.stop();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('in the emulator', () => {
  const bench = useQstash();

  test('half an hour of retries takes no time and leaves no timers', async () => {
    bench.answerTo['/bad'] = { status: 500 };
    await bench.client.publish({ url: `${bench.url}/bad`, failureCallback: `${bench.url}/failed` });
    await bench.qstash.clock.advance(40 * MINUTE);
    expect(bench.paths()).toEqual(['/bad', '/bad', '/bad', '/bad', '/failed']);
    expect(bench.qstash.clock.waiting().count).toBe(0);
    expect(bench.qstash.state().counts).toMatchObject({ messages: 0, sending: 0, waitingToSend: 0 });
  });

  test('a message published by an endpoint during its call is delivered before the clock moves on', async () => {
    bench.answerTo['/bad'] = { status: 500 };
    await bench.client.publish({ url: `${bench.url}/first`, delay: 10, callback: `${bench.url}/second` });
    await bench.client.publish({ url: `${bench.url}/third`, delay: 11 });
    await bench.qstash.clock.advance(MINUTE);
    expect(bench.paths()).toEqual(['/first', '/second', '/third']);
  });

  test('closing cuts requests under way', async () => {
    bench.hold();
    await bench.client.publish({ url: bench.url });
    await bench.arrived(1);
    await bench.qstash.close();
    await bench.qstash.clock.settle();
    expect(bench.delivered).toHaveLength(1);
  });
});
