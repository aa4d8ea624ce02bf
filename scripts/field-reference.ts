import { z } from 'zod';
import { allowlistSchema } from '../src/policy/schema/allowlist.ts';
import { COMPARED_WITH } from '../src/policy/subject.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The API reference in Markdown; its table of fields comes from the descriptions and bounds of the schema. */
export function buildFieldReference(): string {
  const spec: Schema = { ...z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' }) };
  return `${INTRODUCTION}
## Fields

The schema generates this table (\`npm run generate\`). \`kubectl explain ramroleallowlist.spec\` shows the same fields in a cluster.

| field of \`spec\` | meaning | compared with | form |
|---|---|---|---|
${rowsOf(spec, '').join('\n')}
`;
}

const INTRODUCTION = `# API reference

A \`RamRoleAllowlist\` (\`eci-ram-role.io/v1alpha1\`) states which RAM roles the pods of some namespaces may name, and which role a
pod gets by default. It is cluster-scoped. The same object works in a file and in the cluster.

\`\`\`yaml
apiVersion: eci-ram-role.io/v1alpha1
kind: RamRoleAllowlist
metadata:
  name: payments
spec:
  namespaces: [payments]
  roles: [payments-reader, payments-writer]
  defaultRole: payments-reader
  contact: "#platform-payments"
\`\`\`

An allowlist *selects* a namespace by its name, by a pattern or by its labels. It *applies* to a pod if it selects the namespace,
covers the pod's ServiceAccount and has not expired.

* A role is allowed if any allowlist that applies allows it.
* The strictest \`violationAction\` of all allowlists that select the namespace counts, even of expired ones.
* The default role comes from the most specific allowlist that applies. An exact namespace comes before a pattern, a pattern
  before a selector. Then an allowlist with \`serviceAccounts\` comes before one without, and the rest is ordered by name.

## Decision

The webhook decides a pod when it is created. It asks these questions in this order. The reasons in parentheses appear in the log,
in the metrics and in the alerts.

\`\`\`mermaid
flowchart TD
  created["Pod is created"] --> readable{"Is the pod well-formed?"}
  readable -- no --> malformed["Deny with code 400 (malformed)"]
  readable -- yes --> names{"Does it name a role?"}

  names -- no --> hasDefault{"Does an allowlist that applies have a default for it?"}
  hasDefault -- no --> unchanged["Admit unchanged (no-role)"]
  hasDefault -- yes --> inject["Inject the default role (default)"]

  names -- yes --> isProtected{"Is the role protected?"}
  isProtected -- yes --> denyProtected["Deny (protected)"]
  isProtected -- no --> isAllowed{"Does an allowlist that applies allow it?"}
  isAllowed -- yes --> admit["Admit unchanged (allowed)"]
  isAllowed -- no --> isKnown{"Does the webhook know the namespace?"}
  isKnown -- no --> denyUnknown["Deny (unknown-namespace)"]
  isKnown -- yes --> isName{"Can a RAM role have this name?"}
  isName -- no --> stricter["Violation (invalid-name): the strictest action of the allowlists and of unlistedNamespaces"]
  isName -- yes --> isSelected{"Does an allowlist select the namespace?"}
  isSelected -- no --> unlisted["Violation (no-allowlist): the action of unlistedNamespaces"]
  isSelected -- yes --> hasExpired{"Did an allowlist that has expired allow it?"}
  hasExpired -- yes --> expired["Violation (expired): the strictest action of the allowlists"]
  hasExpired -- no --> notAllowed["Violation (not-allowed): the strictest action of the allowlists"]
\`\`\`

A default is for a pod that an allowlist targets: a pod with a marker of ECI, or every pod with \`injectInto: AllPods\` or
\`--eci-detection=all-pods\`. Mirror pods never get one.

A violation has one of these actions, the strictest first:

| action | before other mutating webhooks (\`/mutate-pods\`) | on the final pod (\`/validate-pods\`) |
|---|---|---|
| \`Deny\` | denies the pod with code 403 | the same |
| \`Strip\` | removes the annotation and adds a warning; then the pod gets a default role like a pod that names none | denies the pod with code 403 |
| \`Warn\` | admits the pod with a warning | the same |
| \`Audit\` | admits the pod | admits the pod; only an audit annotation shows the violation |

Only \`/mutate-pods\` injects a default role. The webhook never replaces a role with another one, except after \`Strip\`.

An allowlist and its first pods can be in the same file. Before the webhook denies or strips a role, it waits up to 300 ms for an allowlist
that allows it. A pod also waits for a default if its namespace is new, or if allowlists have just changed. A pod can still
[start without the default role](troubleshooting.md#a-pod-starts-without-the-default-role).

## The size of allowlists

The allowlists in a cluster are bounded, so that nobody who may write some of them can use up the memory of the webhook. The bound
is in entries:

| part of an allowlist | entries |
|---|---|
| the object itself | 16 |
| a namespace, a role or a ServiceAccount | 1 |
| a key or a value of \`namespaceSelector\` | 1 |
| a pattern with text after its first \`*\`, such as \`*-reader\` | 8 more |
| each further 64 characters of a text | 1 more |

The bound of all allowlists is the chart's value \`maxAllowlistEntries\`, 500,000 by default. Each \`listNamePrefix\` of a
[delegation](rbac-and-delegation.md#delegated) has a part of it, a tenth by default, and all other allowlists have the rest.

The webhook counts the allowlists of a part in the order of their names. From the one on that exceeds the bound, all are *over* it:

* An allowlist that is over selects its namespaces with \`Deny\`, allows nothing and injects nothing. Its condition \`Ready\` is \`False\`
  with the reason \`OverBound\`.
* If even the namespaces of those that are over take more than a quarter of the part, the webhook does not hold the last of
  them. It then denies in all namespaces of the delegation, or in every namespace for the other allowlists. This allowlist
  has the name \`team-a-*\` (the prefix) or \`*\` in messages.
* Allowlists of other parts are not affected. Every replica decides the same, because only the allowlists count.

Allowlists in files have no bound, because the admin who configures the server writes them.
`;

function rowsOf(schema: Schema, prefix: string): readonly string[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries({ ...(schema['properties'] as Record<string, Schema>) }).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const nested: Schema = field['type'] === 'array' ? { ...(field['items'] as object) } : field;
    const isRequired = required.includes(name) ? 'required, ' : '';
    return [
      `| \`${path}\` | ${cell(field['description'])} | ${comparedWith(path)} | ${isRequired}${cell(describeForm(field))} |`,
      ...rowsOf(nested, `${path}${field['type'] === 'array' ? '[]' : ''}.`),
    ];
  });
}

