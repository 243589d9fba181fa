import { z } from 'zod';

/** A name in the catalogue: RFC 1123, at most 63 characters, so it fits workflow ids and URLs as it is. */
export const Name = z
  .string()
  .max(63, 'expected at most 63 characters')
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected lower-case letters, digits and inner hyphens')
  .meta({ id: 'Name', description: 'RFC 1123 label, at most 63 characters' });

/** The name of a secret; its value lives in the environment or in the secrets folder, never in a document. */
export const SecretName = Name.meta({ id: 'SecretName', description: 'Name of a secret, looked up where it is used' });
