/** Whose the CA bundle and the data of the Secret are, in the managed fields of these objects. */
export const FIELD_MANAGER = 'eci-ram-role-webhook-ca';
