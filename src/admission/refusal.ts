/** How a refusal is told to whoever sent the request, as in Kubernetes' `metav1.Status`. */
export type Refusal = Readonly<
  { message: string } & ({ code: 403; reason: 'Forbidden' } | { code: 400; reason: 'BadRequest' })
>;

/** Refuses what may not be. */
export function buildForbidden(message: string): Refusal {
  return { code: 403, reason: 'Forbidden', message };
}

/** Refuses what cannot be read. */
export function buildBadRequest(message: string): Refusal {
  return { code: 400, reason: 'BadRequest', message };
}