function comparedWith(path: string): string {
  const [, fact = ''] = Object.entries(COMPARED_WITH).find(([field]) => field === path) ?? [];
  return fact;
}

function describeForm(field: Schema): string {
  const { type, items, minItems, maxItems, maxLength, pattern, enum: words, default: fallback } = field;
  const parts = [
    type === 'array'
      ? `list of ${minItems ?? 0} to ${maxItems}: ${describeForm({ ...(items as object) })}`
      : '',
    Array.isArray(words) ? words.map((word) => `\`${word}\``).join(', ') : '',
    type === 'string' && words === undefined ? `text of up to ${maxLength} characters` : '',
    pattern === undefined ? '' : `\`${pattern}\``,
    type === 'object' ? 'object' : '',
    fallback === undefined ? '' : `default \`${fallback}\``,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function cell(value: unknown): string {
  return String(value ?? '').replaceAll('|', '\\|');
}

/** The table of fields in the README: the first sentence of each description, and the bounds. */
export function buildFieldTable(): string {
  const spec: Schema = { ...z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' }) };
  const rows = Object.entries({ ...(spec['properties'] as Record<string, Schema>) }).map(
    ([name, field]) => `| \`${name}\` | ${firstSentence(field['description'])} | ${describeBounds(field)} |`,
  );
  return ['| field | meaning | bounds |', '|---|---|---|', ...rows].join('\n');
}

/** The table of fields in the Chinese README, which leaves the meanings to the reference. */
export function buildChineseFieldTable(): string {
  const spec: Schema = { ...z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' }) };
  const rows = Object.entries({ ...(spec['properties'] as Record<string, Schema>) }).map(
    ([name, field]) => `| \`${name}\` | ${toChinese(describeBounds(field))} |`,
  );
  return ['| 字段 | 取值范围 |', '|---|---|', ...rows].join('\n');
}

function toChinese(bounds: string): string {
  return bounds
    .replace(/ to (\d+) entries/, ' 至 $1 项')
    .replace(' characters', ' 个字符')
    .replace(' (default)', '（默认）')
    .replaceAll(', ', '、');
}

function firstSentence(description: unknown): string {
  const [first = ''] = cell(description).split(/(?<=\.) /);
  return first;
}

function describeBounds({
  type,
  minItems,
  maxItems,
  maxLength,
  enum: words,
  default: fallback,
}: Schema): string {
  if (Array.isArray(words)) {
    return words.map((word) => (word === fallback ? `\`${word}\` (default)` : `\`${word}\``)).join(', ');
  }
  if (type === 'array') {
    return `${minItems ?? 0} to ${maxItems} entries`;
  }
  return maxLength === undefined ? '' : `${maxLength} characters`;
}
