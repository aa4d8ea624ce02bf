import { createMisspeltKeySearch, ROLE_ANNOTATION } from '../../admission/role-annotation.ts';
import { asObject, asString, own, pathOf, walkJson } from '../../json/json.ts';
import { type FilePosition, type FileProblem, toFileProblem } from '../../sources/files/objects.ts';
import { printable } from '../../text/printable.ts';
import type { Input } from '../manifests/inputs.ts';
import { type Manifest, readManifests } from '../manifests/objects.ts';
import type { PolicyView } from '../policy-view.ts';
import { decideCustomKind, decideOther, decidePod, decideWorkload, type PodsDecision } from './decide.ts';
import { checkedAs, findMistypedKind, toResource } from './kinds.ts';

/** Something that a person should see, at the line that it is about. */
export type Finding = Readonly<{ level: 'denied' | 'warning'; message: string; position: FilePosition }>;

/** An object that was checked. */
export type CheckedObject = Omit<PodsDecision, 'denials' | 'warnings'> &
  Readonly<{
    apiVersion: string;
    kind: string;
    /** Empty for a cluster-scoped object. */
    namespace: string;
    /** Empty if the API server would generate it. */
    name: string;
    position: FilePosition;
    findings: readonly Finding[];
  }>;

/** The objects of other kinds: how many of each. */
export type Skipped = Map<string, number>;

/**
 * Checks the objects of files one after another, and then the allowlists by which they were decided, of which it yields
 * those with warnings.
 *
 * @param namespace the namespace of objects that name none
 */
export async function* checkManifests(
  inputs: readonly Input[],
  { namespace, view }: Readonly<{ namespace: string; view: PolicyView }>,
  skipped: Skipped,
  problems: FileProblem[],
): AsyncGenerator<CheckedObject, void> {
  for (const input of inputs) {
    for (const manifest of readManifests(input, problems)) {
      const mistyped = findMistypedKind(manifest);
      const checked = mistyped === undefined ? await checkManifest(manifest, namespace, view) : undefined;
      if (mistyped !== undefined) {
        problems.push(toFileProblem(manifest, mistyped));
      } else if (checked !== undefined) {
        yield checked;
      } else {
        skipped.set(manifest.kind, (skipped.get(manifest.kind) ?? 0) + 1);
      }
    }
  }
  for (const input of view.allowlistInputs) {
    for (const manifest of readManifests(input, [])) {
      const isShown = checkedAs(manifest) === 'allowlist';
      const checked = isShown ? await checkManifest(manifest, namespace, view) : undefined;
      if (checked !== undefined && checked.findings.length > 0) {
        yield checked;
      }
    }
  }
}

/** Checks an object; undefined if it creates no pods and gives none a role. */
export async function checkManifest(
  manifest: Manifest,
  defaultNamespace: string,
  view: PolicyView,
): Promise<CheckedObject | undefined> {
  const as = checkedAs(manifest);
  const isClusterScoped = as === 'allowlist' || (as === 'injector' && manifest.kind === 'Selector');
  const namespace = manifest.namespace || (isClusterScoped ? '' : defaultNamespace);
  const decision = await decideAs(as, manifest, namespace, view);
  if (decision === undefined) {
    return undefined;
  }
  const { denials, warnings, ...decided } = decision;
  const { apiVersion, kind, name, value } = manifest;
  const metadata = asObject(value['metadata']);
  return {
    ...decided,
    ...{ apiVersion, kind, namespace, name: name || asString(metadata['generateName']) },
    position: manifest.positionOf([]),
    findings: [
      ...denials.map((message) => toFinding('denied', message, manifest)),
      ...warnings.map((message) => toFinding('warning', message, manifest)),
    ],
  };
}

async function decideAs(
  as: ReturnType<typeof checkedAs>,
  manifest: Manifest,
  namespace: string,
  view: PolicyView,
): Promise<PodsDecision | undefined> {
  const resource = toResource(manifest);
  const { kind, name, value: object } = manifest;
  const creation = { namespace, kind, name, object };
  switch (as) {
    case 'pod':
      return decidePod(creation, view);
    case 'workload':
      return decideWorkload(creation, resource, view);
    case 'custom-kind':
      return decideCustomKind(creation, resource, view);
    case 'injector':
      return decideOther(creation, resource, '/validate-injectors', view);
    case 'allowlist':
      return decideOther(creation, resource, '/validate-allowlists', view);
    case 'namespace':
    case 'nothing':
      return undefined;
  }
}

function toFinding(level: Finding['level'], message: string, manifest: Manifest): Finding {
  return { level, message, position: manifest.positionOf(findPath(message, manifest)) };
}

/** A message about an allowlist begins with the path of a field. */
const FIELD = /^spec\.\w+(?:\.\w+|\[\d+\])*/;

/**
 * The path that a message is about: a field that it begins with, else the annotation whose value or misspelt key it quotes,
 * else the first annotation, else the object.
 */
function findPath(message: string, { value, kind }: Manifest): readonly PropertyKey[] {
  const field = kind === 'RamRoleAllowlist' ? FIELD.exec(message)?.[0] : undefined;
  if (field !== undefined) {
    return field
      .split(/[.[\]]+/)
      .flatMap((key) => (key === '' ? [] : [/^\d+$/.test(key) ? Number(key) : key]));
  }
  const findMisspelt = createMisspeltKeySearch();
  let first: readonly PropertyKey[] | undefined;
  for (const node of walkJson(value)) {
    const key = node.keys.includes(ROLE_ANNOTATION) ? ROLE_ANNOTATION : findMisspelt(node.keys);
    if (key !== undefined) {
      const path = [...pathOf(node, Number.POSITIVE_INFINITY), key];
      const text = key === ROLE_ANNOTATION ? asString(own(asObject(node.value), key)) : key;
      if (message.includes(`"${printable(text)}"`)) {
        return path;
      }
      first ??= path;
    }
  }
  return first ?? [];
}
