import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';

/** Attackers have machines of their own; here they share two cores with the webhook and the honest client. */
const LOW_PRIORITY = 10;

/** A helper process of the siege. Messages are JSON texts. */
export type Child = Readonly<{
  send: (message: object) => void;
  /** Resolves to the next message. @throws if the process ends before it */
  receive: () => Promise<string>;
  stop: () => Promise<void>;
}>;

/** Runs a TypeScript file of this folder as a process that ends with this one. */
export function startChild(file: string, args: readonly string[]): Child {
  const child: ChildProcess = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  setPriority(child.pid ?? 0, LOW_PRIORITY);
  const exited = once(child, 'exit');
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${file} ended: ${signal ?? code}`);
  });
  ended.catch(() => undefined);
  return {
    send: (message) => child.send(JSON.stringify(message)),
    receive: async () => {
      const [message] = await Promise.race([once(child, 'message'), ended]);
      return String(message);
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Calls with each message from the process that started this one, and ends when that does. */
export function onMessage(listener: (message: string) => void): void {
  process.on('message', (message) => listener(String(message)));
  process.once('disconnect', () => process.exit());
}
