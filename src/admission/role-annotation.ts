import { editDistance, MAX_TYPOS } from '../text/edit-distance.ts';

/** The annotation that names the RAM role of an ECI pod; ECI reads it when it creates the pod's instance. */
export const ROLE_ANNOTATION = 'k8s.aliyun.com/eci-ram-role-name';

/** The paths of a JSON Patch to the map of annotations, and to this annotation. */
export const ANNOTATIONS_PATH = '/metadata/annotations';
export const ROLE_PATH = `${ANNOTATIONS_PATH}/${ROLE_ANNOTATION.replaceAll('/', '~1')}`;

/** More keys of nearly the right length are in no honest object, and each costs a comparison. */
const MAX_COMPARED_KEYS = 256;

/** Leaves room for as many invisible characters as the key has letters. */
const MAX_COMPARED_LENGTH = 2 * ROLE_ANNOTATION.length;

/** Other names that people give it, in small letters alone: without the prefix, in camel case or with other separators. */
const OTHER_NAMES: ReadonlySet<string> = new Set(['eciramrolename', 'ramrolename', 'eciramrole']);

/** Their prefixes. A longer one is another key that ends so, such as Spark's for the annotations of a driver. */
const PREFIX = /^([a-z0-9-]+\.){0,2}(aliyun|alicloud|alibabacloud)\.com\/$/i;

const OF_KEYS = /^[a-z0-9./_-]+$/;
const NOT_OF_KEYS = /[^a-z0-9./_-]/g;

/**
 * Finds the first of a map's keys that was probably meant to be the annotation's; undefined where there is none. In a map
 * that may hold something else than annotations, a key without a prefix counts for nothing.
 */
export type FindMisspeltKey = (keys: readonly string[], isOfAnnotations?: boolean) => string | undefined;

/** Creates the search through the maps of one object. Keys of another length cost nothing. */
export function createMisspeltKeySearch(): FindMisspeltKey {
  let compared = 0;
  let examined = 0;
  return (keys, isOfAnnotations = true) =>
    keys.find((key) => {
      const mayBeOtherName = key.length <= MAX_COMPARED_LENGTH && /ram/i.test(key);
      if (mayBeOtherName && examined < MAX_COMPARED_KEYS) {
        examined += 1;
        if (isOtherName(key, isOfAnnotations)) {
          return true;
        }
      }
      const isCandidate =
        key.length >= ROLE_ANNOTATION.length - MAX_TYPOS &&
        key.length <= MAX_COMPARED_LENGTH &&
        key !== ROLE_ANNOTATION;
      if (!isCandidate || compared === MAX_COMPARED_KEYS) {
        return false;
      }
      compared += 1;
      return editDistance(fold(key), ROLE_ANNOTATION, MAX_TYPOS) <= MAX_TYPOS;
    });
}

function isOtherName(key: string, isOfAnnotations: boolean): boolean {
  const start = key.lastIndexOf('/') + 1;
  const isPrefixed = start === 0 ? isOfAnnotations : PREFIX.test(key.slice(0, start));
  return (
    isPrefixed &&
    key !== ROLE_ANNOTATION &&
    OTHER_NAMES.has(key.slice(start).toLowerCase().replaceAll(/[-_.]/g, ''))
  );
}

/** Finds a label by which somebody probably wanted to name the role; undefined where there is none. */
export function findRoleLabel(
  labels: readonly string[],
  findMisspeltKey: FindMisspeltKey,
): string | undefined {
  return labels.find((key) => key === ROLE_ANNOTATION) ?? findMisspeltKey(labels);
}

/** The key as another program may read it: in ASCII and lower case, and without whitespace and invisible characters. */
function fold(key: string): string {
  return OF_KEYS.test(key) ? key : key.normalize('NFKC').toLowerCase().replaceAll(NOT_OF_KEYS, '');
}
