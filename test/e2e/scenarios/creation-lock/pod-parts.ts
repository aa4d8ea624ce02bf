/** The one container of a pod whose resources can be changed later. */
export const CONTAINER = { name: 'test', image: 'centos:7', ...resources('1') };

/** The part of a spec that changes the container's resources. */
export const resized = (cpu: string) => ({ containers: [{ name: CONTAINER.name, ...resources(cpu) }] });

/** The part of a spec that adds an ephemeral container. */
export const debugContainer = (name: string) => ({
  ephemeralContainers: [{ name, image: 'centos:7', terminationMessagePolicy: 'File' }],
});

function resources(cpu: string) {
  return { resources: { limits: { cpu }, requests: { cpu } } };
}
