import { z } from 'zod';
import { allowlistSchema } from '../src/policy/schema/allowlist.ts';
import { COMPARED_WITH, type Subject } from '../src/policy/subject.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The reference of an allowlist's fields in Markdown, from the descriptions and bounds of its schema. */
export function buildFieldReference(): string {
  const spec: Schema = { ...z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' }) };
  return `# Fields of a RamRoleAllowlist

Generated from the schema by \`npm run generate\`; \`kubectl explain ramroleallowlist.spec\` says the same in a cluster.

| field of \`spec\` | meaning | compared with | form |
|---|---|---|---|
${rowsOf(spec, '').join('\n')}
`;
}

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

const FACTS: Readonly<Record<keyof Subject, string>> = {
  namespace: 'the namespace of the request',
  namespaceLabels: "the namespace's labels",
  serviceAccount: "the pod's ServiceAccount",
  requestedRole: 'the annotation',
  hasEciMarker: 'the ECI markers of pod and namespace',
  isMirrorPod: 'the mark of mirror pods',
};

function comparedWith(path: string): string {
  const [, fact] = Object.entries(COMPARED_WITH).find(([field]) => field === path) ?? [];
  return fact === undefined ? '' : FACTS[fact];
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
