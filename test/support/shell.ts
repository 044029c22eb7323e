/** A bash that runs one command after another, with the variables and functions of the commands before. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

export interface Ran {
  status: number;
  /** The text that the command printed, on both outputs. */
  output: string;
}

export interface Shell {
  run(command: string): Promise<Ran>;
  close(): Promise<void>;
}

/** Starts a bash in a folder, with these variables and no others except those that programs need. */
export function openShell(cwd: string, variables: Readonly<Record<string, string>>): Shell {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn('bash', ['--noprofile', '--norc'], {
    cwd,
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...variables },
    stdio: ['pipe', 'pipe', 'ignore'],
    // With a group of its own, what the commands leave running ends with the shell.
    detached: true,
  });
  const exited = new Promise<void>((done) => child.once('close', () => done()));
  let text = '';
  let heard = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    heard();
  });
  child.stdin.write('exec 2>&1; shopt -s expand_aliases\n');
  return {
    async run(command) {
      const mark = randomUUID();
      text = '';
      const ended = new RegExp(`^([^]*)${mark} (\\d+)\n$`);
      child.stdin.write(`${command}\necho "${mark} $?"\n`);
      for (;;) {
        const [, output, status] = ended.exec(text) ?? [];
        if (output !== undefined) return { output, status: Number(status) };
        await Promise.race([
          new Promise<void>((done) => {
            heard = done;
          }),
          exited.then(() => Promise.reject(new Error(`The shell ended in: ${command}\n${text}`))),
        ]);
      }
    },
    async close() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await exited;
    },
  };
}
