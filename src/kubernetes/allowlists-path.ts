import { API_VERSION, KIND } from '../policy/allowlist.ts';

/** The path of all allowlists in the API. */
export const ALLOWLISTS_PATH = `/apis/${API_VERSION}/${KIND.toLowerCase()}s`;
