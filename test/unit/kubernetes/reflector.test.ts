import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, suite, test } from 'node:test';
import { ApiError } from '../../../src/kubernetes/client.ts';
import { startReflector } from '../../../src/kubernetes/reflector.ts';
import { answerWith, clientOf } from '../../support/fake-collection.ts';
import { until } from '../../support/until.ts';

suite('the reflector', () => {
  let reflector: ReturnType<typeof startReflector> | undefined;

  afterEach(() => reflector?.close());

  /** When each watch was asked for, in milliseconds since the first. */
  function start(open: (attempt: number) => IncomingMessage) {
    const watches: number[] = [];
    let lists = 0;
    let contacts = 0;
    const client = clientOf(
      () => {
        lists += 1;
        return { metadata: { resourceVersion: '1' }, items: [] };
      },
      () => {
        watches.push(performance.now());
        return open(watches.length);
      },
    );
    const ignore = () => undefined;
    reflector = startReflector({
      ...{ client, collection: { path: '/things' }, onObject: ignore, onDeleted: ignore },
      ...{ onListing: ignore, onListed: ignore },
      onHeartbeat: () => {
        contacts += 1;
      },
      onRestart: ignore,
    });
    return { watches, lists: () => lists, contacts: () => contacts, list: reflector.list };
  }

  function endAfter(ms: number): IncomingMessage {
    const response = new IncomingMessage(new Socket());
    setTimeout(() => response.destroy(new Error('cut')), ms).unref();
    return response;
  }

  test('waits no longer than at first after a watch that was held open', async () => {
    const { watches } = start((attempt) => {
      if (attempt < 6) {
        throw new ApiError(500, 'no luck');
      }
      return endAfter(attempt === 6 ? 1_200 : 60_000);
    });
    await until('the watch after the one that held', () => watches.length === 7);
    const [sixth = 0, seventh = 0] = watches.slice(-2);
    // The sixth delay in a row would have been four seconds at the least.
    assert.ok(seventh - sixth < 4_000, `${seventh - sixth} ms`);
  });

  test('has heard of the API server when a watch is taken on', async () => {
    const { contacts } = start(() => endAfter(60_000));
    await until('the list and the watch', () => contacts() === 2);
  });

  test('lists again when it is asked to, without a failure', async () => {
    const { watches, lists, list } = start(() => answerWith());
    await until('the watch', () => watches.length === 1);
    list();
    await until('the second watch', () => watches.length === 2);
    assert.equal(lists(), 2);
  });

  test('goes on from where it was after a cut, and lists anew after an end before its time', async () => {
    const { watches, lists } = start((attempt) => {
      if (attempt === 1) {
        return endAfter(0);
      }
      const response = new IncomingMessage(new Socket());
      if (attempt === 2) {
        response.push(null);
      }
      return response;
    });
    await until('the second watch', () => watches.length === 2);
    assert.equal(lists(), 1);
    await until('the third watch', () => watches.length === 3);
    assert.equal(lists(), 2);
  });
});
