/** The annotation that names the RAM role of an ECI pod; ECI reads it when it creates the pod's instance. */
export const ROLE_ANNOTATION = 'k8s.aliyun.com/eci-ram-role-name';
