import { asObject, type JsonObject } from '../../json/json.ts';
import { type Pod, parsePod } from '../pod.ts';
import type { FindMisspeltKey } from './misspelt-key.ts';
import { findRrsa } from './rrsa.ts';

/** A map of a workload in which the role of its pods is named, or would be. */
export type RolePlace = Readonly<{
  /** Where the map lies in the object, such as `spec.template.metadata.annotations`. */
  path: string;
  /** Undefined where no role is named, or none that can be judged yet. */
  role: string | undefined;
  /** A key of the map that was probably meant to name the role. */
  misspeltKey: string | undefined;
  /** Tells whether it is for pods, as far as that can be told. */
  isForPods: boolean;
  /** The ServiceAccount of the pods; undefined where it may be any. */
  serviceAccount: string | undefined;
  /** What the pods will be, where it is known how they are made. */
  pod: Pod | undefined;
  /** What shows that the pods get a role by RRSA as well. */
  rrsa: string | undefined;
}>;

/** The place of a pod template of a kind that makes pods by nothing else; undefined where no API server would take the template's annotations. */
export function readPodTemplate(
  template: JsonObject,
  path: string,
  findMisspeltKey: FindMisspeltKey,
): RolePlace | undefined {
  const metadata = asObject(template['metadata']);
  const spec = asObject(template['spec']);
  const parsed = parsePod({ metadata, spec });
  const pod = parsed.ok ? parsed.value : undefined;
  return (
    pod && {
      path,
      role: pod.requestedRole,
      misspeltKey:
        pod.requestedRole === undefined
          ? findMisspeltKey(Object.keys(asObject(metadata['annotations'])))
          : undefined,
      isForPods: true,
      serviceAccount: pod.serviceAccount,
      pod,
      rrsa: findRrsa(asObject(metadata['labels']), spec),
    }
  );
}

/** A path without what tells the members of a list apart, which move when others come and go. */
export function withoutIndices(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[]');
}
