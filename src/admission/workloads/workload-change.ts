import { isSameJson } from '../../json/equal.ts';
import { asArray, asObject, asString } from '../../json/json.ts';
import type { AdmissionRequest } from '../review.ts';
import { readWorkload, readWorkloadBefore, type Workload } from './workload.ts';

/** A workload that is created, or changed in what bears on the roles of its pods. */
export type WorkloadChange = Readonly<{
  namespace: string;
  /** Such as `Deployment`. */
  kind: string;
  after: Workload;
  /** Undefined where it is created. */
  before: Workload | undefined;
}>;

/**
 * Reads a change that gives cause for advice; undefined where the request is none such. What a controller owns is none:
 * whoever made the owner was advised. Nor is what is being deleted, nor what belongs to no namespace, since nobody knows
 * where its pods will be.
 */
export function parseWorkloadChange(request: AdmissionRequest): WorkloadChange | undefined {
  const { operation, resource, subresource, namespace, kind, object, oldObject } = request;
  const isUpdate = operation === 'UPDATE';
  if (!(isUpdate || operation === 'CREATE') || subresource !== '' || namespace === '') {
    return undefined;
  }
  const metadata = asObject(asObject(object)['metadata']);
  if (asString(metadata['deletionTimestamp']) !== '' || hasController(metadata['ownerReferences'])) {
    return undefined;
  }

  const after = readWorkload(resource, object);
  const before = isUpdate ? readWorkloadBefore(resource, oldObject) : undefined;
  if (after === undefined || (before !== undefined && isSameJson(after.relevant, before.relevant))) {
    return undefined;
  }
  return { namespace, kind, after, before };
}

function hasController(ownerReferences: unknown): boolean {
  return asArray(ownerReferences).some((owner) => asObject(owner)['controller'] === true);
}
