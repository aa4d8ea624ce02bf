import { isDeepStrictEqual } from 'node:util';
import type { ReviewCase } from '../reviews.ts';

/** A request ready to be sent again and again, and the check of each answer to it. */
export type PreparedRequest = Readonly<{
  bytes: Buffer;
  /** @throws where it is not the right answer */
  check: (status: number, body: Buffer) => void;
}>;

/** Prepares the request of a review. The first answer is checked for what it means, the others to be the same bytes. */
export function prepareRequest({ bodyFor, patch }: ReviewCase, uid: string): PreparedRequest {
  const body = bodyFor(uid);
  let right: Buffer | undefined;
  return {
    bytes: Buffer.from(
      `POST /mutate-pods?timeout=3s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\nContent-Length: ${Buffer.byteLength(body)}\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n${body}`,
    ),
    check: (status, answer) => {
      if (status !== 200) {
        throw new Error(`expected status 200, found ${status}: ${answer}`);
      }
      if (right === undefined) {
        checkMeaning(answer, uid, patch);
        right = Buffer.from(answer);
      } else if (!right.equals(answer)) {
        throw new Error(`expected the same answer as before, found: ${answer}`);
      }
    },
  };
}

function checkMeaning(answer: Buffer, uid: string, patch: unknown): void {
  const { response } = JSON.parse(answer.toString());
  const found = {
    uid: response.uid,
    allowed: response.allowed,
    patch: response.patch === undefined ? undefined : JSON.parse(atob(response.patch)),
  };
  if (!isDeepStrictEqual(found, { uid, allowed: true, patch })) {
    throw new Error(`expected the answer to ${uid}, found: ${answer}`);
  }
}
