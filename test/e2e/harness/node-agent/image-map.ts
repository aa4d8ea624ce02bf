/** What happens when a container of an image is to be started. */
export type Image =
  /** A real process, in a root of its own: see container-root.ts. */
  | ProcessImage
  /** Reported as running and ready at once, without a process: for the workloads of tenants. */
  | { run: 'pretend' }
  /** Reported as having run to its end with exit code 0: for jobs and init containers. */
  | { run: 'succeeds' }
  /** Waits for ever in ImagePullBackOff, like an image that does not exist. */
  | { run: 'never-starts' };

/** What a Dockerfile would say. */
export type ProcessImage = {
  run: 'process';
  /** COPY: path in the container → file or directory of this machine, mounted read-only. */
  files?: Record<string, string>;
  /** ENTRYPOINT; a container's `command` takes its place, its `args` follow it. */
  entrypoint: string[];
  /** CMD: what follows the entrypoint when the container has neither `command` nor `args`. */
  command?: string[];
  /** ENV. */
  env?: Record<string, string>;
  /** WORKDIR; / when left out. */
  workingDir?: string;
  /** USER, as a number; 0 when left out. A securityContext takes its place. */
  user?: number;
};

/**
 * Image name → what to run; `*` in a name stands for any text, and the longest name that matches wins. It is read at
 * each start of a container, so a scenario may change it. An image that no name matches is pretended.
 */
export type ImageMap = Record<string, Image>;

const unknownImage: Image = { run: 'pretend' };

/** Finds what to do for the image that a container names. */
export function resolveImage(images: ImageMap, image: string): Image {
  const names = Object.keys(images).filter((name) => matches(name, image));
  names.sort((a, b) => b.length - a.length);
  return images[names[0] ?? ''] ?? unknownImage;
}

function matches(name: string, image: string): boolean {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(image);
}
