import { type CollectionTag, type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

const texts = z.array(z.string());
const pieces = z.array(
  z.union([z.string().transform((text) => [text, 1] as const), z.tuple([z.string(), z.number()])]),
);

/** What one phase is expected to answer. What stands here by default follows from the outcome: see test/cases/README.md. */
const expectation = z
  .strictObject({
    outcome: z.enum(['allow', 'inject', 'strip', 'deny', 'warn', 'audit']),
    reason: z.string(),
    /** The role that the patch sets. */
    role: z.string().optional(),
    allowlists: texts.default([]),
    conflictsWith: texts.default([]),
    /** The kind of hint, then its value if it has one. */
    hint: z.string().optional(),
    /** The allowlist whose expiry the warning announces. */
    expiring: z.string().optional(),
    /** Parts that the message or the warning has, and has not. */
    shows: texts.default([]),
    hides: texts.default([]),
    /** The audit annotations that differ from those that the outcome implies. */
    audit: z.record(z.string(), z.string()).default({}),
  })
  .refine(({ outcome, role }) => outcome !== 'inject' || role !== undefined, {
    message: 'expected the role that is injected, found none',
    path: ['role'],
  })
  .refine(({ outcome, role }) => outcome === 'inject' || outcome === 'strip' || role === undefined, {
    message: 'expected no role beside an outcome that sets none',
    path: ['role'],
  });

const caseFile = z.strictObject({
  name: z.string(),
  namespace: z.unknown().optional(),
  pod: z
    .strictObject({
      role: z.unknown(),
      labels: z.unknown(),
      annotations: z.unknown(),
      serviceAccount: z.unknown(),
      metadata: z.unknown(),
      spec: z.unknown(),
    })
    .partial()
    .optional(),
  object: z.unknown().optional(),
  request: z.record(z.string(), z.unknown()).optional(),
  without: texts.optional(),
  recorded: z.string().optional(),
  allowlists: z.array(z.looseObject({ name: z.string() })),
  settings: z
    .strictObject({
      unlistedNamespaces: z.enum(['Deny', 'Strip', 'Warn', 'Audit']).default('Deny'),
      protectedRoles: texts.default(['KubernetesMasterRole-*', 'KubernetesWorkerRole-*']),
      eciDetection: z.enum(['markers', 'all-pods']).default('markers'),
    })
    .prefault({}),
  now: z.string().default('2026-11-25T10:00:00Z'),
  mutate: expectation,
  validate: expectation,
});

export type CaseFile = z.output<typeof caseFile>;
export type Expectation = CaseFile['mutate'];

/** `!text [a, [b, 3]]` is the text `abbb`: long values stay short in a case. */
const textTag: CollectionTag = {
  tag: '!text',
  collection: 'seq',
  resolve: (sequence, onError) => {
    const { data } = pieces.safeParse(sequence.toJSON());
    if (data === undefined) {
      onError('!text: expected texts and pairs of a text and a number');
    }
    return (data ?? []).map(([text, times]) => text.repeat(times)).join('');
  },
};

/**
 * Parses a case.
 *
 * @throws {Error} if it is no YAML, has a key that no case has or lacks one that every case has, with `file:line`
 */
export function parseCaseFile(text: string, file: string): CaseFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, customTags: [textTag], prettyErrors: false });
  const at = (offset: number) => `${file}:${lineCounter.linePos(offset).line}`;
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    throw new Error(mistakes.map(({ message, pos }) => `${at(pos[0])}: ${message}`).join('\n'));
  }

  const { data, error } = caseFile.safeParse(document.toJS());
  if (error) {
    const problems = error.issues.map((issue) => {
      const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
      return `${at(startOf(document, path))}: ${path.join('.')}: ${issue.message}`;
    });
    throw new Error(problems.join('\n'));
  }
  return data;
}

/** Where the last key of a path stands; where its nearest parent stands if the key is absent. */
function startOf(document: Document, path: readonly PropertyKey[]): number {
  const key = path.at(-1);
  if (key === undefined) {
    return 0;
  }
  const parentPath = path.slice(0, -1);
  const parent = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  const pair = isMap(parent) && parent.items.find((item) => isScalar(item.key) && item.key.value === key);
  const start = pair && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
  return start ?? startOf(document, parentPath);
}
