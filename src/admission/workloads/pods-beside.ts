import { asObject, isObject, type JsonObject, own } from '../../json/json.ts';
import type { Step } from './walk-maps.ts';

/** What stands beside a map of annotations tells of the pods that it is for. */
export type PodsBeside = Readonly<{
  /** Tells whether it is for pods at all, as far as that can be told: a Job or a claim inside an object has annotations too. */
  isForPods: boolean;
  /** Tells whether `spec` is the pods' own, which names their ServiceAccount. */
  isTemplate: boolean;
  labels: JsonObject;
  /** The spec of the pods, or what is known of it. */
  spec: JsonObject;
}>;

/** Reads what stands beside a map inside an object. */
export function readPodsBeside({ key, parent }: Step): PodsBeside {
  const isMetadata = key === 'annotations' && parent?.key === 'metadata';
  const beside = asObject(parent?.value);
  const labels = asObject(beside['labels']);
  if (!isMetadata) {
    return { isForPods: true, isTemplate: false, labels, spec: specOfPart(beside) };
  }

  const holder = asObject(parent.parent?.value);
  const spec = own(holder, 'spec');
  if (!isObject(spec)) {
    return { isForPods: true, isTemplate: false, labels, spec: specOfPart(holder) };
  }
  return Object.hasOwn(spec, 'containers')
    ? { isForPods: true, isTemplate: true, labels, spec }
    : { isForPods: false, isTemplate: false, labels: {}, spec: {} };
}

/** A part of an object that has what a pod has: the driver of a SparkApplication has `env`, the template of a Workflow `container` or `script`. */
function specOfPart(part: JsonObject): JsonObject {
  const { container, script, initContainers, volumes } = part;
  return { containers: [part, container, script], initContainers, volumes };
}
