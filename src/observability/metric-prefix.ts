/** What the name of every metric of ours begins with. */
export const METRIC_PREFIX = 'eci_ram_role_webhook_';
