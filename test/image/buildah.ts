import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

/** Runs buildah and returns its standard output; throws, with all it said, on any exit code but 0. */
export type Buildah = (command: string, ...args: readonly string[]) => string;

/** What of an image the tests look at. */
export type ImageConfig = Readonly<{
  User: string;
  Env: readonly string[];
  Entrypoint: readonly string[];
  Labels: Readonly<Record<string, string>>;
}>;

/** buildah with storage of its own below a directory. Throws one line where it is missing, or may not do its work. */
export function createBuildah(directory: string): Buildah {
  if (spawnSync('buildah', ['--version']).status !== 0) {
    throw new Error('buildah is missing: install it with "apt-get install buildah"');
  }
  if (process.getuid?.() !== 0) {
    throw new Error('building and mounting an image needs root');
  }
  // Plain directories need nothing of the kernel that a container might not have.
  const storage = ['--storage-driver=vfs', `--root=${join(directory, 'root')}`];
  return (command, ...args) => {
    const { status, stdout, stderr } = spawnSync(
      'buildah',
      [...storage, `--runroot=${join(directory, 'runroot')}`, command, ...args],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    if (status !== 0) {
      throw new Error(`buildah ${command} ended with code ${status}: ${stdout}${stderr}`);
    }
    return stdout.trim();
  };
}

/** The configuration of an image, as a container engine reads it. */
export function readImageConfig(buildah: Buildah, image: string): ImageConfig {
  return JSON.parse(buildah('inspect', '--type=image', image)).OCIv1.config;
}

/** The size of an image as buildah tells it, such as `168 MB`. */
export function readImageSize(buildah: Buildah, image: string): string {
  return buildah('images', '--format={{.Size}}', image);
}
