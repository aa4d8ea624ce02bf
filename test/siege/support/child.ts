import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';

/** A helper process of the siege. Messages are JSON texts. */
export type Child = Readonly<{
  send: (message: object) => void;
  /** Resolves to the next message, parsed. @throws if the process ends before it */
  receive: () => Promise<unknown>;
  stop: () => Promise<void>;
}>;

/** Runs a TypeScript file as a process that does not outlive this one. */
export function startChild(file: string, args: readonly string[]): Child {
  const child: ChildProcess = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const messages = on(child, 'message');
  const exited = once(child, 'exit');
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${file} ended: ${signal ?? code}`);
  });
  ended.catch(() => undefined);
  return {
    send: (message) => child.send(JSON.stringify(message)),
    receive: async () => {
      const { value = [] } = await Promise.race([messages.next(), ended]);
      return JSON.parse(String(value[0]));
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Sends a message to the process that started this one. */
export function sendToParent(message: unknown): void {
  process.send?.(JSON.stringify(message));
}

/** Calls with each message from the process that started this one, and ends when that does. */
export function onMessage(listener: (message: string) => void): void {
  process.on('message', (message) => listener(String(message)));
  process.once('disconnect', () => process.exit());
}
