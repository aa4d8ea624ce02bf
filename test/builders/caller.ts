import assert from 'node:assert/strict';
import type { Caller } from '../../src/admission/route.ts';

/** For routes that do not ask who calls. */
export function noCaller(): Caller {
  return assert.fail('nobody asks who calls');
}

/** A caller at an address, and its departure. */
export function callerAt(address: string): Caller & Readonly<{ leave: () => void }> {
  const listeners: (() => void)[] = [];
  return {
    address,
    onGone: (listener) => void listeners.push(listener),
    leave: () => {
      for (const listener of listeners.splice(0)) {
        listener();
      }
    },
  };
}
